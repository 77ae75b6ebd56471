/**
 * The operator's story, end to end: real Dovecots, the real daemon, real Chromium, a program that receives webhooks. In
 * English on a desktop all that an operator does; in German every page once more, on a telephone and on a desktop. What it saw is in
 * `test-output/`.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as OTPAuth from 'otpauth';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { labCertificates } from '../lab/certificates.ts';
import { deliverByLmtp } from '../lab/lmtp.ts';
import { fillWorkload, workloadUsers } from '../lab/workload.ts';
import { launchBrowser, screens } from './browser.ts';
import { keptPicture } from './kept-picture.ts';
import { readyInTime } from './ready-in-time.ts';
import { type RealPortal, startRealPortal } from './real-portal.ts';

const team = ['anna', 'bela', 'clara'].map((name) => ({ name, password: `the password of ${name}` }));
const [lena = { name: '', password: '' }] = workloadUsers('newcomer');
const operator = { login: 'operator@provider.example', password: 'the password of the operator' };

let portal: RealPortal;
let browser: Browser;
let secret: string;
beforeAll(async () => {
  [portal, browser] = await Promise.all([
    startRealPortal({
      users: [...team, lena],
      team: 'Berg',
      caFile: labCertificates().ca,
      fill: async (old) => {
        fillWorkload(old, { name: 'newcomer' });
        for (const { name } of team)
          await deliverByLmtp(old, name, `Subject: Hello ${name}\r\n\r\nHello.\r\n`);
      },
    }),
    launchBrowser(),
  ]);
  const made = await portal.api('POST', '/operators', { ...operator, enrol: true });
  expect(made.status).toBe(201);
  secret = ((await made.json()) as { totp: { secret: string } }).totp.secret;
});
afterAll(async () => {
  await browser?.close();
  await portal?.stop();
});

/** A code is good once, and so are the one before and the one after: three logins with hardly a wait. */
let lastStep = 0;
async function nextCode(): Promise<string> {
  const stepMs = 30_000;
  // Not the one before where that ends any moment.
  const first = Math.floor((Date.now() - 25_000) / stepMs);
  lastStep = Math.max(lastStep + 1, first);
  const waitMs = (lastStep - 1) * stepMs - Date.now();
  if (waitMs > 0) await pause(waitMs);
  return new OTPAuth.TOTP({ secret }).generate({ timestamp: lastStep * stepMs });
}

interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

interface Words {
  readonly login: string;
  readonly password: string;
  readonly signIn: string;
  readonly code: string;
}
const en: Words = {
  login: 'E-mail address',
  password: 'Password',
  signIn: 'Sign in',
  code: 'Code from your authenticator',
};
const de: Words = {
  login: 'E-Mail-Adresse',
  password: 'Passwort',
  signIn: 'Anmelden',
  code: 'Code aus Ihrem Authenticator',
};

async function signIn(
  words: Words,
  options: BrowserContextOptions,
): Promise<{ page: Page; faults: string[] }> {
  const context = await browser.newContext({ baseURL: portal.origin, ...options });
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(error.message));
  await page.goto('/');
  await page.getByLabel(words.login).fill(operator.login);
  await page.getByLabel(words.password, { exact: true }).fill(operator.password);
  await page.getByRole('button', { name: words.signIn }).click();
  await page.getByLabel(words.code).fill(await nextCode());
  await page.getByRole('button', { name: words.signIn }).click();
  await page.waitForURL('**/harbour');
  return { page, faults };
}

