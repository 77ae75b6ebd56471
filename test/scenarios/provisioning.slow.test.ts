/**
 * Accounts that only Mailferry knows on new: a daemon, an edge of new and a Dovecot there whose users come from the edge's
 * replica alone. Passwords are copied from old's passwd-file, or captured in the portal.
 */
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Running, mailferry, startMailferry } from '../interop/mailferry.ts';
import { RawImap } from '../judge/imap-raw.ts';
import { type Dovecot, type LabUser, noPenalty, startDovecot } from '../lab/dovecot.ts';
import { deliverByLmtp } from '../lab/lmtp.ts';
import { makeServePlace, type ServePlace } from './serve-env.ts';
import { until } from './worker-env.ts';

const users = ['anna', 'bela', 'clara', 'dora', 'emil'].map((name) => ({
  name,
  password: `Kanarie-${name}-4Zt9`,
}));
const [anna, bela, clara, dora, emil] = users as [LabUser, LabUser, LabUser, LabUser, LabUser];
const masterUser = { name: 'ferry', password: 'master-of-both' };
let old: Dovecot;
let fresh: Dovecot;
let place: ServePlace;
let edge: Running | null = null;
let edgeDirectory: string;
let passwdFile: string;
/** As old has them. */
const hashes = new Map<string, string>();

const addressOf = ({ name }: LabUser) => `${name}@example.org`;
const hashOf = async (password: string, scheme: string) =>
  (await old.doveadm(['pw', '-s', scheme, '-p', password])).trim();

function writePasswdFile(): void {
  const lines = users.map(({ name }) => `${name}:${hashes.get(name) ?? '*'}:65534:65534::/nowhere::\n`);
  writeFileSync(passwdFile, lines.join(''));
}

async function logsIn(user: string, password: string): Promise<boolean> {
  const imap = await RawImap.login({ port: fresh.imapPort, user, password }).catch(() => null);
  await imap?.logout();
  return imap !== null;
}

const provision = async (...args: string[]) => {
  const ran = await place.cli('provision', ...args, '--json');
  return {
    code: ran.code,
    accounts: ran.lines().filter(({ type }) => type === 'account'),
    summary: ran.last(),
  };
};

const configDovecot = (...args: string[]) => {
  const host = ['--side', 'new', '--directory', edgeDirectory, '--config-directory', fresh.dir];
  return mailferry(['config', 'dovecot', ...host, ...args]);
};

/** `mailferry edge run` for new, on the host of new's Dovecot. */
async function startEdge(): Promise<void> {
  edge = startMailferry([
    'edge',
    'run',
    '--side',
    'new',
    '--peer',
    'old.example',
    '--no-table',
    '--group-reads',
    '--directory',
    edgeDirectory,
  ]);
  await edge.printed('"ready"');
}

beforeAll(async () => {
  [old, fresh] = await Promise.all([
    startDovecot({ users, masterUser, tls: false, extra: noPenalty }),
    startDovecot({ users: [], masterUser, tls: false, lmtp: true, extra: noPenalty }),
  ]);
  place = await makeServePlace({
    old,
    fresh,
    masterUser,
  });
  passwdFile = join(place.dir, 'users-of-old');
  for (const [user, scheme] of [
    [anna, 'SHA512-CRYPT'],
    [bela, 'BLF-CRYPT'],
    [emil, 'SSHA256'],
  ] as const)
    hashes.set(user.name, await hashOf(user.password, scheme));
  hashes.set(dora.name, `{WHO-KNOWS}${'z'.repeat(40)}`);
  writePasswdFile();
  const toml = readFileSync(place.configFile, 'utf8');
  const more =
    `[old.passwords]\nkind = "passwd-file"\nfile = "${passwdFile}"\n` +
    '[new.provisioning]\nadapter = "sql"\n';
  writeFileSync(place.configFile, `${toml}\n${more}`, { mode: 0o600 });
  const list = join(place.dir, 'list.csv');
  const rows = users.map(
    (user) =>
      `${addressOf(user)},${user.name},${user.name},${user === anna ? '50 MB,info@example.org' : ','}`,
  );
  writeFileSync(list, `address,old_login,new_login,quota,aliases\n${rows.join('\n')}\n`);
  await place.start();
  const imported = await place.cli('accounts', 'import', list);
  expect([imported.code, imported.stderr]).toEqual([0, '']);

  edgeDirectory = join(fresh.dir, 'edge');
  mkdirSync(edgeDirectory);
  const { stdout } = await place.cli('edge', 'add', 'mx-new', '--side', 'new', '--json');
  const code = join(place.dir, 'code');
  writeFileSync(code, (JSON.parse(stdout) as { code: string }).code, { mode: 0o600 });
  const enrolled = await mailferry([
    'edge',
    'enrol',
    '--control',
    place.origin,
    '--code-file',
    code,
    '--directory',
    edgeDirectory,
  ]);
  expect([enrolled.code, enrolled.stderr]).toEqual([0, '']);
  // Dovecot's workers read below it.
  chmodSync(edgeDirectory, 0o755);
  mkdirSync(join(fresh.dir, 'conf.d'));
  mkdirSync(join(fresh.dir, 'mail'), { recursive: true });
  chmodSync(join(fresh.dir, 'mail'), 0o777);
}, 120_000);
afterAll(async () => {
  edge?.kill('SIGTERM');
  await edge?.done;
  await place?.close();
  await Promise.all([old?.stop(), fresh?.stop()]);
});

