/**
 * What a copy would do to mail that is on new already, for a dry run: renames, removals with the brake, likely moves, and
 * what would be recognised instead of being copied. By reading lists only; where that cannot be sure, it is an estimate.
 */
import { differenceUids, eachUid, type UidRange, uidsToRanges } from '../base/uid-ranges.ts';
import type { Account } from './account.ts';
import { emptiedOften, isOnNew } from './deletions.ts';
import type { MailboxRow } from './journal.ts';
import { ledgerNote, type LedgerRow } from './ledger.ts';
import type { StoreListing, StoreSession } from './mail-store.ts';
import { dateStamp } from './message-date.ts';
import { deletionBrake } from './reconcile/deletion-brake.ts';

/** A message of old that the ledger does not have. */
export interface Missing {
  readonly sizeBytes: number;
  readonly dateStamp: number;
}

/** What vanished from one mailbox of old since the last copy. */
export interface Gone {
  readonly row: MailboxRow;
  readonly rows: readonly LedgerRow[];
  readonly mailboxGone: boolean;
}

export interface Removals {
  /** Copies of ours that would be removed on new at most: one that somebody worked with there stays. */
  readonly messages: number;
  /** Why the brake would stop them, or null. */
  readonly stopped: string | null;
}

/** Rows of the ledger whose message old does not list any more, and that are still ours to follow. */
export async function goneFrom(
  account: Account,
  id: number,
  listed: readonly UidRange[],
): Promise<LedgerRow[]> {
  const ledger = await account.ledger(id);
  const rows: LedgerRow[] = [];
  for (const uid of eachUid(differenceUids(uidsToRanges(ledger.oldUids()), listed))) {
    const row = ledger.get(uid);
    if (row !== null && isOnNew(row) && (row.notes & ledgerNote.keptByUser) === 0) rows.push(row);
  }
  return rows;
}

/** How many of them were probably moved: a message of the same size and date is new in some mailbox. */
export function likelyMoved(gone: readonly Gone[], missing: readonly Missing[]): Gone[] {
  const open = tally(missing);
  return gone.map((g) => ({ ...g, rows: g.rows.filter((r) => !take(open, r)) }));
}

/** What would be removed: of what is gone what is left when moves are taken off. */
export async function removalsOf(
  account: Account,
  gone: readonly Gone[],
  left: readonly Gone[],
  old: StoreListing,
  confirmed: boolean,
): Promise<Removals> {
  const often = emptiedOften(old);
  const counts = [];
  for (const row of account.mailboxes.values()) {
    const here = left.find((g) => g.row.id === row.id);
    const before = gone.find((g) => g.row.id === row.id)?.rows.length ?? 0;
    const vanished = here?.rows.length ?? 0;
    counts.push({
      mailbox: row.oldName,
      // Moves come first: their rows have left this mailbox when the brake looks at it.
      known: (await account.ledger(row.id)).count - (before - vanished),
      vanished,
      mailboxGone: here?.mailboxGone ?? false,
      emptiedOften: often.has(row.oldName),
    });
  }
  const ours = left.flatMap((g) => g.rows).filter((r) => (r.notes & ledgerNote.adopted) === 0);
  const stopped = ours.length === 0 || confirmed ? null : deletionBrake(counts);
  return { messages: ours.length, stopped };
}

/** Of the missing messages those that a mailbox of new seems to have: of the same size and date, which is an estimate. */
export async function likelyThere(
  fresh: StoreSession,
  newName: string,
  missing: readonly Missing[],
  claimed: (uid: number) => boolean,
): Promise<Missing[]> {
  const there: Missing[] = [];
  await fresh.select(newName, 'read');
  await fresh.fetchMeta([[1, Number.POSITIVE_INFINITY]], { date: true, size: true }, (meta) => {
    if (meta.sizeBytes !== null && !claimed(meta.uid))
      there.push({ sizeBytes: meta.sizeBytes, dateStamp: dateStamp(meta.internalDate) });
  });
  const open = tally(there);
  return missing.filter((m) => take(open, m));
}

const keyOf = (m: Missing) => `${m.sizeBytes}/${m.dateStamp}`;

function tally(messages: readonly Missing[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const m of messages) counts.set(keyOf(m), (counts.get(keyOf(m)) ?? 0) + 1);
  return counts;
}

function take(open: Map<string, number>, message: Missing): boolean {
  const left = open.get(keyOf(message)) ?? 0;
  if (left === 0) return false;
  open.set(keyOf(message), left - 1);
  return true;
}
