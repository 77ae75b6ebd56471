/** Which of the two databases this is, for the few places where their SQL differs: triggers, clock, notifications. */
import { type Kysely, PostgresAdapter, type RawBuilder, sql } from 'kysely';

export function isPostgres<T>(db: Kysely<T>): boolean {
  return db.getExecutor().adapter instanceof PostgresAdapter;
}

/**
 * The database's own time in epoch milliseconds, at the moment it is asked: many processes share one database, and
 * their clocks need not agree.
 */
export function databaseNow<T>(db: Kysely<T>): RawBuilder<number> {
  return isPostgres(db)
    ? sql<number>`(extract(epoch from clock_timestamp()) * 1000)::bigint`
    : sql<number>`cast(round(unixepoch('subsec') * 1000) as integer)`;
}
