/**
 * A message that new refuses, from the list to the file on the owner's device: real Dovecots, the real daemon, real
 * Chromium. Its subject was written by somebody who wishes nobody well.
 */
import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { deliverByLmtp } from '../lab/lmtp.ts';
import { launchBrowser } from './browser.ts';
import { keptPicture } from './kept-picture.ts';
import { type RealPortal, startRealPortal } from './real-portal.ts';

const users = [
  { name: 'anna', password: 'the password of the mailbox' },
  { name: 'tom', password: 'the password of tom' },
];
const subject = '../invoice\u202efdp.exe <script>alert(1)</script>';
const encoded = `=?UTF-8?B?${Buffer.from(subject).toString('base64')}?=`;
const letter = (title: string, kilobytes: number) =>
  `From: Bela <bela@example.net>\r\nTo: anna@example.org\r\nSubject: ${title}\r\nDate: Tue, 24 Nov 2026 10:00:00 +0100\r\n\r\n${`${'x'.repeat(1_022)}\r\n`.repeat(kilobytes)}`;

let portal: RealPortal;
let browser: Browser;
beforeAll(async () => {
  [portal, browser] = await Promise.all([
    startRealPortal({
      users,
      team: 'North',
      maxMailSize: 100_000,
      fill: async (old) => {
        await deliverByLmtp(old, 'anna', letter(encoded, 150));
        await deliverByLmtp(old, 'anna', letter('Another', 160));
      },
    }),
    launchBrowser(),
  ]);
});
afterAll(async () => {
  await browser?.close();
  await portal?.stop();
});

async function signedIn(name: string, password: string): Promise<Page> {
  const context = await browser.newContext({
    baseURL: portal.origin,
    locale: 'en-GB',
    acceptDownloads: true,
  });
  const page = await context.newPage();
  await page.goto('/');
  await page.getByLabel('E-mail address').fill(`${name}@example.org`);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('button', { name: 'Sign out' }).waitFor();
  return page;
}

test('the owner gets the message as it lies on old, unread still, under a harmless name; others do not get it', async () => {
  await portal.verb('sync', 'start', '--all');
  const page = await signedIn('anna', 'the password of the mailbox');
  await page.goto('/mailbox');
  await page.getByText('2 messages could not be moved.').waitFor({ timeout: 60_000 });
  await page.getByRole('link', { name: 'Show them' }).click();
  const item = page.getByRole('listitem').filter({ hasText: 'invoice' });
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    item.getByRole('button', { name: /^Download the message/ }).click(),
  ]);
  expect(file.suggestedFilename()).toBe('invoice fdp.exe script alert(1) script.eml');
  const stored = await portal.old.doveadm(['fetch', '-u', 'anna', 'text', 'mailbox', 'INBOX', 'uid', '1']);
  const got = readFileSync(await file.path(), 'utf8');
  // doveadm puts a name before and a form feed behind, and writes lines as Unix does.
  expect(stored.replaceAll('\r\n', '\n')).toContain(got.replaceAll('\r\n', '\n'));
  expect(got).toContain(`Subject: ${encoded}`);
  expect(got.length).toBeGreaterThan(150_000);
  const unseen = await portal.old.doveadm([
    '-f',
    'flow',
    'mailbox',
    'status',
    '-u',
    'anna',
    'unseen',
    'INBOX',
  ]);
  expect(unseen).toContain('unseen=2');
  await keptPicture(page, 'owner-refused-downloads');

  // It stands in the audit log, without what it is about.
  const { audit } = (await (await portal.api('GET', '/audit?actor=customer:anna@example.org')).json()) as {
    audit: { action: string; detail: object }[];
  };
  const entry = audit.find(({ action }) => action === 'message.downloaded');
  expect(entry?.detail).toMatchObject({ uid: 1, sizeBytes: expect.any(Number) });
  expect(JSON.stringify(audit)).not.toContain('invoice');

  // A team's admin who may do all for the team sees the account, and not what is inside a mail.
  const rights = ['view', 'move', 'plan', 'people'];
  const { teams } = (await (await portal.api('GET', '/teams')).json()) as { teams: { id: string }[] };
  await portal.api('PUT', `/teams/${teams[0]?.id}/people/tom@example.org`, { rights });
  const address = '/accounts/anna@example.org';
  const { refused } = (await (await portal.api('GET', `${address}/refused`)).json()) as {
    refused: { id: string }[];
  };
  const place = `/api/v1${address}/refused/${refused[0]?.id}/content`;
  const asked = (of: Page, path: string) =>
    of.evaluate<number>(`fetch(${JSON.stringify(path)}).then((r) => (r.body?.cancel(), r.status))`);
  const tom = await signedIn('tom', 'the password of tom');
  expect(await asked(tom, `/api/v1${address}/crossing`)).toBe(200);
  expect(await asked(tom, place)).toBe(404);
  expect((await portal.api('GET', place.replace('/api/v1', ''))).status).toBe(200);

  // What vanished from old meanwhile is told in plain words.
  await portal.old.doveadm(['expunge', '-u', 'anna', 'mailbox', 'INBOX', 'uid', '2']);
  const other = page.getByRole('listitem').filter({ hasText: 'Another' });
  await other.getByRole('button', { name: /^Download the message/ }).click();
  await page
    .getByText(/The old server does not give this message|no longer among these/)
    .waitFor({ timeout: 20_000 });
  await page.context().close();
  await tom.context().close();
}, 240_000);
