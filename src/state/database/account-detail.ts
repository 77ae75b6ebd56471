/** What the owner of an account is shown beside its progress: mailboxes, the last mails carried, how fast it went. */
import type { Kysely } from 'kysely';
import { databaseNow } from './dialect.ts';
import type { Tables } from './tables.ts';

export interface MailboxDetail {
  /** On old, as people read it. */
  readonly name: string;
  readonly role: string | null;
  readonly messages: number;
  readonly bytes: number | null;
  readonly done: number;
  readonly complete: boolean;
}

export interface CarriedMail {
  readonly mailbox: string;
  /** For its owner's eyes only. */
  readonly subject: string | null;
  readonly atMs: number;
}

export interface AccountDetail {
  readonly mailboxes: readonly MailboxDetail[];
  /** Newest first. */
  readonly carried: readonly CarriedMail[];
  /** Of the copy under way; null where none is. */
  readonly rate: { readonly messagesPerSecond: number; readonly bytesPerSecond: number } | null;
  /** When the mailboxes were listed, epoch milliseconds. */
  readonly countedMs: number;
}

/** What first copies took, ever. */
export interface CopyEffort {
  readonly ms: number;
  readonly messages: number;
  readonly bytes: number;
}

export interface DetailRow {
  readonly accountId: string;
  readonly detail: AccountDetail;
  readonly effort: CopyEffort;
}

/** Null where old does not say the size of each mailbox, and before anybody counted. */
export function bytesOnOld({ mailboxes, countedMs }: AccountDetail): number | null {
  if (countedMs === 0 || mailboxes.some(({ bytes }) => bytes === null)) return null;
  return mailboxes.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0);
}

export async function saveDetails(db: Kysely<Tables>, rows: readonly DetailRow[]): Promise<void> {
  if (rows.length === 0) return;
  await db
    .insertInto('account_detail')
    .values(
      rows.map(({ accountId, detail, effort }) => ({
        account_id: accountId,
        detail: JSON.stringify(detail),
        copy_ms: Math.round(effort.ms),
        copy_messages: effort.messages,
        copy_bytes: effort.bytes,
        bytes_on_old: bytesOnOld(detail),
        updated_ms: databaseNow(db),
      })),
    )
    .onConflict((conflict) =>
      conflict.column('account_id').doUpdateSet((eb) => ({
        detail: eb.ref('excluded.detail'),
        copy_ms: eb.ref('excluded.copy_ms'),
        copy_messages: eb.ref('excluded.copy_messages'),
        copy_bytes: eb.ref('excluded.copy_bytes'),
        bytes_on_old: eb.ref('excluded.bytes_on_old'),
        updated_ms: eb.ref('excluded.updated_ms'),
      })),
    )
    .execute();
}

/** Counted while its owner logged in: only as long as no worker knows better. */
export async function saveFirstCount(
  db: Kysely<Tables>,
  accountId: string,
  detail: AccountDetail,
): Promise<void> {
  const known = db.selectFrom('account').select('id').where('id', '=', accountId).where('phase', '=', 'old');
  if ((await known.executeTakeFirst()) === undefined) return;
  await saveDetails(db, [{ accountId, detail, effort: { ms: 0, messages: 0, bytes: 0 } }]);
}

export async function detailsOf(
  db: Kysely<Tables>,
  accountIds: readonly string[],
): Promise<ReadonlyMap<string, DetailRow & { readonly updatedMs: number }>> {
  if (accountIds.length === 0) return new Map();
  const rows = await db
    .selectFrom('account_detail')
    .selectAll()
    .where('account_id', 'in', accountIds)
    .execute();
  return new Map(
    rows.map((row) => [
      row.account_id,
      {
        accountId: row.account_id,
        detail: JSON.parse(row.detail) as AccountDetail,
        effort: { ms: row.copy_ms, messages: row.copy_messages, bytes: row.copy_bytes },
        updatedMs: row.updated_ms,
      },
    ]),
  );
}

/** Of so many accounts that were worked on last: today's servers and budgets, not those of the first night. */
const comparedWith = 200;

/** What copies took elsewhere; null where nothing was measured yet. */
export async function recentEffort(db: Kysely<Tables>): Promise<CopyEffort | null> {
  const rows = await db
    .selectFrom('account_detail')
    .select(['copy_ms', 'copy_messages', 'copy_bytes'])
    .where('copy_messages', '>', 0)
    .orderBy('updated_ms', 'desc')
    .limit(comparedWith)
    .execute();
  const sum = { ms: 0, messages: 0, bytes: 0 };
  for (const row of rows) {
    sum.ms += row.copy_ms;
    sum.messages += row.copy_messages;
    sum.bytes += row.copy_bytes;
  }
  return sum.messages === 0 || sum.ms === 0 ? null : sum;
}
