/**
 * The story of a mailbox's owner, end to end: real Dovecots, the real daemon, real Chromium. Anna signs in with the
 * password of her mailbox, copies, watches, pauses, goes on, and sees a new letter follow.
 */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { deliverByLmtp } from '../lab/lmtp.ts';
import { launchBrowser, screens } from './browser.ts';
import { keptPicture } from './kept-picture.ts';
import { readyInTime } from './ready-in-time.ts';
import { type RealPortal, startRealPortal } from './real-portal.ts';

const users = [
  { name: 'anna', password: 'the password of the mailbox' },
  { name: 'bert', password: 'the password of bert' },
];
const letters = 60;
const hostile = '<img src=x onerror=alert(1)> Angebot';

let portal: RealPortal;
let browser: Browser;
beforeAll(async () => {
  [portal, browser] = await Promise.all([
    startRealPortal({
      users,
      maxMailSize: 100_000,
      fill: async (old) => {
        for (const [subject, kilobytes] of [
          ['Hello', 1],
          ['Pictures of the harbour', 150],
        ] as const)
          await deliverByLmtp(
            old,
            'bert',
            `${letter(subject)}${`${'x'.repeat(1_022)}\r\n`.repeat(kilobytes)}`,
          );
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
  const context = await browser.newContext({
    baseURL: portal.origin,
    locale: 'en-GB',
    viewport: screens.desktop,
  });
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      faults.push(message.text());
  });

  await page.goto('/');
  await page.getByLabel('E-mail address').fill('anna@example.org');
  await page.getByLabel('Password', { exact: true }).fill('not the password');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText('The address or the password is not right.', { exact: false }).waitFor();
  await page.getByLabel('Password', { exact: true }).fill('the password of the mailbox');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: 'My mailbox' }).waitFor();
  await page.getByText('Your mailbox is still on the old server.').first().waitFor();

  await page.getByText(`${letters} messages, `, { exact: false }).waitFor();
  await page
    .getByText('Your address, your password and the settings in your devices stay as they are.')
    .waitFor();
  await page
    .getByText(/Nothing is deleted on the old server\.$/)
    .first()
    .waitFor();
  await keptPicture(page, 'owner-desktop-before');

  await readyInTime(page, '/mailbox', '.crossing svg');

  // Scripts cannot read what keeps her signed in.
  expect(await page.evaluate('document.cookie')).toBe('');

  await page.getByText('Copy first and use both').click();
  await page.getByRole('button', { name: 'Start copying' }).click();
  await page.getByText('Both servers are in step.').first().waitFor({ timeout: 60_000 });
  await page.getByText(`${letters} of ${letters} messages are across.`).waitFor({ timeout: 30_000 });
  await page.getByRole('cell', { name: 'Rechnungen' }).waitFor();
  expect(await messagesOnNew()).toBe(letters - 1);

  await deliverByLmtp(portal.old, 'anna', letter(hostile));
  // Carried over and shown without a reload, as text.
  await page.getByText(hostile, { exact: true }).waitFor({ timeout: 30_000 });
  expect(await messagesOnNew()).toBe(letters);

  await page.getByText('What you send through the new server lies only there', { exact: false }).waitFor();
  await page
    .getByText('remove the old account from the program, but never delete it on the server.', {
      exact: false,
    })
    .waitFor();
  await keptPicture(page, 'owner-desktop-in-step');

  await page.getByRole('button', { name: 'Pause' }).click();
  await page.getByText('Paused. All is kept.').first().waitFor();
  await keptPicture(page, 'owner-desktop-paused');
  await page.reload();
  await page.getByRole('button', { name: 'Go on' }).click();
  await page.getByRole('button', { name: 'Pause' }).waitFor();

  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await page.goto('/mailbox');
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  expect(faults).toEqual([]);
  await context.close();
}, 240_000);

test('on a telephone: a plan taken back, a language kept, a password kept, another browser signed out, a restart outlived', async () => {
  const signIn = async (locale: string) => {
    const context = await browser.newContext({ baseURL: portal.origin, locale, viewport: screens.phone });
    const page = await context.newPage();
    await page.goto('/');
    await page.getByLabel('E-mail address').fill('bert@example.org');
    await page.getByLabel('Password', { exact: true }).fill('the password of bert');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { level: 1 }).waitFor();
    return page;
  };
  const page = await signIn('en-GB');
  await page.getByText('Move now', { exact: true }).click();
  await page.getByText(/^Tonight at/).click();
  await page.getByRole('button', { name: 'Plan the move' }).click();
  await page.getByRole('button', { name: 'Do not start' }).click();
  await page.getByRole('heading', { name: 'My mailbox' }).waitFor();
  await page.getByText('How would you like to go about it?').waitFor();

  // The language holds after a reload, and mails will be written in it.
  await page.getByLabel('Language').selectOption('de');
  await page.getByRole('heading', { name: 'Mein Postfach' }).waitFor();
  await page.reload();
  await page.getByRole('heading', { name: 'Mein Postfach' }).waitFor();
  const session = await page.evaluate("fetch('/api/v1/session').then((r) => r.json())");
  expect(session).toMatchObject({ person: { locale: 'de' } });

  // Consent, and the password once more: a wrong one starts nothing.
  await page.getByText('Erst kopieren und parallel nutzen').click();
  await page.getByText('Mein Passwort auf dem neuen Server behalten').click();
  const begin = page.getByRole('button', { name: 'Kopieren beginnen' });
  await begin.click();
  const password = page.getByLabel('Ihr Passwort, noch einmal');
  await password.fill('not this one');
  await begin.click();
  await page.getByText('Die Adresse oder das Passwort stimmt nicht.').waitFor();
  await password.fill('the password of bert');
  await begin.click();

  // What new does not take is told, with its subject.
  await page.getByText('1 Nachricht konnte nicht übernommen werden.').waitFor({ timeout: 60_000 });
  await keptPicture(page, 'owner-telephone-refused-notice');
  await page.getByRole('link', { name: 'Zeigen', exact: true }).click();
  await page.getByText('Pictures of the harbour').waitFor();
  await keptPicture(page, 'owner-telephone-refused');

  // Another browser is out at once.
  const other = await signIn('en-GB');
  await page.goto('/sessions');
  await page.getByRole('button', { name: 'Dort abmelden' }).click();
  await expect.poll(() => other.evaluate("fetch('/api/v1/session').then((r) => r.status)")).toBe(401);
  await other.context().close();

  // The daemon dies: the page says how old it is, and goes on by itself when it is back.
  await page.goto('/mailbox');
  await page.getByText('Beide Server sind auf gleichem Stand.').first().waitFor({ timeout: 30_000 });
  await portal.down();
  await page.getByText('Die Verbindung wird wieder aufgebaut.').waitFor({ timeout: 40_000 });
  await keptPicture(page, 'owner-telephone-stale');
  await deliverByLmtp(portal.old, 'bert', letter('While nobody was there'));
  await portal.up();
  await page.getByText('While nobody was there', { exact: true }).waitFor({ timeout: 60_000 });
  await page
    .getByText('Die Verbindung wird wieder aufgebaut.')
    .waitFor({ state: 'detached', timeout: 40_000 });
  await page.context().setOffline(true);
  await deliverByLmtp(portal.old, 'bert', letter('While the network was away'));
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  await page.context().setOffline(false);
  await page.getByText('While the network was away', { exact: true }).waitFor({ timeout: 60_000 });
  // In German on a larger screen too.
  await page.setViewportSize(screens.desktop);
  await page.getByText('Beide Server sind auf gleichem Stand.').first().waitFor();
  await keptPicture(page, 'owner-german-in-step');
  await page.context().close();
}, 300_000);
