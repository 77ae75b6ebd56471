/** What changed, for live views: they read on from the last id that they have seen. Old rows are pruned. */
import type { Kysely } from 'kysely';
import { nextOf } from './counters.ts';
import { databaseNow } from './dialect.ts';
import { notify } from './notifications.ts';
import type { Tables } from './tables.ts';

export interface LiveEvent {
  /** A stable word, such as `account.phase`. */
  readonly kind: string;
  readonly subject: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

export interface LiveEventRow extends LiveEvent {
  /** Ascending in the order of commits. */
  readonly id: number;
  readonly atMs: number;
}

/** Call it last in the transaction of the change: from here on other transactions with events wait for this one. */
export async function appendEvent(inside: Kysely<Tables>, ...events: readonly LiveEvent[]): Promise<void> {
  if (events.length === 0) return;
  const last = await nextOf(inside, 'event', events.length);
  await inside
    .insertInto('event')
    .values(
      events.map(({ kind, subject, detail }, i) => ({
        id: last - events.length + 1 + i,
        at_ms: databaseNow(inside),
        kind,
        subject,
        detail: JSON.stringify(detail),
      })),
    )
    .execute();
  await notify(inside);
}

/** 0 before the first. */
export async function lastEventId(db: Kysely<Tables>): Promise<number> {
  const { value } = await db
    .selectFrom('counter')
    .select('value')
    .where('name', '=', 'event')
    .executeTakeFirstOrThrow();
  return value;
}

/** The first that has not been pruned; the next one where none is left. */
export async function oldestEventId(db: Kysely<Tables>): Promise<number> {
  const row = await db
    .selectFrom('event')
    .select(({ fn }) => fn.min('id').as('id'))
    .executeTakeFirst();
  return row?.id ?? (await lastEventId(db)) + 1;
}

/** Ascending, at most `limit`. */
export async function eventsSince(db: Kysely<Tables>, id: number, limit: number): Promise<LiveEventRow[]> {
  const rows = await db
    .selectFrom('event')
    .selectAll()
    .where('id', '>', id)
    .orderBy('id')
    .limit(limit)
    .execute();
  return rows.map(({ at_ms: atMs, detail, ...row }) => ({
    ...row,
    atMs,
    detail: JSON.parse(detail) as Record<string, unknown>,
  }));
}

/** Removes what is older than `ageMs` milliseconds. */
export async function pruneEvents(db: Kysely<Tables>, ageMs: number): Promise<void> {
  await db
    .deleteFrom('event')
    .where('at_ms', '<', (eb) => eb(databaseNow(db), '-', ageMs))
    .execute();
}