test('what makes them says whether it would, and a dry run changes nothing', async () => {
  const asked = async () => {
    const response = await fetch(`${place.origin}/api/v1/provisioning/test`, {
      method: 'POST',
      headers: { authorization: `Bearer ${readFileSync(place.tokenFile, 'utf8').trim()}` },
    });
    return (await response.json()) as Record<string, unknown>;
  };
  expect(await asked()).toMatchObject({ adapter: 'sql', works: true, text: expect.stringMatching(/mx-new/) });
  const { code, accounts } = await provision(addressOf(anna), addressOf(clara), addressOf(dora), '--dry-run');
  expect(accounts).toMatchObject([
    { account: addressOf(anna), outcome: 'made', changes: ['create'], password: 'copied' },
    { account: addressOf(clara), outcome: 'made', changes: ['create'], password: 'locked' },
    { account: addressOf(dora), outcome: 'refused', reason: expect.stringMatching(/scheme WHO-KNOWS/) },
  ]);
  expect(code).toBe(1);
  expect(await logsIn(anna.name, anna.password)).toBe(false);
});

test('a started account is made before its first copy, and its owner logs in on new with the password of old', async () => {
  const { uid, gid } = fresh.mailOwner('anna');
  const fields = `uid=${uid} gid=${gid} home=${fresh.dir}/mail/%u`;
  const told = await configDovecot('--user-fields', fields, '--apply');
  expect([told.code, told.stderr]).toEqual([0, '']);
  const session = await RawImap.login({ port: old.imapPort, user: anna.name, password: anna.password });
  await session.append('INBOX', Buffer.from('Subject: carried over\r\n\r\nHello.\r\n'));
  await session.logout();
  // No edge of new knows it yet: nothing is copied.
  const started = await place.cli('sync', 'start', addressOf(anna));
  expect(started.code).toBe(0);
  await startEdge();
  await fresh.restart();
  await place.inStep(1);
  expect(await logsIn(anna.name, anna.password)).toBe(true);
  expect(await logsIn('ANNA', anna.password)).toBe(true);
  expect(await logsIn(anna.name, `${anna.password}x`)).toBe(false);
  expect(await logsIn(anna.name, "x' OR '1'='1")).toBe(false);
  expect(await logsIn(bela.name, bela.password)).toBe(false);
  expect(await fresh.doveadm(['mailbox', 'status', '-u', 'anna', 'messages', 'INBOX'])).toMatch(/messages=1/);
});

test('quota and login are as they are to be, and making it again changes nothing', async () => {
  const found = await fresh.doveadm(['user', 'anna']);
  expect(found).toMatch(/quota_rule\s+\*:bytes=50000000/);
  expect(await provision(addressOf(anna))).toMatchObject({
    code: 0,
    accounts: [{ outcome: 'unchanged', changes: [] }],
  });
  const replica = new DatabaseSync(join(edgeDirectory, 'replica.sqlite'), { readOnly: true });
  expect(replica.prepare('select login, hash, quota_bytes from user').all()).toEqual([
    { login: 'anna', hash: hashes.get('anna'), quota_bytes: 50_000_000 },
  ]);
  replica.close();
});

test('mail to any address of an account is its mail, and its owner logs in by them as well', async () => {
  for (const address of ['info@example.org', 'Anna@Example.org'])
    await deliverByLmtp(fresh, address, `Subject: to ${address}\r\n\r\ntext\r\n`);
  await expect(deliverByLmtp(fresh, 'nobody@example.org', 'Subject: x\r\n\r\nx\r\n')).rejects.toThrow(/550/);
  expect(await fresh.doveadm(['mailbox', 'status', '-u', 'anna', 'messages', 'INBOX'])).toMatch(/messages=3/);
  expect(await logsIn(addressOf(anna), anna.password)).toBe(true);
  expect(await logsIn('info@example.org', anna.password)).toBe(true);
  expect(await logsIn('info@example.org', bela.password)).toBe(false);
});

