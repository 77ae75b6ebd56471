/** App passwords by the API: what there is, another one, the end of one; and what owners are told of the sync's sign-in. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Secret } from '../../src/base/secret.ts';
import { changePhase } from '../../src/state/database/accounts.ts';
import { setCredential } from '../../src/state/database/credentials.ts';
import { type Database, openDatabase } from '../../src/state/database/open-database.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { type ControlEnv, key, startControlFor } from './control-env.ts';

interface Listed {
  readonly appPasswords: readonly Record<string, unknown>[];
  readonly offered: readonly string[];
}

let directory: string;
let database: Database;
let control: ControlEnv;
const path = '/api/v1/accounts/anna@example.org';
const nets = '[old.app_passwords]\nnets = ["192.0.2.20/32"]\n';

const start = async (toml: string) => {
  control = await startControlFor(database, { toml });
  await control.call('POST', '/api/v1/accounts/import', 'address\nanna@example.org\n');
};
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'mailferry-app-passwords-'));
  database = await openDatabase({ url: join(directory, 'database'), clock: new FakeClock() });
});
afterEach(async () => {
  await control.close();
  await database.close();
  rmSync(directory, { recursive: true });
});

const list = async () => (await control.call('GET', `${path}/app-passwords`)).body as unknown as Listed;
const signsInWith = async () => (await control.call('GET', `${path}/crossing`)).body.signsInWith;
const accountId = async () => String((await control.call('GET', path)).body.id);

it('tells who made one, until when and from where it is good, and that nobody used it', async () => {
  await start(nets);
  expect(await list()).toEqual({ appPasswords: [], offered: ['old'] });
  const made = await control.call('POST', `${path}/app-passwords`, { side: 'old' });
  expect(made.status).toBe(201);
  const { appPasswords } = await list();
  expect(appPasswords).toMatchObject([
    {
      id: made.body.id,
      side: 'old',
      state: 'in-force',
      protocols: ['imap'],
      nets: ['192.0.2.20/32'],
      createdBy: 'operator',
      revokedBy: null,
      lastUsedAt: null,
      lastUsedBy: null,
    },
  ]);
  // Nothing that one could log in with.
  expect(Object.keys(appPasswords[0] ?? {}).toSorted()).toEqual(
    'createdAt createdBy expiresAt id lastUsedAt lastUsedBy nets protocols revokedAt revokedBy side state'.split(
      ' ',
    ),
  );
});

it('another one takes its place within a minute, and the audit log names who wanted it', async () => {
  await start(nets);
  await control.call('POST', `${path}/app-passwords`, { side: 'old' });
  await control.call('POST', `${path}/app-passwords`, { side: 'old' });
  const [next, before] = (await list()).appPasswords;
  const leftMs = (one: Record<string, unknown> | undefined) =>
    Date.parse(String(one?.expiresAt)) - Date.parse(String(one?.createdAt));
  expect(leftMs(before)).toBeLessThan(120_000);
  expect(leftMs(next)).toBeGreaterThan(29 * 24 * 3_600_000);
  const { audit } = (await control.call('GET', '/api/v1/audit')).body as {
    audit: { actor: string; action: string }[];
  };
  expect(audit.filter(({ action }) => action === 'app-password.mint').map(({ actor }) => actor)).toEqual([
    'operator',
    'operator',
  ]);
});

it('one that is revoked says by whom, and cannot be found under another account', async () => {
  await start(nets);
  const { id } = (await control.call('POST', `${path}/app-passwords`, { side: 'old' })).body;
  await control.call('POST', '/api/v1/accounts/import', 'address\nbela@example.org\n');
  const others = `/api/v1/accounts/bela@example.org/app-passwords/${String(id)}`;
  expect((await control.call('DELETE', others)).body.code).toBe('app-password-unknown');
  expect((await control.call('DELETE', `${path}/app-passwords/${String(id)}`)).status).toBe(204);
  expect((await list()).appPasswords).toMatchObject([{ state: 'revoked', revokedBy: 'operator' }]);
});

it('none is made where the configuration has none, or nothing is to log in any more', async () => {
  await start(nets);
  const other = await control.call('POST', `${path}/app-passwords`, { side: 'new' });
  expect([other.status, other.body.code]).toEqual([409, 'app-passwords-off']);
  for (const event of ['start', 'agree', 'switch', 'commit', 'finish'] as const)
    await changePhase(database.db, { accountId: await accountId(), event, actor: 'test' });
  const late = await control.call('POST', `${path}/app-passwords`, { side: 'old' });
  expect([late.status, late.body.code]).toEqual([409, 'phase-refused']);
  expect(await signsInWith()).toBe('nothing');
});

it('owners are told of an app password before anything else', async () => {
  await start(nets);
  await setCredential(
    database.db,
    key,
    { owner: await accountId(), side: 'old', login: 'anna', secret: new Secret('x') },
    'test',
  );
  expect(await signsInWith()).toBe('app-password');
});

it('owners are told of their own password where it is kept, else of the master user, else of nothing', async () => {
  await start('');
  expect(await signsInWith()).toBeNull();
  await control.call('PUT', '/api/v1/servers/old/master-user', { login: 'master', password: 'x' });
  expect(await signsInWith()).toBe('master-user');
  const credential = {
    owner: await accountId(),
    side: 'new' as const,
    login: 'anna',
    secret: new Secret('x'),
  };
  await setCredential(database.db, key, credential, 'test');
  // Of new, which is another matter.
  expect(await signsInWith()).toBe('master-user');
  await setCredential(database.db, key, { ...credential, side: 'old' }, 'test');
  expect(await signsInWith()).toBe('own-password');
});
