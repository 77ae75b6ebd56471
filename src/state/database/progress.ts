/** How far a worker is with an account: for people who look, never for decisions. */
import type { Kysely, Selectable } from 'kysely';
import { databaseNow } from './dialect.ts';
import type { AccountProgressTable, Tables } from './tables.ts';

/** What the worker does for the account right now. */
export type Activity = 'waiting' | 'copying' | 'checking' | 'following' | 'stopped';

export interface Progress {
  /** Messages on old, as far as they were counted. */
  readonly messagesTotal: number;
  /** Of those, on new. */
  readonly messagesDone: number;
  readonly messagesRefused: number;
  readonly mailboxes: number;
  /** Octets that were sent to new for this account, ever. */
  readonly bytesCopied: number;
  readonly activity: Activity;
  /** What old tells of by itself: `all` (NOTIFY), `inbox` (IDLE), or `nothing` (the clock has to do). */
  readonly heardBy: 'all' | 'inbox' | 'nothing';
  /** From news of old to the end of the pass that carried it over, milliseconds; null before the first. */
  readonly lagMs: number | null;
  /** When a pass last came to its end, epoch milliseconds. */
  readonly lastPassMs: number | null;
}

export interface ProgressRow extends Progress {
  readonly accountId: string;
  readonly updatedMs: number;
}

/** Many at once: workers report about once a second, not at each message. */
export async function saveProgress(
  db: Kysely<Tables>,
  rows: readonly (Progress & { readonly accountId: string })[],
): Promise<void> {
  if (rows.length === 0) return;
  await db
    .insertInto('account_progress')
    .values(rows.map((row) => ({ ...columnsOf(row), updated_ms: databaseNow(db) })))
    .onConflict((conflict) =>
      conflict.column('account_id').doUpdateSet((eb) => ({
        messages_total: eb.ref('excluded.messages_total'),
        messages_done: eb.ref('excluded.messages_done'),
        messages_refused: eb.ref('excluded.messages_refused'),
        mailboxes: eb.ref('excluded.mailboxes'),
        bytes_copied: eb.ref('excluded.bytes_copied'),
        activity: eb.ref('excluded.activity'),
        heard_by: eb.ref('excluded.heard_by'),
        lag_ms: eb.ref('excluded.lag_ms'),
        last_pass_ms: eb.ref('excluded.last_pass_ms'),
        updated_ms: eb.ref('excluded.updated_ms'),
      })),
    )
    .execute();
}

/** Those of these accounts that a worker has reported on. */
export async function progressOf(
  db: Kysely<Tables>,
  accountIds: readonly string[],
): Promise<ReadonlyMap<string, ProgressRow>> {
  if (accountIds.length === 0) return new Map();
  const rows = await db
    .selectFrom('account_progress')
    .selectAll()
    .where('account_id', 'in', accountIds)
    .execute();
  return new Map(rows.map((row) => [row.account_id, progressOfRow(row)]));
}

function columnsOf(row: Progress & { readonly accountId: string }) {
  return {
    account_id: row.accountId,
    messages_total: row.messagesTotal,
    messages_done: row.messagesDone,
    messages_refused: row.messagesRefused,
    mailboxes: row.mailboxes,
    bytes_copied: row.bytesCopied,
    activity: row.activity,
    heard_by: row.heardBy,
    lag_ms: row.lagMs,
    last_pass_ms: row.lastPassMs,
  };
}

function progressOfRow(row: Selectable<AccountProgressTable>): ProgressRow {
  return {
    accountId: row.account_id,
    messagesTotal: row.messages_total,
    messagesDone: row.messages_done,
    messagesRefused: row.messages_refused,
    mailboxes: row.mailboxes,
    bytesCopied: row.bytes_copied,
    activity: row.activity as Activity,
    heardBy: row.heard_by as Progress['heardBy'],
    lagMs: row.lag_ms,
    lastPassMs: row.last_pass_ms,
    updatedMs: row.updated_ms,
  };
}
