/**
 * Accounts on new, end to end: real Dovecots, the real daemon with its edge inside, real Chromium, mails that arrive in the
 * mailboxes on old. An operator tests, makes and finds; an owner whose password nobody knows is asked by mail, gives it in
 * the portal, and logs in on new with it. What was seen is in `test-output/`.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as OTPAuth from 'otpauth';
import type { Browser, Page } from 'playwright-core';
import PostalMime from 'postal-mime';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildUi } from '../../scripts/build-ui.mjs';
import { mailferry } from '../interop/mailferry.ts';
import { RawImap } from '../judge/imap-raw.ts';
import { type Dovecot, type LabUser, noPenalty, startDovecot } from '../lab/dovecot.ts';
import { feedDovecot } from '../lab/fed-dovecot.ts';
import { deliverByLmtp } from '../lab/lmtp.ts';
import { type MailReceiver, startMailReceiver } from '../lab/mail-receiver.ts';
import { makeServePlace, type ServePlace } from '../scenarios/serve-env.ts';
import { until } from '../scenarios/worker-env.ts';
import { launchBrowser, screens } from './browser.ts';
import { keptPicture } from './kept-picture.ts';

const users = ['anna', 'clara', 'lena'].map((name) => ({ name, password: `the password of ${name}` }));
const [anna, clara, lena] = users as [LabUser, LabUser, LabUser];
const masterUser = { name: 'ferry', password: 'master-of-both' };
const operator = { login: 'operator@provider.example', password: 'the password of the operator' };
const portalName = 'https://move.provider.example/';

let old: Dovecot;
let fresh: Dovecot;
let mails: MailReceiver;
let place: ServePlace;
let browser: Browser;
let edges: string;
let passwdFile: string;
/** To whom mails went, and what they say. */
const mailed: { readonly to: string; readonly text: string }[] = [];

const addressOf = ({ name }: LabUser) => `${name}@example.org`;

async function logsIn({ name: user, password }: LabUser): Promise<boolean> {
  const imap = await RawImap.login({ port: fresh.imapPort, user, password }).catch(() => null);
  await imap?.logout();
  return imap !== null;
}

/** Nobody knows Clara's hash: old has her elsewhere. */
function writePasswdFile(...more: readonly LabUser[]): void {
  const lines = readFileSync(join(old.dir, 'users'), 'utf8')
    .split('\n')
    .filter((line) => [anna, ...more].some(({ name }) => line.startsWith(`${name}:`)));
  writeFileSync(passwdFile, `${lines.join('\n')}\n`);
}

beforeAll(async () => {
  buildUi();
  edges = mkdtempSync(join(tmpdir(), 'mf-edge-'));
  passwdFile = join(edges, 'users-of-old');
  [old, fresh, browser] = await Promise.all([
    startDovecot({ users, masterUser, tls: false, lmtp: true, hashed: true, extra: noPenalty }),
    startDovecot({ users: [], masterUser, tls: false, extra: noPenalty }),
    launchBrowser(),
  ]);
  mails = await startMailReceiver(async (to, message) => {
    mailed.push({ to, text: message });
    await deliverByLmtp(old, to.split('@', 1)[0] ?? '', message.replace(/^\./gm, '..'));
  });
  writePasswdFile();
  const more =
    `[mail]\nhost = "127.0.0.1"\nport = ${mails.port}\ntls = "none"\nfrom = "Provider <help@provider.example>"\nlocale = "de"\n` +
    `[new.edge]\ndirectory = "${join(edges, 'new')}"\npeer = "old.example"\ntable = false\ngroup_reads = true\n` +
    `[old.passwords]\nkind = "passwd-file"\nfile = "${passwdFile}"\n` +
    `[old.discovery]\nkind = "command"\ncommand = ["cat", "${join(edges, 'list')}"]\nevery_seconds = 86400\n` +
    '[new.provisioning]\nadapter = "sql"\npassword_mails = 2\n';
  place = await makeServePlace({ old, fresh, masterUser, publicUrl: portalName, more });
  await place.start();
  const list = join(place.dir, 'list.csv');
  writeFileSync(
    list,
    `address,old_login,new_login\n${[anna, clara].map((one) => `${addressOf(one)},${one.name},${one.name}`).join('\n')}\n`,
  );
  const imported = await place.cli('accounts', 'import', list);
  expect([imported.code, imported.stderr]).toEqual([0, '']);
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await place?.close();
  await mails?.stop();
  await Promise.all([old?.stop(), fresh?.stop()]);
  rmSync(edges, { recursive: true, force: true });
});

