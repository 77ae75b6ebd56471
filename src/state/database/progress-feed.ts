/** What workers reported lately, for live views. No events: there would be one for each account and second. */
import { type Kysely, sql } from 'kysely';
import { databaseNow } from './dialect.ts';
import type { Tables } from './tables.ts';

export interface ChangedProgress {
  readonly accountId: string;
  readonly teamId: string | null;
  readonly messagesTotal: number;
  readonly messagesDone: number;
  readonly messagesRefused: number;
  readonly bytesCopied: number;
  readonly activity: string;
  readonly lagMs: number | null;
}

/** A worker's transaction that ends late has a time before our last look: so much is looked at again. */
const overlapMs = 500;
/** Of one look; who watches a larger fleet looks at its sums. */
const maxRows = 5_000;

/** `from`: what the call before gave as `until`; null for what comes from now on. */
export async function progressSince(
  db: Kysely<Tables>,
  from: number | null,
): Promise<{ readonly changed: readonly ChangedProgress[]; readonly until: number }> {
  const { rows } = await sql<{ now: number }>`select ${databaseNow(db)} as now`.execute(db);
  const until = rows[0]?.now ?? 0;
  if (from === null) return { changed: [], until };
  const found = await db
    .selectFrom('account_progress as p')
    .innerJoin('account', 'account.id', 'p.account_id')
    .select([
      'p.account_id as accountId',
      'account.team_id as teamId',
      'p.messages_total as messagesTotal',
      'p.messages_done as messagesDone',
      'p.messages_refused as messagesRefused',
      'p.bytes_copied as bytesCopied',
      'p.activity',
      'p.lag_ms as lagMs',
      'p.updated_ms as updatedMs',
    ])
    .where('p.updated_ms', '>', from - overlapMs)
    .orderBy('p.updated_ms')
    .limit(maxRows)
    .execute();
  // There is more: the next look begins with the millisecond that this one ended in.
  const last = found.length < maxRows ? undefined : found.at(-1)?.updatedMs;
  const changed = found.map(({ updatedMs: _updatedMs, ...one }) => one);
  return { changed, until: last === undefined ? until : last + overlapMs - 1 };
}

/** What is no account's id is left out. */
export async function teamsOfAccounts(
  db: Kysely<Tables>,
  ids: readonly string[],
): Promise<ReadonlyMap<string, string | null>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .selectFrom('account')
    .select(['id', 'team_id'])
    .where('id', 'in', [...new Set(ids)])
    .execute();
  return new Map(rows.map((row) => [row.id, row.team_id]));
}
