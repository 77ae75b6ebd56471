/** The options of docs/reference/cli.md that other tests here do not pass, between two real Dovecots. */
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type KeyPair, labCertificates } from '../lab/certificates.ts';
import type { WireStep } from '../dialogues/dialogue.ts';
import { startScriptedServer } from '../dialogues/scripted-server.ts';
import { type Dovecot, type LabUser, startDovecot } from '../lab/dovecot.ts';
import { accountOf, actAs, mailferry, pairOptions, plainUrl } from './mailferry.ts';

const names = [
  'pin',
  'keep',
  'brake',
  'connections',
  'refused',
  'rate',
  'master',
  'stranger-to-old',
  'stranger-to-new',
] as const;
const password = 'lab-geheim';
const userNamed = (name: (typeof names)[number]): LabUser => ({ name: `${name}@example.org`, password });
const users = names.map(userNamed);
const master = { name: 'ferry', password: 'master-geheim' };
const dir = mkdtempSync(join(tmpdir(), 'mf-options-'));
const env = { MAILFERRY_FROM_PASSWORD: password, MAILFERRY_TO_PASSWORD: password, XDG_STATE_HOME: dir };
let old: Dovecot;
let fresh: Dovecot;

beforeAll(async () => {
  [old, fresh] = await Promise.all([
    startDovecot({ users, masterUser: master, tls: labCertificates().good }),
    startDovecot({ users, masterUser: master, tls: labCertificates().selfSigned }),
  ]);
});
afterAll(async () => {
  await Promise.all([old?.stop(), fresh?.stop()]);
  rmSync(dir, { recursive: true, force: true });
});

const sha256Of = ({ cert }: KeyPair) => new X509Certificate(readFileSync(cert)).fingerprint256;
const pins = (...pairs: readonly KeyPair[]) =>
  pairs.flatMap((pair) => ['--tls-fingerprint', `sha256:${sha256Of(pair)}`]);
const bothPins = () => pins(labCertificates().good, labCertificates().selfSigned);

const copyArgs = (user: LabUser, ...more: readonly string[]) => [
  'copy',
  ...pairOptions(old, fresh, user, join(dir, user.name)),
  ...bothPins(),
  '--json',
  ...more,
];
const copy = (user: LabUser, ...more: readonly string[]) => mailferry(copyArgs(user, ...more), env);

async function fill(user: LabUser, mailbox: string, count: number, text = 'Text'): Promise<void> {
  const imap = await actAs(old, user);
  if (mailbox !== 'INBOX') await imap.create(mailbox);
  for (let i = 0; i < count; i++)
    await imap.append(mailbox, Buffer.from(`Subject: ${mailbox} ${i}\r\n\r\n${text} ${i}\r\n`));
  await imap.logout();
}

async function removeOnOld(user: LabUser, mailbox: string, count: number): Promise<void> {
  const there = (await accountOf(old, user)).get(mailbox)?.messages ?? [];
  const imap = await actAs(old, user);
  await imap.expunge(
    mailbox,
    there.slice(0, count).map(({ uid }) => uid),
  );
  await imap.logout();
}

const bodiesOn = async (server: Dovecot, user: LabUser, mailbox = 'INBOX') =>
  ((await accountOf(server, user)).get(mailbox)?.messages ?? []).map(({ sha256 }) => sha256).sort();

describe('--tls-fingerprint', () => {
  const user = userNamed('pin');
  const { good, selfSigned, expired } = labCertificates();
  const withPins = (...options: readonly string[]) =>
    mailferry(['copy', ...pairOptions(old, fresh, user, join(dir, user.name)), '--json', ...options], env);

  test('lets in one certificate for each of two servers, whoever issued them', async () => {
    await fill(user, 'INBOX', 3);
    const ran = await withPins(...pins(good, selfSigned));
    expect([ran.code, ran.stderr]).toEqual([0, '']);
    expect(ran.last().messages).toMatchObject({ copied: 3 });
  });

  test('without colons and in small letters is the same', async () => {
    const bare = [good, selfSigned].flatMap((pair) => [
      '--tls-fingerprint',
      `sha256:${sha256Of(pair).replaceAll(':', '').toLowerCase()}`,
    ]);
    expect((await withPins(...bare)).code).toBe(0);
  });

  test.each([
    ['old', expired, selfSigned],
    ['new', good, expired],
  ] as const)('of another certificate stops before the password is sent to %s', async (side, one, two) => {
    const stranger = userNamed(`stranger-to-${side}`);
    const ran = await mailferry(
      ['copy', ...pairOptions(old, fresh, stranger, join(dir, side)), ...pins(one, two), '--json'],
      env,
    );
    expect([ran.code, ran.last().code, ran.last().side]).toEqual([3, 'pin-mismatch', side]);
    expect((side === 'old' ? old : fresh).log()).not.toContain(stranger.name);
  });

  test('that is none is a usage error', async () => {
    const ran = await withPins('--tls-fingerprint', 'sha256:abc');
    expect([ran.code, ran.last().code]).toEqual([2, 'usage']);
  });
});

