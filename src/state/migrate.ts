/**
 * Brings a state file's schema up to date with kysely's Migrator: all of it in one transaction, so that a crash
 * leaves the old schema or the new one. Loaded only when there is something to do.
 */
import { Kysely, SqliteAdapter, SqliteDialect } from 'kysely';
import type { SqliteDatabase } from 'kysely';
import { Migrator } from 'kysely/migration';
import type { Migration } from 'kysely/migration';
import type { SqlValue, Sql } from './sql.ts';
import { journal } from './migrations/0001-journal.ts';
import { messageDates } from './migrations/0002-message-dates.ts';

/** In the order of their names; never renamed, never changed once released. */
export const migrations: Readonly<Record<string, Migration>> = {
  '0001-journal': journal,
  '0002-message-dates': messageDates,
};

/** SQLite's DDL is transactional; kysely leaves it out of caution about locks, which one writer has no need of. */
class TransactionalSqliteAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

class StateDialect extends SqliteDialect {
  override createAdapter(): SqliteAdapter {
    return new TransactionalSqliteAdapter();
  }
}

export async function migrateToLatest(sql: Sql): Promise<void> {
  const db = new Kysely<never>({ dialect: new StateDialect({ database: databaseFor(sql) }) });
  const migrator = new Migrator({ db, provider: { getMigrations: async () => ({ ...migrations }) } });
  const { error } = await migrator.migrateToLatest();
  // `db` is not destroyed: that would close the connection, which is not its own.
  if (error) throw error;
}

/** What kysely wants of better-sqlite3, on node:sqlite. */
function databaseFor({ database }: Sql): SqliteDatabase {
  return {
    close: () => undefined,
    prepare: (text) => {
      const statement = database.prepare(text === 'begin' ? 'begin immediate' : text);
      return {
        reader: statement.columns().length > 0,
        all: (values) => statement.all(...(values as SqlValue[])),
        run: (values) => statement.run(...(values as SqlValue[])),
        iterate: (values) => statement.iterate(...(values as SqlValue[])) as IterableIterator<unknown>,
      };
    },
  };
}
