/** What stands beside an account's phase: that it is paused, that it wants attention, when it is to be switched. */
import type { Kysely, Selectable } from 'kysely';
import { type ErrorCode, MailferryError } from '../../base/errors.ts';
import { appendAudit } from './audit.ts';
import { appendEvent } from './events.ts';
import { checkLease, type Lease } from './leases.ts';
import { dropConfirmation } from './requests.ts';
import type { AccountTable, Tables } from './tables.ts';

/** Nothing is done for the account until somebody lifts it. */
export interface Pause {
  readonly by: string;
  readonly why: string;
}

export interface Attention {
  readonly code: ErrorCode;
  /** Without secrets: people read it. */
  readonly reason: string;
  /** What to do. */
  readonly action: string;
  /** Epoch milliseconds. */
  readonly sinceMs: number;
}

export interface AccountNotes {
  readonly paused: Pause | null;
  readonly attention: Attention | null;
  /** Epoch milliseconds; null where no time has been set. */
  readonly scheduledForMs: number | null;
}

/** Throws `account-unknown`. */
export async function notesOf(db: Kysely<Tables>, accountId: string): Promise<AccountNotes> {
  const row = await db
    .selectFrom('account')
    .select(['paused', 'attention', 'scheduled_for'])
    .where('id', '=', accountId)
    .executeTakeFirst();
  if (row === undefined) throw new MailferryError('account-unknown', `there is no account ${accountId}`);
  return notesOfRow(row);
}

export function notesOfRow(
  row: Pick<Selectable<AccountTable>, 'paused' | 'attention' | 'scheduled_for'>,
): AccountNotes {
  return {
    paused: row.paused === null ? null : (JSON.parse(row.paused) as Pause),
    attention: row.attention === null ? null : (JSON.parse(row.attention) as Attention),
    scheduledForMs: row.scheduled_for,
  };
}

/** Who changes the notes; a worker shows its lease. */
export interface NoteWriter {
  readonly actor: string;
  readonly lease?: Lease;
}

/**
 * Sets the notes that are given and leaves the others; null clears one. Deletions that were confirmed for what stood
 * there before are not confirmed any more once `attention` is set. One transaction with the audit row and the
 * event. Throws `account-unknown`, `lease-lost`.
 */
export async function setNotes(
  db: Kysely<Tables>,
  accountId: string,
  notes: Partial<AccountNotes>,
  { actor, lease }: NoteWriter,
): Promise<void> {
  const { paused, attention, scheduledForMs } = notes;
  await db.transaction().execute(async (inside) => {
    if (lease !== undefined) await checkLease(inside, lease);
    const found = await inside
      .updateTable('account')
      .set({
        ...(paused === undefined ? {} : { paused: textOf(paused) }),
        ...(attention === undefined ? {} : { attention: textOf(attention) }),
        ...(scheduledForMs === undefined ? {} : { scheduled_for: scheduledForMs }),
        // So that there is a column to set when nothing is given.
        id: accountId,
      })
      .where('id', '=', accountId)
      .returning('id')
      .executeTakeFirst();
    if (found === undefined) throw new MailferryError('account-unknown', `there is no account ${accountId}`);
    if (attention !== undefined) await dropConfirmation(inside, [accountId]);
    const detail = { ...notes };
    await appendAudit(inside, { actor, action: 'account.notes', subject: accountId, detail });
    await appendEvent(inside, { kind: 'account.notes', subject: accountId, detail });
  });
}

function textOf(note: Pause | Attention | null): string | null {
  return note === null ? null : JSON.stringify(note);
}
