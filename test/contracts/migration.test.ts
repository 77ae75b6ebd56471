/** A database that an earlier release left is brought up to date with what is in it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kysely, sql } from 'kysely';
import { Migrator } from 'kysely/migration';
import { expect, onTestFinished, test } from 'vitest';
import { Secret } from '../../src/base/secret.ts';
import { systemClock } from '../../src/base/clock.ts';
import { accountsPage, accountView } from '../../src/state/database/account-list.ts';
import { domainsPage } from '../../src/state/database/domains.ts';
import { migrations } from '../../src/state/database/migrate.ts';
import { openDatabase } from '../../src/state/database/open-database.ts';
import { openPool, postgresDialect } from '../../src/state/database/postgres.ts';
import { openSqlite, sqliteDialects } from '../../src/state/database/sqlite.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { startPostgres } from '../lab/postgres.ts';

interface Place {
  readonly url: string;
  readonly password?: Secret;
}

async function sqlitePlace(): Promise<Place> {
  const directory = mkdtempSync(join(tmpdir(), 'mailferry-migration-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  return { url: join(directory, 'database') };
}

async function postgresPlace(): Promise<Place> {
  const server = await startPostgres();
  onTestFinished(() => server.stop());
  return { url: await server.newDatabase(), password: new Secret(server.password) };
}

test.each([
  ['SQLite', sqlitePlace],
  ['PostgreSQL', postgresPlace],
])('on %s: accounts without teams get their domain and address', async (_name, placeOf) => {
  const { url, password } = await placeOf();
  const dialect = url.startsWith('postgres')
    ? postgresDialect(openPool(url, password))
    : sqliteDialects(openSqlite(url), systemClock).fair;
  const before = new Kysely<unknown>({ dialect });
  const migrator = new Migrator({ db: before, provider: { getMigrations: async () => ({ ...migrations }) } });
  const { error } = await migrator.migrateTo('0004-breaking-journal');
  expect(error).toBeUndefined();
  const attention = JSON.stringify({ code: 'login-refused', reason: 'NO', action: 'Check.', sinceMs: 5 });
  for (const [id, address, note] of [
    ['1', 'anna@example.org', attention],
    ['2', 'Bert@example.org', null],
    ['3', 'nowhere', null],
  ]) {
    await sql`insert into account (id, address, old_login, new_login, phase, epoch, created_at_ms, attention)
      values (${id}, ${address}, 'o', 'n', 'in-step', 4, 7, ${note})`.execute(before);
  }
  await before.destroy();
  const database = await openDatabase({ url, ...(password && { password }), clock: new FakeClock() });
  onTestFinished(() => database.close());
  const { db } = database;
  const everything = { teamId: null, domain: null, phase: null, paused: null, begins: null };
  const page = { after: null, limit: 9 };
  const all = await accountsPage(db, { ...everything, trouble: null }, page);
  expect(all.map(({ address, domain }) => [address, domain])).toEqual([
    ['Bert@example.org', 'example.org'],
    ['anna@example.org', 'example.org'],
    ['nowhere', null],
  ]);
  expect(await accountsPage(db, { ...everything, trouble: 'login-refused' }, page)).toMatchObject([
    { id: '1' },
  ]);
  expect(await accountView(db, 'anna@example.org')).toMatchObject({
    id: '1',
    addresses: ['anna@example.org'],
  });
  expect(await domainsPage(db, page)).toMatchObject([
    { name: 'example.org', team: null, phase: 'relayed', accounts: 2 },
  ]);
});
