/**
 * Passwords that the sync alone logs in with, on a real Dovecot that was told of them by `mailferry config dovecot`, from the
 * replica of a real edge.
 */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { AppPasswordKeeper } from '../../src/app-passwords/index.ts';
import { systemClock } from '../../src/base/clock.ts';
import { EdgeFollower } from '../../src/routing/index.ts';
import { addAccount } from '../../src/state/database/accounts.ts';
import { appPasswordsOf } from '../../src/state/database/app-passwords.ts';
import { edgeRowsAfter } from '../../src/state/database/edge-rows.ts';
import { addEdge, enrolEdge, noteEdge } from '../../src/state/database/edges.ts';
import { revokeAppPassword } from '../../src/state/database/end-of-access.ts';
import { EnvelopeKey } from '../../src/state/database/envelope.ts';
import { type Database, openDatabase } from '../../src/state/database/open-database.ts';
import { type Dovecot, noPenalty, startDovecot } from '../lab/dovecot.ts';
import { RawImap } from '../judge/imap-raw.ts';

const bin = fileURLToPath(new URL('../../bin/mailferry', import.meta.url));
const users = ['anna', 'bela'].map((name) => ({ name, password: `own-${name}` }));
const loopback = { nets: ['127.0.0.0/8'], lifeMs: 3_600_000 };
let dir: string;
let dovecot: Dovecot;
let database: Database;
const key = new EnvelopeKey(new Uint8Array(32).fill(7));
const ids = new Map<string, string>();
let edgeId: string;
let stopEdge: (() => Promise<void>) | null = null;

function keeper(settings = loopback): AppPasswordKeeper {
  const clock = { ...systemClock, monotonic: () => systemClock.monotonic() * 20 };
  return new AppPasswordKeeper({
    database,
    key,
    clock,
    settings: { old: settings, new: null },
    actor: 'worker',
  });
}

const idOf = (name: string) => ids.get(name) ?? expect.fail(`no account ${name}`);
const passwordFor = async (name: string, settings = loopback) =>
  (await keeper(settings).passwordFor(idOf(name), 'old'))?.reveal() ?? expect.fail('none');

async function logsIn(user: string, password: string): Promise<boolean> {
  const imap = await RawImap.login({ port: dovecot.imapPort, user, password }).catch(() => null);
  await imap?.logout();
  return imap !== null;
}

/** On POP3, with a program that nobody here wrote. */
async function popsIn(user: string, password: string): Promise<boolean> {
  const args = ['-s', '-S', '--user', `${user}:${password}`, `pop3://127.0.0.1:${dovecot.pop3Port}/`];
  return await promisify(execFile)('curl', args).then(
    () => true,
    () => false,
  );
}

const configDovecot = async (...args: string[]) => {
  const all = [
    'config',
    'dovecot',
    '--config-directory',
    dovecot.dir,
    '--directory',
    join(dir, 'edge'),
    ...args,
  ];
  return (await promisify(execFile)(process.execPath, [bin, ...all])).stdout;
};

function startEdge(): void {
  const over = new AbortController();
  const follower = new EdgeFollower({
    side: 'old',
    control: {
      rowsAfter: async (after, limit, _, signal) => {
        await systemClock.sleep(50, signal).catch(() => {});
        return await edgeRowsAfter(database.db, { side: 'old', after, limit });
      },
      acknowledge: async (epoch, health) =>
        await noteEdge(database.db, edgeId, { epoch, version: 'test', health }),
    },
    file: join(dir, 'edge', 'replica.sqlite'),
    groupReads: true,
    table: null,
    nexthop: '',
    clock: systemClock,
    log: () => {},
  });
  const running = follower.run(over.signal);
  stopEdge = async () => {
    over.abort();
    await running;
    follower.close();
  };
}

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'mf-app-passwords-'));
  mkdirSync(join(dir, 'edge'));
  dovecot = await startDovecot({ users, tls: false, pop3: true, extra: noPenalty });
  database = await openDatabase({ url: join(dir, 'database'), clock: systemClock });
  for (const { name } of users)
    ids.set(
      name,
      await addAccount(
        database.db,
        { address: `${name}@example.org`, oldLogin: name, newLogin: name },
        'test',
        0,
      ),
    );
  edgeId = await addEdge(
    database.db,
    { side: 'old', name: 'mx1', codeHash: 'code', codeForMs: 60_000 },
    'test',
    systemClock.now(),
  );
  mkdirSync(join(dovecot.dir, 'conf.d'));
}, 60_000);
afterAll(async () => {
  await stopEdge?.();
  await database?.close();
  await dovecot?.stop();
  rmSync(dir, { recursive: true });
});

