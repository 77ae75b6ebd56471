/**
 * The database of a scenario: a new SQLite file, or a PostgreSQL of its own where the project `on PostgreSQL` of
 * vitest.config.ts runs the same scenarios a second time.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../src/base/clock.ts';
import { Secret } from '../../src/base/secret.ts';
import { isPostgres } from '../../src/state/database/dialect.ts';
import { type Database, openDatabase } from '../../src/state/database/open-database.ts';
import { startPostgres } from '../lab/postgres.ts';

export const onPostgres = process.env['MAILFERRY_LAB_DATABASE'] === 'postgresql';

/** `close` also removes it. */
export async function openScenarioDatabase(): Promise<Database> {
  const { database, remove } = await (onPostgres ? openOnPostgres() : openOnSqlite());
  if (isPostgres(database.db) !== onPostgres) throw new Error('this is not the database that was asked for');
  return {
    ...database,
    close: async () => {
      await database.close();
      await remove();
    },
  };
}

async function openOnSqlite() {
  const dir = mkdtempSync(join(tmpdir(), 'mf-scenario-'));
  const database = await openDatabase({ url: join(dir, 'database'), clock: systemClock });
  return { database, remove: async () => rmSync(dir, { recursive: true, force: true }) };
}

async function openOnPostgres() {
  const server = await startPostgres();
  const password = new Secret(server.password);
  const database = await openDatabase({ url: await server.newDatabase(), password, clock: systemClock });
  return { database, remove: () => server.stop() };
}
