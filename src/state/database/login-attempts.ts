/**
 * How often somebody tried, counted for all processes that share the database. A count begins with the first try and is
 * forgotten after its time; a key is a text that nobody can read a login from.
 */
import { type Kysely, sql } from 'kysely';
import { databaseNow } from './dialect.ts';
import type { Tables } from './tables.ts';

export interface Allowance {
  readonly key: string;
  readonly atMost: number;
  /** From the first try on. */
  readonly overMs: number;
}

/** Of one try; a table of keys that nobody uses any more would grow with each stranger. */
const forgottenAtOnce = 100;

/**
 * Counts a try for each. Null where all had one left; else how long until the last of the exhausted ones is forgotten, in
 * milliseconds, and none is counted.
 */
export async function countTry(db: Kysely<Tables>, allowances: readonly Allowance[]): Promise<number | null> {
  const now = databaseNow(db);
  // In one order, so that two at once do not wait for each other.
  const sorted = allowances.toSorted((a, b) => (a.key < b.key ? -1 : 1));
  const counted = await db
    .insertInto('login_attempt')
    .values(sorted.map(({ key, overMs }) => ({ key, tried: 1, until_ms: sql<number>`${now} + ${overMs}` })))
    .onConflict((conflict) =>
      conflict.column('key').doUpdateSet({
        tried: sql<number>`case when login_attempt.until_ms <= ${now} then 1 else login_attempt.tried + 1 end`,
        until_ms: sql<number>`case when login_attempt.until_ms <= ${now} then excluded.until_ms else login_attempt.until_ms end`,
      }),
    )
    .returning(['key', 'tried', sql<number>`until_ms - ${now}`.as('left_ms')])
    .execute();
  await forget(db);
  const mostOf = new Map(allowances.map(({ key, atMost }) => [key, atMost]));
  const waits = counted
    .filter(({ key, tried }) => tried > (mostOf.get(key) ?? 0))
    .map(({ left_ms }) => left_ms);
  if (waits.length === 0) return null;
  // Who waits does not lengthen the wait by asking.
  await takeBack(
    db,
    allowances.map(({ key }) => key),
  );
  return Math.max(1, ...waits);
}

/** As if it had not been tried. */
export async function takeBack(db: Kysely<Tables>, keys: readonly string[]): Promise<void> {
  await db
    .updateTable('login_attempt')
    .set({ tried: sql<number>`tried - 1` })
    .where('key', 'in', [...keys])
    .where('tried', '>', 0)
    .execute();
}

async function forget(db: Kysely<Tables>): Promise<void> {
  await db
    .deleteFrom('login_attempt')
    .where('key', 'in', (from) =>
      from
        .selectFrom('login_attempt')
        .select('key')
        .where('until_ms', '<=', databaseNow(db))
        .orderBy('until_ms')
        .limit(forgottenAtOnce),
    )
    .execute();
}