test('--keep-deleted leaves on new what was removed on old, and a run without it removes it', async () => {
  const user = userNamed('keep');
  await fill(user, 'INBOX', 6);
  expect((await copy(user)).code).toBe(0);
  await removeOnOld(user, 'INBOX', 2);
  const kept = await copy(user, '--keep-deleted');
  expect([kept.code, kept.stderr]).toEqual([0, '']);
  expect(await bodiesOn(fresh, user)).toHaveLength(6);
  expect((await copy(user)).code).toBe(0);
  expect(await bodiesOn(fresh, user)).toHaveLength(4);
  expect(await bodiesOn(fresh, user)).toEqual(await bodiesOn(old, user));
});

test('an unusual mass of deletions is stopped, said so, and carried out with --confirm-deletions', async () => {
  const user = userNamed('brake');
  await fill(user, 'INBOX', 5);
  await fill(user, 'Projekt', 12);
  expect((await copy(user)).code).toBe(0);
  await removeOnOld(user, 'Projekt', 12);
  const stopped = await copy(user);
  expect(stopped.code).toBe(0);
  expect(stopped.last().deletionsStopped).toContain('12 messages');
  expect(await bodiesOn(fresh, user, 'Projekt')).toHaveLength(12);
  const confirmed = await copy(user, '--confirm-deletions');
  expect([confirmed.code, confirmed.last().deletionsStopped]).toEqual([0, null]);
  expect(await bodiesOn(fresh, user, 'Projekt')).toEqual([]);
  expect(await bodiesOn(fresh, user)).toHaveLength(5);
});

describe('--connections', () => {
  const user = userNamed('connections');

  test('1 copies everything over one login on each side', async () => {
    await fill(user, 'INBOX', 10);
    await fill(user, 'Zweites', 10);
    const ran = await copy(user, '--connections', '1');
    expect([ran.code, ran.stderr]).toEqual([0, '']);
    expect(ran.last().messages).toMatchObject({ copied: 20 });
    // The judge's client logs in without TLS.
    const logins = (server: Dovecot) =>
      server.log().match(new RegExp(`Login: user=<${user.name}>.* TLS,`, 'g'))?.length;
    expect([logins(old), logins(fresh)]).toEqual([1, 1]);
    for (const mailbox of ['INBOX', 'Zweites'])
      expect(await bodiesOn(fresh, user, mailbox)).toEqual(await bodiesOn(old, user, mailbox));
  });

  test.each([['0'], ['-1'], ['zwei'], ['1.5']])('%s is refused', async (value) => {
    const ran = await copy(user, `--connections=${value}`);
    expect([ran.code, ran.last().code]).toEqual([2, 'usage']);
    expect(ran.stderr).toContain('--connections');
  });
});

test('--retry-refused brings a message that new refused, once it takes it', async () => {
  const user = userNamed('refused');
  const small = await startDovecot({ users: [user], tls: labCertificates().selfSigned, maxMailSize: 20_000 });
  const args = (server: Dovecot) => [
    'copy',
    ...pairOptions(old, server, user, join(dir, 'refused-state')),
    ...bothPins(),
    '--json',
  ];
  try {
    const imap = await actAs(old, user);
    await imap.append('INBOX', Buffer.from(`Subject: gross\r\n\r\n${`${'x'.repeat(70)}\r\n`.repeat(500)}`));
    await imap.append('INBOX', Buffer.from('Subject: klein\r\n\r\nklein\r\n'));
    await imap.logout();
    const first = await mailferry(args(small), env);
    expect(first.code).toBe(1);
    expect(first.last().messages).toMatchObject({ copied: 1, refused: 1 });
    // The operator raises the limit; the server stays the same to its clients.
    const limit = 'quota_max_mail_size = 20000B';
    const configuration = readFileSync(small.configFile, 'utf8');
    expect(configuration).toContain(limit);
    writeFileSync(small.configFile, configuration.replace(limit, 'quota_max_mail_size = 1M'));
    await small.restart();
    const without = await mailferry(args(small), env);
    expect(without.code).toBe(1);
    expect(without.last().messages).toMatchObject({ copied: 0, refused: 1 });
    const retried = await mailferry([...args(small), '--retry-refused'], env);
    expect([retried.code, retried.last().refused]).toEqual([0, []]);
    expect(retried.last().messages).toMatchObject({ copied: 1, refused: 0 });
    expect(await bodiesOn(small, user)).toEqual(await bodiesOn(old, user));
  } finally {
    await small.stop();
  }
});