test('hashes of other schemes are good as well; one that nobody knows is refused with its name', async () => {
  const { code, accounts } = await provision(addressOf(bela), addressOf(emil), addressOf(dora));
  expect([code, accounts.map(({ outcome }) => outcome)]).toEqual([1, ['made', 'refused', 'made']]);
  expect(await logsIn(bela.name, bela.password)).toBe(true);
  expect(await logsIn(emil.name, emil.password)).toBe(true);
  const { stdout } = await place.cli('accounts', 'show', addressOf(dora), '--json');
  expect(stdout).toMatch(/provisioning-refused/);
  expect(stdout).toMatch(/dora@example\.org: password: the hash on old is of the scheme WHO-KNOWS/);
});

test('a password that changes on old is good on new after the next look, and the one before is not', async () => {
  hashes.set('bela', await hashOf('another-one', 'SHA512-CRYPT'));
  writePasswdFile();
  expect(await provision(addressOf(bela))).toMatchObject({
    accounts: [{ outcome: 'made', changes: ['password'] }],
  });
  expect(await logsIn('bela', 'another-one')).toBe(true);
  expect(await logsIn('bela', bela.password)).toBe(false);
});

test('without a password the account is there for mail and the sync, and nobody logs in', async () => {
  expect(await provision(addressOf(clara))).toMatchObject({
    accounts: [{ outcome: 'made', password: 'locked' }],
  });
  for (const typed of ['', 'A', clara.password, 'A'.repeat(43)])
    expect(await logsIn('clara', typed)).toBe(false);
  expect(await logsIn('clara*ferry', masterUser.password)).toBe(true);
  expect(await fresh.doveadm(['user', 'clara'])).toMatch(/home/);
});

test('the password that its owner gives in the portal for this is good on new', async () => {
  const call = async (path: string, body: unknown, cookie?: string) =>
    await fetch(`${place.origin}/api/v1${path}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(cookie === undefined ? {} : { cookie, 'sec-fetch-site': 'same-origin' }),
      },
      body: JSON.stringify(body),
    });
  const login = await call('/session', { login: addressOf(clara), password: clara.password });
  const cookie = login.headers.get('set-cookie')?.split(';')[0] ?? '';
  const planned = await call(
    `/accounts/${addressOf(clara)}/plan`,
    { kind: 'move', at: null, keepPassword: true, password: clara.password },
    cookie,
  );
  expect([planned.status, await planned.text()]).toEqual([200, expect.anything()]);
  await until(15_000, async () => await logsIn('clara', clara.password));
  expect(await provision(addressOf(clara))).toMatchObject({ accounts: [{ password: 'captured' }] });
});

test('mail for an account that only the replica knows waits while that is away, and is not refused', async () => {
  const message = 'Subject: by the other server\r\n\r\nHello.\r\n';
  await deliverByLmtp(fresh, 'anna', message);
  await expect(deliverByLmtp(fresh, 'nobody', message)).rejects.toThrow(/LMTP: 550/);
  const replica = join(edgeDirectory, 'replica.sqlite');
  edge?.kill('SIGTERM');
  await edge?.done;
  rmSync(replica);
  await fresh.restart();
  await expect(fresh.doveadm(['user', 'anna'])).rejects.toMatchObject({ code: 75 });
  await expect(deliverByLmtp(fresh, 'anna', message)).rejects.toThrow(/LMTP: 4/);
  await startEdge();
  // Dovecot goes on with the file that it has opened.
  await fresh.restart();
  await until(10_000, async () => await logsIn('anna', anna.password));
});

test('what Dovecot was told is taken back, and no hash stands in what was printed', async () => {
  const ran = await configDovecot('--undo');
  expect(ran.code).toBe(0);
  expect(existsSync(join(fresh.dir, 'conf.d/06-mailferry-users.conf'))).toBe(false);
  await fresh.restart();
  expect(await logsIn('anna', anna.password)).toBe(false);
  const audit = await place.cli('audit', '--limit', '500', '--json');
  await place.close();
  const printed = [...place.printed, audit.stdout, audit.stderr].join('\n');
  expect(printed).toMatch(/account\.provision/);
  for (const hash of hashes.values()) expect(printed).not.toContain(hash.slice(-20));
  for (const { password } of users) expect(printed).not.toContain(password);
});
