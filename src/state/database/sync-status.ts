/** Where all accounts stand, in numbers: for people who look, never for decisions. */
import type { Kysely } from 'kysely';
import { lastEventId } from './events.ts';
import type { Tables } from './tables.ts';

export interface SyncStatus {
  readonly accounts: number;
  readonly paused: number;
  /** By phase; phases without accounts are left out. */
  readonly phases: Readonly<Record<string, number>>;
  /** Accounts that want attention, by error code. */
  readonly trouble: Readonly<Record<string, number>>;
  /** Accounts with mailboxes that could not be carried over. */
  readonly mailboxProblems: number;
  /** By what the workers do right now. */
  readonly activities: Readonly<Record<string, number>>;
  /**
   * Accounts in step by what old tells of by itself: `all`, `inbox` only, or `nothing`. The last two are asked, all or the
   * rest of them, each `worker.polling_seconds`.
   */
  readonly heardBy: Readonly<Record<string, number>>;
  /** Accounts whose messages nobody has counted yet: the sums below know nothing of them. */
  readonly uncounted: number;
  readonly messagesTotal: number;
  readonly messagesDone: number;
  readonly messagesRefused: number;
  readonly bytesCopied: number;
  /** Of the accounts in step that had news: from news of old to their end, milliseconds; null where none had. */
  readonly lagMeanMs: number | null;
  readonly lagMaxMs: number | null;
  /** The last event when the numbers were read, so that a live view can go on from it. */
  readonly lastEvent: number;
}

export async function syncStatus(db: Kysely<Tables>): Promise<SyncStatus> {
  const lastEvent = await lastEventId(db);
  const phases = await db
    .selectFrom('account')
    .select(({ fn }) => ['phase as word', fn.countAll<number>().as('n')])
    .groupBy('phase')
    .execute();
  const trouble = await db
    .selectFrom('account')
    .select(({ fn }) => ['attention_code as word', fn.countAll<number>().as('n')])
    .where('attention_code', 'is not', null)
    .groupBy('attention_code')
    .execute();
  const paused = await db
    .selectFrom('account')
    .select(({ fn }) => fn.countAll<number>().as('n'))
    .where('paused', 'is not', null)
    .executeTakeFirstOrThrow();
  const withProblems = await db
    .selectFrom('mailbox_problem')
    .select(({ fn }) => fn.count<number>('account_id').distinct().as('n'))
    .executeTakeFirstOrThrow();
  const activities = await db
    .selectFrom('account_progress')
    .select(({ fn }) => ['activity as word', fn.countAll<number>().as('n')])
    .groupBy('activity')
    .execute();
  const heardBy = await db
    .selectFrom('account_progress')
    .innerJoin('account', 'account.id', 'account_progress.account_id')
    .select(({ fn }) => ['heard_by as word', fn.countAll<number>().as('n')])
    .where('phase', '=', 'in-step')
    .where('paused', 'is', null)
    .groupBy('heard_by')
    .execute();
  const sums = await db
    .selectFrom('account_progress')
    .select(({ fn }) => [
      fn.sum<number | string | null>('messages_total').as('total'),
      fn.sum<number | string | null>('messages_done').as('done'),
      fn.sum<number | string | null>('messages_refused').as('refused'),
      fn.sum<number | string | null>('bytes_copied').as('bytes'),
      fn.avg<number | string | null>('lag_ms').as('mean'),
      fn.max('lag_ms').as('max'),
    ])
    .executeTakeFirstOrThrow();
  const counted = await db
    .selectFrom('account_progress')
    .select(({ fn }) => fn.countAll<number>().as('n'))
    .where((eb) => eb.or([eb('messages_total', '>', 0), eb('last_pass_ms', 'is not', null)]))
    .executeTakeFirstOrThrow();
  const accounts = phases.reduce((sum, { n }) => sum + n, 0);
  return {
    accounts,
    uncounted: Math.max(0, accounts - counted.n),
    paused: paused.n,
    phases: countsOf(phases),
    trouble: countsOf(trouble),
    mailboxProblems: withProblems.n,
    activities: countsOf(activities),
    heardBy: countsOf(heardBy),
    // PostgreSQL's sums are NUMERIC, which comes as text.
    messagesTotal: Number(sums.total ?? 0),
    messagesDone: Number(sums.done ?? 0),
    messagesRefused: Number(sums.refused ?? 0),
    bytesCopied: Number(sums.bytes ?? 0),
    lagMeanMs: sums.mean === null ? null : Math.round(Number(sums.mean)),
    lagMaxMs: sums.max,
    lastEvent,
  };
}

function countsOf(
  rows: readonly { readonly word: string | null; readonly n: number }[],
): Record<string, number> {
  return Object.fromEntries(rows.map(({ word, n }) => [word ?? '', n]));
}
