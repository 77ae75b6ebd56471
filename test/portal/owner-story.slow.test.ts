/**
 * The story of a mailbox's owner, end to end: real Dovecots, the real daemon, real Chromium. Anna signs in with the
 * password of her mailbox, copies, watches, pauses, goes on, and sees a new letter follow.
 */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { deliverByLmtp } from '../lab/lmtp.ts';
import { launchBrowser } from './browser.ts';
import { type RealPortal, startRealPortal } from './real-portal.ts';

const users = [{ name: 'anna', password: 'the password of the mailbox' }];
const letters = 60;
const hostile = '<img src=x onerror=alert(1)> Angebot';

let portal: RealPortal;
let browser: Browser;
beforeAll(async () => {
  [portal, browser] = await Promise.all([
    startRealPortal({
      users,
      fill: async (old) => {
        for (let n = 1; n <= letters; n++) await deliverByLmtp(old, 'anna', letter(`Brief ${n}`));
        await old.doveadm(['mailbox', 'create', '-u', 'anna', 'Rechnungen']);
        await old.doveadm(['move', '-u', 'anna', 'Rechnungen', 'mailbox', 'INBOX', 'subject', 'Brief 7']);
      },
    }),
    launchBrowser(),
  ]);
});
afterAll(async () => {
  await browser?.close();
  await portal?.stop();
});

function letter(subject: string): string {
  return `From: Bela <bela@example.net>\r\nTo: anna@example.org\r\nSubject: ${subject}\r\nDate: Tue, 24 Nov 2026 10:00:00 +0100\r\nMessage-ID: <${Math.random()}@example.net>\r\n\r\nLiebe Anna,\r\n\r\nbis morgen.\r\n`;
}

const messagesOnNew = async (): Promise<number> =>
  Number(
    (
      await portal.fresh.doveadm(['-f', 'flow', 'mailbox', 'status', '-u', 'anna', 'messages', 'INBOX'])
    ).match(/messages=(\d+)/)?.[1] ?? 0,
  );

test('a person signs in with their own password, copies, watches, pauses, and sees new mail follow', async () => {
  const context = await browser.newContext({ baseURL: portal.origin, locale: 'de-DE' });
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      faults.push(message.text());
  });

  await page.goto('/');
  await page.getByLabel('E-Mail-Adresse').fill('anna@example.org');
  await page.getByLabel('Passwort', { exact: true }).fill('not the password');
  await page.getByRole('button', { name: 'Anmelden' }).click();
  await page.getByText('Die Adresse oder das Passwort stimmt nicht.').waitFor();
  await page.getByLabel('Passwort', { exact: true }).fill('the password of the mailbox');
  await page.getByRole('button', { name: 'Anmelden' }).click();
  await page.getByRole('heading', { name: 'Mein Postfach' }).waitFor();
  await page.getByText('Ihr Postfach liegt noch auf dem bisherigen Server.').first().waitFor();

  // Scripts cannot read what keeps her signed in.
  expect(await page.evaluate('document.cookie')).toBe('');

  await page.getByText('Erst kopieren und parallel nutzen').click();
  await page.getByRole('button', { name: 'Kopieren beginnen' }).click();
  await page.getByText('Beide Server sind auf gleichem Stand.').first().waitFor({ timeout: 60_000 });
  await page.getByText(`${letters} von ${letters} Nachrichten sind drüben.`).waitFor({ timeout: 30_000 });
  await page.getByRole('cell', { name: 'Rechnungen' }).waitFor();
  expect(await messagesOnNew()).toBe(letters - 1);

  await deliverByLmtp(portal.old, 'anna', letter(hostile));
  // Carried over and shown without a reload, as text.
  await page.getByText(hostile, { exact: true }).waitFor({ timeout: 30_000 });
  expect(await messagesOnNew()).toBe(letters);

  await page.getByRole('button', { name: 'Anhalten' }).click();
  await page.getByText('Angehalten. Alles bleibt erhalten.').first().waitFor();
  await page.reload();
  await page.getByRole('button', { name: 'Weitermachen' }).click();
  await page.getByRole('button', { name: 'Anhalten' }).waitFor();

  await page.getByRole('button', { name: 'Abmelden' }).click();
  await page.getByRole('heading', { name: 'Anmelden' }).waitFor();
  await page.goto('/mailbox');
  await page.getByRole('heading', { name: 'Anmelden' }).waitFor();
  expect(faults).toEqual([]);
  await context.close();
}, 240_000);
