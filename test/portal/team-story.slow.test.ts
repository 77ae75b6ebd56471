/**
 * The stories of a team's admin and of the operator, end to end: real Dovecots, the real daemon, real Chromium. The
 * admin copies some addresses of the team and watches them come across, in English, and sees others arrive, in German; the
 * operator sets up a second factor first.
 */
import { createHmac } from 'node:crypto';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { accountsCsv } from '../lab/installation.ts';
import { deliverByLmtp } from '../lab/lmtp.ts';
import { launchBrowser, screens } from './browser.ts';
import { keptPicture } from './kept-picture.ts';
import { readyInTime } from './ready-in-time.ts';
import { type RealPortal, startRealPortal } from './real-portal.ts';

const users = ['anna', 'bela', 'clara'].map((name) => ({ name, password: `the password of ${name}` }));
const operator = { login: 'operator@provider.example', password: 'the password of the operator' };

/** A list is read anew at most each five seconds; what comes later came only because the page asks each 20. */
const withinMs = 12_000;

let portal: RealPortal;
let browser: Browser;
let teamId: string;
beforeAll(async () => {
  [portal, browser] = await Promise.all([
    startRealPortal({
      users,
      team: 'Berg',
      more: ({ dir }) =>
        `[old.discovery]\nkind = "passwd-file"\nfile = "${join(dir, 'users')}"\ndomain = "example.org"\nevery_seconds = 2\n`,
      fill: async (old) => {
        for (const { name } of users)
          for (let n = 1; n <= 5; n++)
            await deliverByLmtp(
              old,
              name,
              `From: b@example.net\r\nSubject: ${n}\r\nMessage-ID: <${name}${n}@example.net>\r\n\r\nHello.\r\n`,
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
  expect((await portal.api('POST', '/operators', { ...operator, enrol: false })).status).toBe(201);
});
afterAll(async () => {
  await browser?.close();
  await portal?.stop();
});

const en = { locale: 'en-GB', login: 'E-mail address', password: 'Password', signIn: 'Sign in' };
const de = { locale: 'de-DE', login: 'E-Mail-Adresse', password: 'Passwort', signIn: 'Anmelden' };

async function signIn(login: string, password: string, words = en) {
  const { locale } = words;
  const context = await browser.newContext({ baseURL: portal.origin, locale, viewport: screens.desktop });
  const page = await context.newPage();
  await page.goto('/');
  await page.getByLabel(words.login).fill(login);
  await page.getByLabel(words.password, { exact: true }).fill(password);
  await page.getByRole('button', { name: words.signIn }).click();
  return { context, page };
}

test('the admin of a team copies two of three addresses and sees them come across', async () => {
  const { context, page } = await signIn('anna@example.org', 'the password of anna');
  await page.getByRole('heading', { name: 'Berg' }).waitFor();
  await page.getByText('0 of 3 addresses are across.').waitFor();
  await readyInTime(page, `/teams/${teamId}`, '[role=row] [role=checkbox], [role=table] input');
  for (const name of ['bela', 'clara']) await page.getByLabel(`Select ${name}@example.org`).check();
  await page.getByRole('button', { name: 'Move …' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('Copy first and use both').click();
  await dialog.getByText('2 addresses will start.').waitFor();
  await dialog.getByRole('button', { name: 'Start 2 addresses' }).click();
  await dialog.waitFor({ state: 'detached' });
  // Without a reload.
  await page.getByText('2 of 3 addresses are across.').waitFor({ timeout: 90_000 });
  await page.getByRole('link', { name: 'bela@example.org' }).click();
  await page.getByRole('dialog').getByText('Both servers are in step.').first().waitFor();
  // Another one's subjects are not hers to read.
  expect(await page.getByRole('dialog').getByText('Carried last').count()).toBe(0);
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });

  // Paused, and on again; planned, and not after all.
  const stateOf = async (name: string): Promise<string> => {
    const { accounts } = (await (await portal.api('GET', `/teams/${teamId}/accounts`)).json()) as {
      accounts: { address: string; state: string; scheduledFor: string | null }[];
    };
    const found = accounts.find(({ address }) => address === `${name}@example.org`);
    return found?.scheduledFor == null ? (found?.state ?? '') : 'planned';
  };
  const select = (name: string) => page.getByLabel(`Select ${name}@example.org`).check();
  await select('bela');
  await page.getByRole('button', { name: 'Pause', exact: true }).click();
  await expect.poll(() => stateOf('bela')).toBe('paused');
  await page.getByRole('button', { name: 'Go on' }).click();
  await expect.poll(() => stateOf('bela'), { timeout: 30_000 }).toBe('across');
  await page.getByRole('button', { name: 'Clear selection' }).click();
  await select('anna');
  await page.getByRole('button', { name: 'Move …' }).click();
  await dialog.getByText(/^Tonight at/).click();
  await dialog.getByRole('button', { name: 'Plan 1 address' }).click();
  await expect.poll(() => stateOf('anna')).toBe('planned');
  await select('anna');
  await page.getByRole('button', { name: 'Do not start' }).click();
  await expect.poll(() => stateOf('anna')).toBe('waiting');

  const downloading = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Download as CSV' }).click();
  const csv = readFileSync(await (await downloading).path(), 'utf8')
    .trimEnd()
    .split('\r\n');
  expect(csv).toHaveLength(4);
  const columns = csv[0]?.split(',') ?? [];
  const bela = csv.find((line) => line.startsWith('bela@example.org,'))?.split(',') ?? [];
  const told = Object.fromEntries(columns.map((column, n) => [column, bela[n]]));
  expect(told).toMatchObject({ state: 'across', messagesTotal: '5', messagesDone: '5', refused: '0' });
  await keptPicture(page, 'team-table');

  await page.getByRole('link', { name: 'Report' }).click();
  await page.getByRole('heading', { name: 'Report: Berg' }).waitFor();
  await context.close();
}, 240_000);

test('an address that is made on old, and one that the operator enters, come into an open page by themselves', async () => {
  const { context, page } = await signIn('anna@example.org', 'the password of anna', de);
  await page.getByRole('heading', { name: 'Berg' }).waitFor();
  // Freshly read, twice: when it is opened, and once more for what happened before it listened. Now it would ask again by
  // itself only after 20 seconds.
  let lists = 0;
  page.on('response', (response) => {
    if (new URL(response.url()).pathname.endsWith(`/${teamId}/accounts`)) lists++;
  });
  await page.reload();
  await expect.poll(() => lists, { timeout: 15_000 }).toBeGreaterThanOrEqual(2);
  await page.evaluate("window.opened = 'once'");
  await page.getByText('2 von 3 Adressen sind drüben.').waitFor();
  const makeOnOld = (name: string) => {
    const file = join(portal.old.dir, 'users');
    const of = (one: string) => `${one}:`;
    const line = readFileSync(file, 'utf8')
      .split('\n')
      .find((one) => one.startsWith(of('anna')));
    appendFileSync(file, `${line?.replaceAll('anna', name)}\n`);
  };
  const appears = (name: string) =>
    page.getByRole('link', { name: `${name}@example.org` }).waitFor({ timeout: withinMs });

  makeOnOld('dora');
  await appears('dora');
  await page.getByText('2 von 4 Adressen sind drüben.').waitFor({ timeout: withinMs });

  const entered = await portal.api('POST', '/accounts/import', [
    { address: 'emil@example.org', team: 'Berg', old_login: 'emil', new_login: 'emil' },
  ]);
  expect(entered.status).toBe(200);
  makeOnOld('emil');
  await appears('emil');
  await page.getByText('2 von 5 Adressen sind drüben.').waitFor({ timeout: withinMs });
  // What nobody has counted is not said to be across.
  await page.getByText(/^100\s%\sdes Gezählten, 3 Adressen noch nicht gezählt$/).waitFor();
  expect(await page.getByRole('row').filter({ hasText: 'emil@' }).textContent()).toContain(
    'noch nicht gezählt',
  );
  await page.getByRole('button', { name: /^Alle 5$/ }).waitFor();
  await page.getByRole('button', { name: /^Wartet 3$/ }).waitFor();
  expect(await page.evaluate('window.opened')).toBe('once');
  await keptPicture(page, 'team-desktop-arrivals');
  await context.close();
}, 120_000);

test('somebody without rights for the team does not find it', async () => {
  const { context, page } = await signIn('clara@example.org', 'the password of clara');
  await page.getByRole('heading', { name: 'My mailbox' }).waitFor();
  await page.goto(`/teams/${teamId}`);
  await page.getByRole('alert').waitFor();
  expect(await page.getByText('bela@example.org').count()).toBe(0);
  await context.close();
}, 120_000);

test('the operator sets up a second factor before anything else, and then sees the fleet', async () => {
  const { context, page } = await signIn(operator.login, operator.password);
  await page.getByText('Before you go on, please set up an authenticator.').waitFor();
  await page.goto('/harbour/audit');
  await page.getByRole('button', { name: 'Set up an authenticator' }).click();
  const secret = ((await page.locator('code').first().textContent()) ?? '').replaceAll(' ', '');
  await page.getByLabel('Code that it shows now').fill(codeOf(secret, Date.now()));
  await page.getByRole('button', { name: 'Confirm' }).click();
  await page.getByText('Your authenticator is set up.').waitFor();
  await page.getByRole('link', { name: 'Harbour' }).first().click();
  await page.getByText(/of 5 accounts are in step or across/).waitFor();
  await page.getByRole('link', { name: 'Servers' }).click();
  const slider = page.getByRole('slider', { name: 'Messages a second' }).first();
  await slider.focus();
  await page.keyboard.press('Home');
  await page.getByText('In force.', { exact: true }).first().waitFor();
  const budget = (await (await portal.api('GET', '/servers/old/budget')).json()) as {
    messagesPerSecond: number;
  };
  expect(budget.messagesPerSecond).toBe(1);
  await page.getByRole('link', { name: 'Audit log' }).click();
  await page.getByText(operator.login).first().waitFor();

  // What is entered elsewhere appears by itself.
  await page.getByRole('link', { name: 'Accounts', exact: true }).click();
  await page.getByRole('link', { name: 'clara@example.org' }).waitFor();
  const list = join(mkdtempSync(join(tmpdir(), 'mailferry-list-')), 'accounts.csv');
  writeFileSync(list, accountsCsv([{ name: 'frida', password: 'the password of frida' }], 'Berg'), {
    mode: 0o600,
  });
  await portal.verb('accounts', 'import', list);
  rmSync(dirname(list), { recursive: true });
  await page.getByRole('link', { name: 'frida@example.org' }).waitFor({ timeout: 15_000 });
  await context.close();
}, 120_000);

/** RFC 6238 with the usual values, as authenticators do it. */
function codeOf(secret: string, nowMs: number): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = [...secret].map((c) => alphabet.indexOf(c).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(nowMs / 30_000)));
  const mac = createHmac('sha1', key).update(counter).digest();
  const at = (mac.at(-1) ?? 0) & 15;
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}