test('--max-rate in bytes holds back', async () => {
  const user = userNamed('rate');
  await fill(user, 'INBOX', 12, `${'x'.repeat(70)}\r\n`.repeat(3500));
  const bytes = ((await accountOf(old, user)).get('INBOX')?.messages ?? []).reduce(
    (sum, m) => sum + m.sizeBytes,
    0,
  );
  expect(bytes).toBeGreaterThan(3_000_000);
  const ran = await copy(user, '--max-rate', '1MB/s');
  expect([ran.code, ran.last().bytes]).toEqual([0, bytes]);
  // The first second's worth goes at once.
  expect(ran.last().seconds).toBeGreaterThan(bytes / 1e6 - 1.2);
});

test('--from-auth-user and --to-auth-user log in as a master user on behalf of the account', async () => {
  const user = userNamed('master');
  await fill(user, 'INBOX', 4);
  const file = join(dir, 'master.pw');
  writeFileSync(file, `${master.password}\n`);
  const sides = ['from', 'to'].flatMap((side) => [
    `--${side}-auth-user`,
    master.name,
    `--${side}-password-file`,
    file,
  ]);
  const wrong = { MAILFERRY_FROM_PASSWORD: 'not this one', MAILFERRY_TO_PASSWORD: 'nor this' };
  const ran = await mailferry(copyArgs(user, ...sides), { ...env, ...wrong });
  expect([ran.code, ran.stderr]).toEqual([0, '']);
  expect(await bodiesOn(fresh, user)).toEqual(await bodiesOn(old, user));
  expect(ran.stdout + ran.stderr).not.toContain(master.password);
});

describe('a token file', () => {
  const user = 'anna@example.org';
  const token = 'canary-t0ken.with-dots_and~more';
  const host = '127.0.0.1';
  const base64 = (text: string) => Buffer.from(text, 'utf8').toString('base64');
  const file = join(dir, 'token');

  const steps = (mechanism: string, answer: readonly string[]): WireStep[] =>
    [
      ['S', `* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN ${mechanism}] ready`] as const,
      ...answer.map((line) => [line.startsWith('C: ') ? 'C' : 'S', line.slice(3)] as const),
      ['C-CLOSE', ''] as const,
    ].map(([verb, text], line) => ({ line, verb, text }));
  const values = (port: number) => ({
    xoauth: base64(`user=${user}\x01auth=Bearer ${token}\x01\x01`),
    bearer: base64(`n,a=${user},\x01host=${host}\x01port=${port}\x01auth=Bearer ${token}\x01\x01`),
    // A server that tells the token again in its refusal.
    token,
  });

  test.each([
    ['AUTH=OAUTHBEARER AUTH=XOAUTH2', '', 'OAUTHBEARER $bearer', 'AQ=='],
    ['AUTH=XOAUTH2', '', 'XOAUTH2 $xoauth', ''],
    ['AUTH=OAUTHBEARER AUTH=XOAUTH2', ';AUTH=XOAUTH2', 'XOAUTH2 $xoauth', ''],
  ])('with %s and "%s" goes as %s, and never into the output', async (offered, chosen, sent, abort) => {
    writeFileSync(file, `${token}\n`);
    const refusal = ['S: + eyJzdGF0dXMiOiI0MDEifQ==', `C: ${abort}`, 'S: $tag NO bad token $token'];
    const server = await startScriptedServer({
      path: 'token file',
      connections: [steps(offered, [`C: $tag AUTHENTICATE ${sent}`, ...refusal])],
      values,
    });
    try {
      const address = `imap://${encodeURIComponent(user)}${chosen}@${host}:${server.port}`;
      const pair = ['--from', address, '--to', plainUrl(fresh, userNamed('stranger-to-new'))];
      const ran = await mailferry(
        [
          'copy',
          ...pair,
          '--from-token-file',
          file,
          '--state',
          join(dir, `token-${server.port}`),
          ...bothPins(),
          '--json',
        ],
        { ...env, MAILFERRY_FROM_PASSWORD: 'not-this-one' },
      );
      await server.played();
      expect(server.faults).toEqual([]);
      expect([ran.code, ran.last().code, ran.last().side]).toEqual([3, 'token-refused', 'old']);
      const output = ran.stdout + ran.stderr;
      for (const secret of [token, values(server.port).xoauth, values(server.port).bearer])
        expect(output).not.toContain(secret);
    } finally {
      await server.stop();
    }
  });
});
