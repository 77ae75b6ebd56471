/**
 * One SQLite connection: cached statements, and transactions that take the write lock at once. The queries are plain
 * portable SQL beside the functions that ask them; kysely, whose import alone takes longer than a whole pass over an
 * unchanged account may, is loaded only to bring a schema up to date.
 */
import { DatabaseSync } from 'node:sqlite';
import type { StatementSync } from 'node:sqlite';

export type SqlValue = string | number | null | Uint8Array;
export type Row = Readonly<Record<string, unknown>>;

/** A reader that takes a checkpoint's or a backup's lock is done within this time, or something is wrong. */
const busyTimeoutMs = 5_000;

export class Sql {
  readonly database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  constructor(file: string) {
    this.database = new DatabaseSync(file, { timeout: busyTimeoutMs });
  }

  exec(sql: string): void {
    this.database.exec(sql);
  }

  run(sql: string, ...values: SqlValue[]): void {
    this.#statement(sql).run(...values);
  }

  all(sql: string, ...values: SqlValue[]): Row[] {
    return this.#statement(sql).all(...values);
  }

  get(sql: string, ...values: SqlValue[]): Row | undefined {
    return this.#statement(sql).get(...values);
  }

  /** All of `work` or nothing; `work` must not await. */
  transaction(work: () => void): void {
    this.database.exec('begin immediate');
    try {
      work();
      this.database.exec('commit');
    } catch (error) {
      // A full disk makes SQLite roll back by itself; a second rollback would hide the first error.
      if (this.database.isTransaction) this.database.exec('rollback');
      throw error;
    }
  }

  close(): void {
    this.#statements.clear();
    this.database.close();
  }

  #statement(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (!statement) {
      statement = this.database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}