async function operatorPage(): Promise<{ page: Page; faults: string[] }> {
  const made = await fetch(`${place.origin}/api/v1/operators`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${readFileSync(place.tokenFile, 'utf8').trim()}`,
    },
    body: JSON.stringify({ ...operator, enrol: true }),
  });
  const { secret } = ((await made.json()) as { totp: { secret: string } }).totp;
  const context = await browser.newContext({
    baseURL: place.origin,
    locale: 'en-GB',
    viewport: screens.desktop,
  });
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(error.message));
  await page.goto('/');
  await page.getByLabel('E-mail address').fill(operator.login);
  await page.getByLabel('Password', { exact: true }).fill(operator.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByLabel('Code from your authenticator').fill(new OTPAuth.TOTP({ secret }).generate());
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL('**/harbour');
  return { page, faults };
}

test('an operator tests what makes accounts, sees what would be done and what was made, and finds a new address', {
  timeout: 180_000,
}, async () => {
  const { page, faults } = await operatorPage();
  await page.goto('/harbour/provisioning');
  await page.getByText('Dovecot reads them from the edge').waitFor();
  await page.getByRole('button', { name: 'Test it' }).click();
  await page.getByText('It answers, and would make accounts.').waitFor();
  await page.getByLabel('Address of an account').fill(addressOf(anna));
  await page.getByRole('button', { name: 'Check it' }).click();
  await page.getByText('Would be done: the account is made.').waitFor();
  await page.getByText('Password: copied from the old server.').waitFor();
  expect(await logsIn(anna)).toBe(false);

  const ran = await place.cli('provision', '--all', '--json');
  expect(ran.code).toBe(0);
  const run = async (...args: string[]) => {
    const { code, stderr } = await mailferry(args);
    expect([code, stderr]).toEqual([0, '']);
  };
  await feedDovecot({ fresh, edgeDirectory: join(edges, 'new'), mailferry: run }, anna.name);
  expect([await logsIn(anna), await logsIn(clara)]).toEqual([true, false]);
  await page.getByRole('link', { name: 'Without a password (1)' }).click({ timeout: 20_000 });
  await page
    .getByRole('row')
    .filter({ hasText: addressOf(clara) })
    .waitFor();

  // A new address on old.
  writeFileSync(join(edges, 'list'), `${[anna, clara, lena].map(addressOf).join('\n')}\n`);
  await page.getByRole('button', { name: 'Look now' }).click();
  await page.getByText('3 addresses in the list, 1 account adopted.').waitFor();
  await page.getByRole('link', { name: 'Adopted (1)' }).click();
  await page.getByRole('link', { name: addressOf(lena) }).waitFor();
  await keptPicture(page, 'provisioning-operator');

  // And one that is no longer there: told after two looks, and the account stays.
  writeFileSync(join(edges, 'list'), `${[anna, clara].map(addressOf).join('\n')}\n`);
  await page.getByRole('button', { name: 'Look now' }).click();
  await page.getByText('1 account not in it for the first time', { exact: false }).waitFor();
  await page.getByRole('button', { name: 'Look now' }).click();
  await page
    .getByText('1 account is no longer in the list of the old server. Nothing was changed.', { exact: false })
    .waitFor({ timeout: 20_000 });
  await page.getByRole('link', { name: 'Vanished (1)' }).click();
  await page.getByRole('link', { name: addressOf(lena) }).waitFor();
  await keptPicture(page, 'provisioning-vanished');
  expect((await place.cli('accounts', 'show', addressOf(lena), '--json')).code).toBe(0);
  expect(faults).toEqual([]);
  await page.context().close();
});

test('an owner whose password nobody knows is asked by mail, gives it in the portal, and logs in on new with it', {
  timeout: 240_000,
}, async () => {
  for (const { name } of [anna, clara])
    await deliverByLmtp(old, name, `Subject: for ${name}\r\n\r\nHello.\r\n`);
  expect((await place.cli('sync', 'start', addressOf(anna), addressOf(clara))).code).toBe(0);
  await place.inStep(2);
  await until(60_000, async () => mailed.length > 0);
  // In her mailbox on old, in the provider's language, with the portal's name and with nothing secret.
  const imap = await RawImap.login({ port: old.imapPort, user: clara.name, password: clara.password });
  await imap.ok('SELECT INBOX');
  const found = await imap.ok('UID SEARCH HEADER From help@provider.example');
  expect(JSON.stringify(found.untagged)).toMatch(/SEARCH.*\d/);
  await imap.logout();
  const [{ to, text } = { to: '', text: '' }] = mailed;
  expect(to).toBe(addressOf(clara));
  const mail = await PostalMime.parse(text);
  expect(mail.subject).toBe('Ihr Passwort auf dem neuen Server');
  const said = `${mail.text}${mail.html}`;
  expect([...said.matchAll(/https?:\/\/[^\s"<]+/g)].map(([one]) => one)).toEqual([
    portalName,
    portalName,
    portalName,
  ]);
  for (const { password } of users) expect(said).not.toContain(password);
  expect(await logsIn(clara)).toBe(false);

  const context = await browser.newContext({
    baseURL: place.origin,
    locale: 'de-DE',
    viewport: screens.phone,
  });
  const page = await context.newPage();
  await page.goto('/');
  await page.getByLabel('E-Mail-Adresse').fill(addressOf(clara));
  await page.getByLabel('Passwort', { exact: true }).fill(clara.password);
  await page.getByRole('button', { name: 'Anmelden' }).click();
  await page.getByRole('heading', { name: 'Ihr Passwort auf dem neuen Server' }).waitFor();
  await keptPicture(page, 'provisioning-owner');
  const give = page.getByRole('button', { name: 'Soll auch dort gelten' });
  await page.getByLabel('Ihr Passwort, noch einmal').fill('not this one');
  await give.click();
  await page.getByText('Die Adresse oder das Passwort stimmt nicht.', { exact: false }).waitFor();
  await page.getByLabel('Ihr Passwort, noch einmal').fill(clara.password);
  await give.click();
  await page.getByText('In einem Augenblick gilt Ihr Passwort', { exact: false }).waitFor();
  await until(20_000, () => logsIn(clara));
  expect(await logsIn({ ...clara, password: 'not this one' })).toBe(false);
  await page.reload();
  await page.getByText('Beide Server sind auf gleichem Stand.').first().waitFor();
  expect(await page.getByRole('heading', { name: 'Ihr Passwort auf dem neuen Server' }).count()).toBe(0);
  await context.close();

  // Whose hash was copied was never written to, and it is all written down.
  expect(mailed.map((one) => one.to)).toEqual([addressOf(clara)]);
  const audit = (await place.cli('audit', '--limit', '200', '--json')).stdout;
  expect(audit.match(/account\.password-mail/g)).toHaveLength(1);
});
