/**
 * The database of the daemon: many accounts, on SQLite (one process) or PostgreSQL (many). Opening brings its schema
 * up to date. Questions are functions in the file of their table; they take `db` or a transaction of it.
 */
import { Kysely, sql } from 'kysely';
import type { Clock } from '../../base/clock.ts';
import { isMailferryError, MailferryError } from '../../base/errors.ts';
import type { Secret } from '../../base/secret.ts';
import { LogSync } from '../log-sync.ts';
import { type RunLock, takeRunLock } from '../run-lock.ts';
import { databaseError } from './database-error.ts';
import { migrate } from './migrate.ts';
import { listenLocally, listenOnPostgres, type Notifications } from './notifications.ts';
import { openPool, postgresConfig, postgresDialect } from './postgres.ts';
import { openSqlite, prepareDirectory, sqliteDialects } from './sqlite.ts';
import type { Tables } from './tables.ts';

export interface DatabaseOptions {
  /** `postgres://user@host/name`, `sqlite:/path` or a path. */
  readonly url: string;
  /** Of the PostgreSQL user; wins over one in the URL. */
  readonly password?: Secret | undefined;
  readonly clock: Clock;
}

export interface Database {
  /** For people: the file, or the URL without its password. */
  readonly name: string;
  readonly db: Kysely<Tables>;
  /**
   * The same database, where nobody has to wait behind the questions of ten thousand accounts: for leases, which are lost
   * when they are renewed late. Single statements only.
   */
  readonly urgent: Kysely<Tables>;
  /**
   * One transaction that is on the disk when this resolves. On SQLite the wait for the disk does not hold the event
   * loop, as it does after a plain `db.transaction()`, and transactions of one moment share it: for what is written often.
   */
  durably(work: (inside: Kysely<Tables>) => Promise<void>): Promise<void>;
  /** `wake` is called when the event table has grown, and now and then without reason. */
  listen(wake: () => void): Notifications;
  /** Ends all connections; an SQLite file is free for another process afterwards. */
  close(): Promise<void>;
}

/**
 * Throws `database-unreachable`, `database-login-refused`, `database-newer`, `database-busy`, `database-damaged` or
 * `database-unwritable`.
 */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  return /^postgres(ql)?:/.test(options.url) ? openOnPostgres(options) : openOnSqlite(options);
}

async function openOnPostgres({ url, password }: DatabaseOptions): Promise<Database> {
  const name = withoutPassword(url);
  const db = new Kysely<Tables>({ dialect: postgresDialect(openPool(url, password)) });
  // Connects when it is needed.
  const urgent = new Kysely<Tables>({ dialect: postgresDialect(openPool(url, password, 1)) });
  try {
    await sql`select 1`.execute(db);
    await migrate(db, name);
  } catch (error) {
    await db.destroy();
    throw databaseError(name, error);
  }
  const durably = (work: (inside: Kysely<Tables>) => Promise<void>) => db.transaction().execute(work);
  const listen = (wake: () => void) => listenOnPostgres(postgresConfig(url, password), wake);
  const close = async () => void (await Promise.all([db.destroy(), urgent.destroy()]));
  return { name, db, urgent, durably, listen, close };
}

async function openOnSqlite({ url, clock }: DatabaseOptions): Promise<Database> {
  const file = url.replace(/^sqlite:(\/\/(?=\/))?/, '');
  let lock: RunLock | undefined;
  let db: Kysely<Tables> | undefined;
  let urgent: Kysely<Tables> | undefined;
  try {
    prepareDirectory(file);
    lock = takeLock(file, clock.now());
    const dialects = sqliteDialects(openSqlite(file), clock);
    db = new Kysely<Tables>({ dialect: dialects.fair });
    urgent = new Kysely<Tables>({ dialect: dialects.urgent });
    await migrate(db, file);
  } catch (error) {
    await db?.destroy();
    lock?.release();
    throw databaseError(file, error);
  }
  const held = { db, lock, log: new LogSync(file) };
  let closed: Promise<void> | undefined;
  const close = () =>
    (closed ??= held.db.destroy().finally(() => {
      held.log.close();
      held.lock.release();
    }));
  return {
    name: file,
    db,
    urgent,
    durably: (work) => durablyOnSqlite(held.db, held.log, work),
    listen: listenLocally,
    close,
  };
}

/** As in the state file of `mailferry copy`: commit without waiting, then flush the log beside everything else. */
async function durablyOnSqlite(
  db: Kysely<Tables>,
  log: LogSync,
  work: (inside: Kysely<Tables>) => Promise<void>,
): Promise<void> {
  await db.connection().execute(async (connection) => {
    await sql`pragma synchronous = normal`.execute(connection);
    try {
      await connection.transaction().execute(work);
    } finally {
      await sql`pragma synchronous = full`.execute(connection);
    }
  });
  await log.flush();
}

/** SQLite would let a second process in; two daemons would then log in to every account twice. */
function takeLock(file: string, nowMs: number): RunLock {
  try {
    return takeRunLock(file, nowMs, 'the database');
  } catch (error) {
    if (!isMailferryError(error, 'state-busy')) throw error;
    throw new MailferryError('database-busy', error.message, { cause: error });
  }
}

function withoutPassword(url: string): string {
  return url.replace(/^(\w+:\/\/[^/?#]*?):[^/?#]*@/, '$1@').replace(/([?&]password=)[^&]*/g, '$1***');
}
