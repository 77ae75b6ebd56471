/**
 * The story of a team's admin in German on a telephone, end to end: real Dovecots, the real daemon, real Chromium. She
 * lets a colleague in, copies two addresses as a wave, prints the report; the colleague may do what she was given.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { deliverByLmtp } from '../lab/lmtp.ts';
import { launchBrowser, screens } from './browser.ts';
import { keptPicture } from './kept-picture.ts';
import { type RealPortal, startRealPortal } from './real-portal.ts';

const users = ['anna', 'bela', 'clara'].map((name) => ({ name, password: `the password of ${name}` }));

let portal: RealPortal;
let browser: Browser;
let teamId: string;
beforeAll(async () => {
  [portal, browser] = await Promise.all([
    startRealPortal({
      users,
      team: 'Berg',
      fill: async (old) => {
        for (const { name } of users)
          for (let n = 1; n <= 4; n++)
            await deliverByLmtp(
              old,
              name,
              `From: b@example.net\r\nSubject: ${n}\r\nMessage-ID: <${name}${n}@example.net>\r\n\r\nHallo.\r\n`,
            );
      },
    }),
    launchBrowser(),
  ]);
  const { teams } = (await (await portal.api('GET', '/teams')).json()) as { teams: { id: string }[] };
  teamId = teams[0]?.id ?? '';
  const rights = { rights: ['view', 'move', 'plan', 'people'] };
  const given = await portal.api('PUT', `/teams/${teamId}/people/anna%40example.org`, rights);
  expect(given.status).toBe(204);
});
afterAll(async () => {
  await browser?.close();
  await portal?.stop();
});

async function signIn(name: string): Promise<Page> {
  const context = await browser.newContext({
    baseURL: portal.origin,
    locale: 'de-DE',
    viewport: screens.phone,
  });
  const page = await context.newPage();
  await page.goto('/');
  await page.getByLabel('E-Mail-Adresse').fill(`${name}@example.org`);
  await page.getByLabel('Passwort', { exact: true }).fill(`the password of ${name}`);
  await page.getByRole('button', { name: 'Anmelden' }).click();
  await page.getByRole('heading', { name: 'Berg', level: 1 }).waitFor();
  return page;
}

const tab = (page: Page, name: string) => page.getByRole('link', { name, exact: true }).click();

test('an admin on a telephone gives rights, copies two addresses as a wave, and prints the report', async () => {
  const page = await signIn('anna');
  await page.getByText('0 von 3 Adressen sind drüben.').waitFor();

  await tab(page, 'Personen');
  await page.getByLabel('E-Mail-Adresse').fill('bela@example.org');
  await page.getByRole('button', { name: 'Hinzufügen' }).click();
  await page.getByText('Gesichert.').waitFor();
  const belas = page.getByRole('group', { name: /^bela@example\.org/ });
  await belas.getByLabel('Wellen planen').click();
  const rightsOfBela = async (): Promise<readonly string[]> => {
    const answer = await portal.api('GET', `/teams/${teamId}/people`);
    const { people } = (await answer.json()) as { people: { login: string; rights: string[] }[] };
    return people.find(({ login }) => login === 'bela@example.org')?.rights ?? [];
  };
  await expect.poll(async () => (await rightsOfBela()).toSorted()).toEqual(['move', 'plan', 'view']);
  await keptPicture(page, 'team-telephone-people');

  await tab(page, 'Adressen');
  for (const name of ['bela', 'clara']) await page.getByLabel(`${name}@example.org auswählen`).check();
  await page.getByRole('button', { name: 'Umziehen …' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('Erst kopieren und parallel nutzen').click();
  await dialog.getByText('Nach und nach, als Welle').click();
  await dialog.getByLabel('Name der Welle').fill('Die ersten von Berg');
  await dialog.getByText('2 Adressen beginnen.').waitFor();
  await keptPicture(page, 'team-telephone-wave-dialog');
  await dialog.getByRole('button', { name: '2 Adressen planen' }).click();
  await dialog.waitFor({ state: 'detached' });

  await tab(page, 'Wellen');
  const wave = page.getByRole('listitem').filter({ hasText: 'Die ersten von Berg' });
  await wave.getByRole('heading').waitFor();
  await wave.getByRole('button', { name: /^Ändern/ }).click();
  await page.getByLabel(/^Höchstens so viele je Stunde/).fill('600');
  await page.getByRole('button', { name: 'Sichern' }).click();
  await wave.getByText('600', { exact: true }).waitFor();
  await keptPicture(page, 'team-telephone-wave');

  await tab(page, 'Adressen');
  // Without a reload.
  await page.getByText('2 von 3 Adressen sind drüben.').waitFor({ timeout: 120_000 });
  await keptPicture(page, 'team-telephone-table');
  await page.getByRole('link', { name: 'clara@example.org' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Anhalten' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Weitermachen' }).waitFor();
  await keptPicture(page, 'team-telephone-drawer');
  await page.getByRole('dialog').getByRole('button', { name: 'Weitermachen' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Anhalten' }).waitFor();
  await page.getByRole('dialog').getByRole('button', { name: 'Schließen' }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });

  await tab(page, 'Bericht');
  await page.getByRole('heading', { name: 'Bericht: Berg' }).waitFor();
  await page.getByText('8 von', { exact: false }).first().waitFor();
  await keptPicture(page, 'team-telephone-report');
  await page.emulateMedia({ media: 'print' });
  expect(await page.getByRole('button', { name: 'Drucken' }).isVisible()).toBe(false);
  const sheet = await page.pdf({ format: 'A4' });
  expect(sheet.toString('latin1').match(/\/Type\s*\/Page\b/g)).toHaveLength(1);
  const folder = resolve(import.meta.dirname, '../../test-output/portal');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'team-telephone-report.pdf'), sheet);
  await page.context().close();
}, 300_000);

test('who was given rights by her uses them, and gives none', async () => {
  const page = await signIn('bela');
  await page.getByLabel('anna@example.org auswählen').check();
  await page.getByRole('button', { name: 'Umziehen …' }).waitFor();
  const answer = await page.evaluate<number>(
    `fetch('/api/v1/teams/${teamId}/people/clara%40example.org', { method: 'PUT', headers: { 'content-type': 'application/json' }, body: '{"rights":["view"]}' }).then((r) => r.status)`,
  );
  expect(answer).toBe(404);
  expect(await (await portal.api('GET', `/teams/${teamId}/people`)).text()).not.toContain('clara');
  await keptPicture(page, 'team-telephone-colleague');
  await page.context().close();
}, 120_000);