test('it is not given out before the mail host knows it', async () => {
  await expect(passwordFor('anna')).rejects.toMatchObject({ code: 'app-password-pending' });
  await enrolEdge(database.db, { codeHash: 'code', version: 'test' }, () => 'token');
  startEdge();
  expect(await passwordFor('anna')).toMatch(/^[a-z2-9]{12}\.[a-z2-9]{32}$/);
  // What waited is what was given: one for each account and side.
  expect(await passwordFor('anna')).toBe(await passwordFor('anna'));
  expect(await appPasswordsOf(database.db, idOf('anna'))).toHaveLength(1);
});

test('Dovecot takes it once it was told, and people’s own passwords as before', async () => {
  expect(await logsIn('anna', await passwordFor('anna'))).toBe(false);
  await configDovecot('--apply');
  expect(await configDovecot('--apply')).toMatch(/nothing was changed/);
  await dovecot.restart();
  const password = await passwordFor('anna');
  expect(await logsIn('anna', password)).toBe(true);
  expect(await logsIn('ANNA', password)).toBe(true);
  for (const user of users) expect(await logsIn(user.name, user.password)).toBe(true);
  expect((await appPasswordsOf(database.db, idOf('anna')))[0]?.lastUsedMs).toBeGreaterThan(0);
});

test('it is good for its account, its protocol and its networks only', async () => {
  const password = await passwordFor('anna');
  expect(await logsIn('bela', password)).toBe(false);
  expect(await logsIn('anna', `${password}x`)).toBe(false);
  expect(await logsIn('anna', password.slice(0, 13))).toBe(false);
  expect(await logsIn('anna', "x' OR '1'='1")).toBe(false);
  expect(await popsIn('anna', password)).toBe(false);
  expect(await popsIn('anna', 'own-anna')).toBe(true);
  expect(await logsIn('bela', await passwordFor('bela', { ...loopback, nets: ['192.0.2.0/24'] }))).toBe(
    false,
  );
});

test('one that is revoked is refused within seconds, and the next login gets another', async () => {
  const before = await passwordFor('anna');
  const [made] = await appPasswordsOf(database.db, idOf('anna'));
  await revokeAppPassword(database.db, idOf('anna'), made?.id ?? '', 'operator');
  const next = await passwordFor('anna');
  expect(next).not.toBe(before);
  expect(await logsIn('anna', before)).toBe(false);
  expect(await logsIn('anna', next)).toBe(true);
  await expect(
    revokeAppPassword(database.db, idOf('bela'), made?.id ?? '', 'operator'),
  ).rejects.toMatchObject({
    code: 'app-password-unknown',
  });
});

test('one that runs out is renewed before, and refused after', async () => {
  const [first] = await appPasswordsOf(database.db, idOf('bela'));
  await revokeAppPassword(database.db, idOf('bela'), first?.id ?? '', 'operator');
  const brief = { ...loopback, lifeMs: 4_000 };
  const early = await passwordFor('bela', brief);
  expect(await logsIn('bela', early)).toBe(true);
  await systemClock.sleep(3_200);
  // In its last quarter another is made, and both are good.
  await passwordFor('bela', brief);
  expect(
    (await appPasswordsOf(database.db, idOf('bela'))).filter((one) => one.revokedAtMs === null),
  ).toHaveLength(2);
  await systemClock.sleep(2_000);
  expect(await logsIn('bela', early)).toBe(false);
  expect(await logsIn('bela', await passwordFor('bela', brief))).toBe(true);
});

test('without the replica people log in as before', async () => {
  await stopEdge?.();
  stopEdge = null;
  rmSync(join(dir, 'edge', 'replica.sqlite'));
  await dovecot.restart();
  for (const user of users) expect(await logsIn(user.name, user.password)).toBe(true);
});

test('what Dovecot was told is taken back', async () => {
  expect(await configDovecot('--undo', '--dry-run')).toMatch(/Nothing was changed/);
  await configDovecot('--undo');
  expect(existsSync(join(dovecot.dir, 'conf.d/05-mailferry.conf'))).toBe(false);
  expect(existsSync(join(dovecot.dir, 'mailferry-app-passwords.conf.ext'))).toBe(false);
  expect(await configDovecot('--undo')).toMatch(/nothing was changed/);
});
