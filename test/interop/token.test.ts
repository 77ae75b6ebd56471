/** Login by OAuth token at real Dovecots, which ask a local authority about each token (RFC 7662 introspection). */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Dovecot, startDovecot } from '../lab/dovecot.ts';
import { accountOf, actAs, mailferry, pairOptions, passwordsOf, plainUrl } from './mailferry.ts';

const user = { name: 'anna@example.org', password: 'lab-geheim' };
const tokens = { old: 'Valid-t0ken.of_old~1', fresh: 'Valid-t0ken.of_new~2', expired: 'Expired-t0ken~3' };
const dir = mkdtempSync(join(tmpdir(), 'mf-token-'));
const asked: string[] = [];
let authority: Server;
let old: Dovecot;
let fresh: Dovecot;

/** Knows which tokens are active, and whose; says nothing of any other. */
async function startAuthority(): Promise<string> {
  authority = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => {
      body += text;
    });
    request.on('end', () => {
      const token = new URLSearchParams(body).get('token') ?? '';
      asked.push(token);
      const active = token === tokens.old || token === tokens.fresh;
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(active ? { active: true, username: user.name } : { active: false }));
    });
  });
  await new Promise<void>((resolve) => authority.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(authority.address() as AddressInfo).port}/introspect`;
}

const withTokens = (url: string, mechanism: 'oauthbearer' | 'xoauth2') => {
  const file = join(dir, `${mechanism}.conf.ext`);
  writeFileSync(
    file,
    `introspection_mode = post
introspection_url = ${url}
username_attribute = username
active_attribute = active
active_value = true
`,
  );
  return startDovecot({
    users: [user],
    tls: false,
    extra: `auth_mechanisms = plain login ${mechanism}
auth_debug = yes
passdb {
  driver = oauth2
  mechanisms = ${mechanism}
  args = ${file}
}
`,
  });
};

beforeAll(async () => {
  // Dovecot reads its settings as another user.
  chmodSync(dir, 0o755);
  const url = await startAuthority();
  [old, fresh] = await Promise.all([withTokens(url, 'oauthbearer'), withTokens(url, 'xoauth2')]);
  const imap = await actAs(old, user);
  for (let i = 0; i < 5; i++) await imap.append('INBOX', Buffer.from(`Subject: ${i}\r\n\r\n${i}\r\n`));
  await imap.logout();
  for (const [name, token] of Object.entries(tokens)) writeFileSync(join(dir, name), `${token}\n`);
});
afterAll(async () => {
  await Promise.all([old?.stop(), fresh?.stop()]);
  authority?.close();
  rmSync(dir, { recursive: true, force: true });
});

const tokenFile = (side: 'from' | 'to', name: keyof typeof tokens) => [
  `--${side}-token-file`,
  join(dir, name),
];
const run = (verb: string, ...more: readonly string[]) =>
  mailferry([verb, ...pairOptions(old, fresh, user, join(dir, 'state')), ...more, '--json'], {});
const bodiesOn = async (server: Dovecot) =>
  ((await accountOf(server, user)).get('INBOX')?.messages ?? []).map(({ sha256 }) => sha256).sort();

test('tokens alone open both sides, by OAUTHBEARER and by XOAUTH2, and mail goes across', async () => {
  const sides = [...tokenFile('from', 'old'), ...tokenFile('to', 'fresh')];
  const ran = await run('copy', ...sides);
  expect([ran.code, ran.stderr]).toEqual([0, '']);
  expect(ran.last().messages).toMatchObject({ total: 5, copied: 5 });
  expect(await bodiesOn(fresh)).toEqual(await bodiesOn(old));
  expect(
    [old.log(), fresh.log()].map(
      (log) => /Login: user=<anna@example\.org>, method=(XOAUTH2|OAUTHBEARER)/.exec(log)?.[1],
    ),
  ).toEqual(['OAUTHBEARER', 'XOAUTH2']);
  expect(asked).toEqual(expect.arrayContaining([tokens.old, tokens.fresh]));
  const verified = await run('verify', ...sides, '--deep');
  expect([verified.code, verified.last().missing]).toEqual([0, 0]);
});

test('a token and a password go together, one for each side', async () => {
  const { MAILFERRY_TO_PASSWORD } = passwordsOf(user) as { MAILFERRY_TO_PASSWORD: string };
  const ran = await mailferry(
    ['copy', ...pairOptions(old, fresh, user, join(dir, 'mixed')), ...tokenFile('from', 'old'), '--json'],
    { MAILFERRY_TO_PASSWORD },
  );
  expect([ran.code, ran.stderr]).toEqual([0, '']);
  expect(ran.last().messages).toMatchObject({ total: 5, copied: 0, present: 5 });
});

test('ls takes a token', async () => {
  const ran = await mailferry(
    ['ls', plainUrl(fresh, user), '--token-file', join(dir, 'fresh'), '--json'],
    {},
  );
  expect([ran.code, ran.last().type]).toEqual([0, 'listing']);
});

test.each([
  ['old', [...tokenFile('from', 'expired'), ...tokenFile('to', 'fresh')]],
  ['new', [...tokenFile('from', 'old'), ...tokenFile('to', 'expired')]],
] as const)(
  'a token that %s refuses is named as what it is, once, and never shown',
  async (side, options) => {
    const before = asked.filter((token) => token === tokens.expired).length;
    const ran = await run('copy', ...options);
    expect([ran.code, ran.last().code, ran.last().side]).toEqual([3, 'token-refused', side]);
    expect(ran.stderr).toContain(`the server does not take the token for ${user.name}`);
    expect(ran.stderr).not.toContain('password');
    expect(ran.stdout + ran.stderr).not.toContain(tokens.expired);
    expect(asked.filter((token) => token === tokens.expired)).toHaveLength(before + 1);
  },
);

test("a token of somebody else's account does not open this one", async () => {
  const stranger = { name: 'john@example.org', password: 'lab-geheim' };
  const ran = await mailferry(
    ['ls', plainUrl(fresh, stranger), '--token-file', join(dir, 'fresh'), '--json'],
    {},
  );
  expect([ran.code, ran.last().code]).toEqual([3, 'token-refused']);
});