test('on a desktop: servers tried, an admin made, a wave planned and stopped, a copy made slower and faster', {
  timeout: 300_000,
}, async () => {
  const receiver = await startReceiver();
  const { page, faults } = await signIn(en, { locale: 'en-GB', viewport: screens.desktop });
  await page.getByText('0 of 4 accounts are in step or across.').waitFor();
  await keptPicture(page, 'operator-harbour');
  await readyInTime(page, '/harbour', '.crossing svg');
  await page.getByText('0 of 4 accounts are in step or across.').waitFor();

  // The set-up assistant.
  await page.getByRole('link', { name: 'Set-up' }).click();
  for (const [side, server] of [
    ['Old server', portal.old],
    ['New server', portal.fresh],
  ] as const) {
    const form = page.locator('form').filter({ has: page.getByRole('heading', { name: side }) });
    await form.getByLabel('Host name').fill('127.0.0.1');
    await form.getByLabel('Encryption').selectOption('starttls');
    await form.getByLabel('Port').fill(String(server.imapPort));
    await form.getByLabel('A login to try').fill('anna');
    await form.getByLabel('Its password').fill('not this one');
    await form.getByRole('button', { name: 'Try it' }).click();
    await form.getByRole('alert').first().waitFor();
    expect(await form.getByText('and the login works').count()).toBe(0);
    await form.getByLabel('Its password').fill('the password of anna');
    await form.getByRole('button', { name: 'Try it' }).click();
    await form.getByText('It answers, and the login works.').waitFor();
    await form.getByRole('heading', { name: 'What it can do' }).waitFor();
    // By STARTTLS, and vouched for by the `ca_file` of the side.
    await form.getByText('Trusted.', { exact: true }).waitFor();
  }
  await keptPicture(page, 'operator-setup');

  // What programs need: a webhook, and tokens that may do a part. By the session that the browser has.
  const api = async (method: string, path: string, body?: unknown) => {
    const json = { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
    const request = JSON.stringify({ method, ...(body === undefined ? {} : json) });
    const read = 'async (r) => ({ status: r.status, body: r.status === 204 ? {} : await r.json() })';
    return page.evaluate<Answer>(`fetch('/api/v1${path}', ${request}).then(${read})`);
  };
  await page.getByRole('link', { name: 'Settings', exact: true }).click();
  await page.getByRole('link', { name: 'Webhooks' }).click();
  await page.getByLabel('Address').fill(receiver.url);
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  const once = (name: string) => page.getByRole('region', { name });
  const hookSecret = (await once(receiver.url).locator('code').textContent()) ?? '';
  await once(receiver.url).getByRole('button', { name: 'I have it' }).click();
  await page.getByRole('link', { name: 'API tokens' }).click();
  await page.getByLabel('Name').fill('panel');
  await page.getByRole('button', { name: 'Make it' }).click();
  const token = (await once('Token panel').locator('code').textContent()) ?? '';
  await once('Token panel').getByRole('button', { name: 'I have it' }).click();
  const asProgram = async (method: string, path: string) =>
    (
      await fetch(`${portal.origin}/api/v1${path}`, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          'content-type': 'application/json',
        },
        body: method === 'POST' ? JSON.stringify({ all: true }) : null,
      })
    ).status;
  expect([await asProgram('GET', '/accounts'), await asProgram('POST', '/sync/start')]).toEqual([200, 403]);
  for (let n = 0; n < 2; n++) await page.getByRole('button', { name: 'Revoke panel' }).click();
  await page.getByText('No tokens yet.').waitFor();
  expect(await asProgram('GET', '/accounts')).toBe(401);

  // Accounts, and an admin for their team.
  await page.getByRole('link', { name: 'Accounts', exact: true }).click();
  await page.getByRole('link', { name: 'clara@example.org' }).waitFor();
  await page.getByRole('link', { name: 'Teams' }).click();
  await page.getByRole('link', { name: 'People Berg' }).click();
  await page.waitForURL('**/people');
  const teamId = /teams\/([^/]+)/.exec(page.url())?.[1] ?? '';
  await page.getByLabel('E-mail address').fill('anna@example.org');
  await page.getByRole('button', { name: 'Add' }).click();
  await page.getByRole('checkbox', { name: 'plan waves' }).click();
  await page.getByText('Saved.').waitFor();
  await expect
    .poll(async () => JSON.stringify((await api('GET', `/teams/${teamId}/people`)).body))
    .toContain('"plan"');
  await keptPicture(page, 'operator-people');

  // A wave for tomorrow, stopped before it begins.
  await page.getByRole('link', { name: 'Addresses' }).click();
  for (const { name } of team) await page.getByLabel(`Select ${name}@example.org`).check();
  await page.getByRole('button', { name: 'Move …' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('Copy first and use both').click();
  await dialog.getByText('At another time').click();
  await dialog.getByLabel('Day and time').fill(tomorrow());
  await dialog.getByText('Gradually, as a wave').click();
  await dialog.getByLabel('Name of the wave').fill('First of Berg');
  await dialog.getByLabel('At most so many an hour').fill('2');
  await keptPicture(page, 'operator-wave-dialog');
  await dialog.getByRole('button', { name: 'Plan 3 addresses' }).click();
  await dialog.waitFor({ state: 'detached' });
  await page.goto('/harbour/waves');
  const wave = page.getByRole('listitem').filter({ hasText: 'First of Berg' });
  await wave.getByText('planned').waitFor();
  await wave.getByRole('button', { name: 'Stop First of Berg' }).click();
  await wave.getByText('stopped').waitFor();
  await keptPicture(page, 'operator-wave-stopped');
  expect((await api('GET', '/waves')).body).toMatchObject({
    waves: [{ name: 'First of Berg', state: 'stopped', ratePerHour: 2, started: 0, accounts: 3 }],
  });

  // The budget of new acts on a copy that runs.
  await page.getByRole('link', { name: 'Servers' }).click();
  const card = page.locator('section').filter({ has: page.getByRole('heading', { name: 'New server' }) });
  const slider = card.getByRole('slider', { name: 'Messages a second' });
  const place = async (steps: number): Promise<void> => {
    await slider.focus();
    await page.keyboard.press('Home');
    for (let n = 0; n < steps; n++) await page.keyboard.press('ArrowRight');
  };
  const inForce = async (messagesPerSecond: number | null): Promise<void> => {
    // A slider that keys turned acts when it has rested.
    await expect
      .poll(async () => (await api('GET', '/servers/new/budget')).body['messagesPerSecond'], {
        timeout: 5_000,
      })
      .toBe(messagesPerSecond);
  };
  await place(4);
  await inForce(20);
  await portal.verb('sync', 'start', lena.name);
  await expect.poll(messagesOfLena, { timeout: 30_000 }).toBeGreaterThan(20);
  const slow = await ratePerSecond(5_000);
  await place(7);
  await inForce(200);
  await pause(1_500);
  const quick = await ratePerSecond(3_000);
  await card.getByText('In force.').waitFor();
  await keptPicture(page, 'operator-budgets');
  await place(0);
  await inForce(1);
  await pause(1_500);
  const crawling = await ratePerSecond(3_000);
  await place(11);
  await inForce(null);
  // How quick it can be is the machine's business.
  expect(slow).toSatisfy((rate: number) => rate >= 8 && rate <= 32, 'about 20 a second');
  expect(quick).toBeGreaterThan(1.7 * slow);
  expect(crawling).toBeLessThan(slow / 2);
  await expect
    .poll(async () => (await api('GET', `/accounts/${lena.name}`)).body['phase'], { timeout: 60_000 })
    .toBe('in-step');
  await page.goto('/harbour');
  await page.getByText('1 of 4 accounts are in step or across.').waitFor();

  // Everything is written down.
  await page.getByRole('link', { name: 'Audit log' }).click();
  for (const action of ['Budget', 'Wave planned', 'Wave changed', 'Webhook added', 'Token revoked'])
    await page.getByText(action, { exact: true }).first().waitFor();
  // Each place of the slider is one row, however many keys led there: three, and the last may still rest.
  const budgets = (await api('GET', '/audit?subject=new&limit=50')).body as {
    audit: { action: string; detail: { after?: object } }[];
  };
  expect(budgets.audit.filter(({ action }) => action === 'server.budget').length).toBeLessThanOrEqual(4);
  await keptPicture(page, 'operator-audit');

  // Another browser is signed out at once.
  const other = await signIn(en, { locale: 'en-GB' });
  const whoever = () => other.page.evaluate("fetch('/api/v1/session').then((r) => r.status)");
  expect(await whoever()).toBe(200);
  await page.getByRole('link', { name: 'Where you are signed in' }).click();
  await page.getByRole('button', { name: 'Sign out there' }).click();
  await page.getByText('Only this browser is signed in.').waitFor();
  expect(await whoever()).toBe(401);
  await other.page.getByRole('link', { name: 'Servers' }).click();
  await other.page.reload();
  await other.page.getByRole('heading', { name: 'Sign in' }).waitFor();

  // Each change of a phase was told, signed; the call that was refused came again.
  const wanted = ['copying', 'in-step'];
  await expect
    .poll(() => receiver.taken.map(({ to }) => to), { timeout: 120_000, interval: 1_000 })
    .toEqual(expect.arrayContaining(wanted));
  await page.goto('/harbour/settings?part=webhooks');
  await page.getByRole('link', { name: /^Last calls/ }).click();
  await page.getByRole('row').filter({ hasText: '204' }).first().getByText('taken').waitFor();
  await keptPicture(page, 'operator-webhooks');
  expect(receiver.refused).toHaveLength(1);
  expect(receiver.taken.map(({ id }) => id)).toContain(receiver.refused[0]);
  for (const { header, body } of receiver.calls) expectSigned(header, body, hookSecret);
  expect(faults).toEqual([]);
  await receiver.stop();
  await page.context().close();
});

test('in German, on a telephone and on a desktop: every page of the operator', {
  timeout: 120_000,
}, async () => {
  const { page, faults } = await signIn(de, {
    locale: 'de-DE',
    viewport: screens.phone,
    timezoneId: 'Europe/Berlin',
  });
  for (const [link, heading] of [
    ['Konten', 'Konten'],
    ['Teams', 'Teams und Rollen'],
    ['Domains', 'Domains'],
    ['Wellen', 'Wellen'],
    ['Server', 'Server'],
    ['Konten anlegen', 'Konten anlegen'],
    ['Protokoll', 'Protokoll'],
    ['Einstellungen', 'Einstellungen'],
    ['Sicherheit', 'Sicherheit'],
    ['Einrichten', 'Einrichten'],
    ['Hafen', 'Hafen'],
  ] as const) {
    await page
      .getByRole('navigation', { name: 'Hafen' })
      .getByRole('link', { name: link, exact: true })
      .click();
    await page.getByRole('heading', { name: heading, level: 1 }).waitFor();
    await page.locator('[aria-busy=true]').first().waitFor({ state: 'detached' });
    // Nothing has to be pushed sideways.
    expect([link, await page.evaluate('document.documentElement.scrollWidth')]).toEqual([link, 360]);
    await keptPicture(page, `operator-telephone-${link.toLowerCase()}`);
    await page.setViewportSize(screens.desktop);
    expect([link, await page.evaluate('document.documentElement.scrollWidth')]).toEqual([link, 1280]);
    await keptPicture(page, `operator-german-${link.toLowerCase()}`);
    await page.setViewportSize(screens.phone);
  }
  expect(faults).toEqual([]);
  await page.context().close();
});

function tomorrow(): string {
  const at = new Date(Date.now() + 24 * 3_600_000);
  return `${at.toISOString().slice(0, 10)}T22:00`;
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** On new, as its own tool counts them. */
async function messagesOfLena(): Promise<number> {
  const text = await portal.fresh.doveadm([
    '-f',
    'flow',
    'mailbox',
    'status',
    '-u',
    lena.name,
    'messages',
    '*',
  ]);
  return [...text.matchAll(/messages=(\d+)/g)].reduce((sum, [, n]) => sum + Number(n), 0);
}

async function ratePerSecond(ms: number): Promise<number> {
  const [before, since] = [await messagesOfLena(), performance.now()];
  await pause(ms);
  return Math.round(((await messagesOfLena()) - before) / ((performance.now() - since) / 1_000));
}

interface Receiver {
  readonly url: string;
  readonly calls: readonly { readonly header: string; readonly body: string }[];
  /** Of calls that were answered well. */
  readonly taken: readonly { readonly id: string; readonly to: string }[];
  /** Ids of the others: the first call of all. */
  readonly refused: readonly string[];
  readonly stop: () => Promise<void>;
}

async function startReceiver(): Promise<Receiver> {
  const calls: { header: string; body: string }[] = [];
  const taken: { id: string; to: string }[] = [];
  const refused: string[] = [];
  const server: Server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
    request.on('end', () => {
      calls.push({ header: String(request.headers['mailferry-signature']), body });
      const told = JSON.parse(body) as { id: string; to: string };
      if (calls.length === 1) refused.push(told.id);
      else taken.push(told);
      response.writeHead(calls.length === 1 ? 503 : 204).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const stop = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { url: `http://127.0.0.1:${port}/told`, calls, taken, refused, stop };
}

/** As a receiver checks it: by its own copy of the secret, and not too old. */
function expectSigned(header: string, body: string, key: string): void {
  const [, seconds = '', mac = ''] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(header) ?? [];
  const own = createHmac('sha256', key).update(`${seconds}.${body}`).digest();
  expect(timingSafeEqual(own, Buffer.from(mac, 'hex'))).toBe(true);
  expect(Math.abs(Date.now() / 1_000 - Number(seconds))).toBeLessThan(300);
}
