/**
 * The daemon's database in an SQLite file: kysely's dialect on node:sqlite. One process holds it at a time, and one
 * connection does all: queries and transactions wait for each other.
 */
import { dirname } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import {
  type DatabaseConnection,
  type Dialect,
  SqliteAdapter,
  type SqliteDatabase,
  SqliteDialect,
  SqliteDriver,
} from 'kysely';
import { checkWritable, createPrivately, makeDirectoryPrivately } from '../private-file.ts';
import type { Clock } from '../../base/clock.ts';
import type { SqlValue } from '../sql.ts';
import { OneConnection } from './one-connection.ts';

/** "MFDB" in the file's header: a state file of `mailferry copy` or another program's database is not taken for ours. */
const applicationId = 0x4d464442;

/** A reader that takes a backup's lock is done within this time, or something is wrong. */
const busyTimeoutMs = 5_000;

/** For the holder of the run lock. Throws what SQLite or the system says; ForeignFile for a file that is not ours. */
export function openSqlite(file: string): DatabaseSync {
  createPrivately(file);
  checkWritable(file);
  const database = new DatabaseSync(file, { timeout: busyTimeoutMs });
  try {
    markAsOurs(database);
    database.exec('pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on');
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

export class ForeignFile extends Error {}

/** The database holds who may read whose mail: only the owner may look into directories that are made for it. */
export function prepareDirectory(file: string): void {
  makeDirectoryPrivately(dirname(file));
}

/** Two ways to the one connection: `urgent` goes before all who wait, and leaves it open when it ends. */
export function sqliteDialects(
  database: DatabaseSync,
  clock: Clock,
): { readonly fair: Dialect; readonly urgent: Dialect } {
  const one = new OneConnection(() => clock.monotonic());
  const sqlite = adapted(database);
  const kept = { ...sqlite, close: () => {} };
  return { fair: new FairDialect(sqlite, one, false), urgent: new FairDialect(kept, one, true) };
}

class FairDialect extends SqliteDialect {
  readonly #database: SqliteDatabase;
  readonly #one: OneConnection;
  readonly #urgent: boolean;

  constructor(database: SqliteDatabase, one: OneConnection, urgent: boolean) {
    super({ database });
    this.#database = database;
    this.#one = one;
    this.#urgent = urgent;
  }

  override createDriver(): FairDriver {
    return new FairDriver(this.#database, this.#one, this.#urgent);
  }

  override createAdapter(): UnlockedAdapter {
    return new UnlockedAdapter();
  }
}

/** Kysely's own lock is left out: the driver has a better one. */
class UnlockedAdapter extends SqliteAdapter {
  override get supportsMultipleConnections(): boolean {
    return true;
  }
}

class FairDriver extends SqliteDriver {
  readonly #one: OneConnection;
  readonly #urgent: boolean;

  constructor(database: SqliteDatabase, one: OneConnection, urgent: boolean) {
    super({ database });
    this.#one = one;
    this.#urgent = urgent;
  }

  override async acquireConnection(): Promise<DatabaseConnection> {
    await this.#one.acquire(this.#urgent);
    return await super.acquireConnection();
  }

  override async releaseConnection(): Promise<void> {
    this.#one.release();
  }
}

/** What kysely wants of better-sqlite3. */
function adapted(database: DatabaseSync): SqliteDatabase {
  const statements = new Map<string, StatementSync>();
  const prepared = (text: string): StatementSync => {
    const statement = statements.get(text) ?? database.prepare(text);
    // Only text that comes again is kept: lists of values make texts without end.
    if (statements.size < 500) statements.set(text, statement);
    return statement;
  };
  return {
    close: () => database.close(),
    prepare: (text) => {
      // A transaction that reads first and writes later must not find the lock taken in between.
      const statement = prepared(text === 'begin' ? 'begin immediate' : text);
      return {
        reader: statement.columns().length > 0,
        all: (values) => statement.all(...(values as SqlValue[])),
        run: (values) => statement.run(...(values as SqlValue[])),
        iterate: (values) => statement.iterate(...(values as SqlValue[])) as IterableIterator<unknown>,
      };
    },
  };
}

function markAsOurs(database: DatabaseSync): void {
  const { application_id: found } = database.prepare('pragma application_id').get() as Record<string, number>;
  if (found === applicationId) return;
  const { page_count: pages } = database.prepare('pragma page_count').get() as Record<string, number>;
  if (pages !== 0) throw new ForeignFile('is a database of something else');
  database.exec(`pragma application_id = ${applicationId}`);
}
