/**
 * A changed UIDVALIDITY: all UIDs of that side mean something else now. The ledger starts a new generation, and nothing
 * is appended before the world has been compared with what the old generation knew.
 *
 *   new side changed   re-index: every message on new by size, then digest, to the old rows (F-21)
 *   old side changed   old rows become candidates: each old message claims its row by digest as it comes (F-20)
 *   both changed       the one after the other
 *
 * Deletions never follow in a round in which UIDs changed their meaning: rows that nobody claimed are simply forgotten.
 */
import type { ClaimPool } from './claim-pool.ts';
import { digestKey } from './digest.ts';
import type { Account } from './account.ts';
import type { IntentRow, MailboxRow } from './journal.ts';
import { Ledger, ledgerNote, type LedgerRow } from './ledger.ts';
import type { SelectedMailbox, StoreSession } from './mail-store.ts';
import { readDigests } from './mailbox-work.ts';
import { compareStamps, dateStamp } from './message-date.ts';

/** On which sides the UIDs do not mean any more what the row and its ledger take them for. */
export function uidsChanged(
  row: MailboxRow,
  intents: readonly IntentRow[],
  old: SelectedMailbox,
  fresh: SelectedMailbox,
): { readonly oldChanged: boolean; readonly newChanged: boolean } {
  const oldNow = old.status.uidValidity;
  const newNow = fresh.status.uidValidity;
  // 0 or absent (F-22) never counts as unchanged: such a mailbox is compared by content in every round.
  // So does UIDNEXT that went back (F-23): UIDs may have been given out a second time.
  const { uidNext } = old.status;
  const oldReused = uidNext > 0 && row.oldMark !== null && uidNext < row.oldMark.uidNext;
  // On new also what an open intent saw: what it stored may now lie below the place where it would be looked for.
  const seenOnNew = intents.filter((i) => i.newUidValidity === newNow).map((i) => i.uidNextBefore);
  const highest = Math.max(row.newMark?.uidNext ?? 0, ...seenOnNew);
  const newReused = fresh.status.uidNext > 0 && fresh.status.uidNext < highest;
  return {
    oldChanged: row.oldUidValidity !== null && (row.oldUidValidity !== oldNow || oldNow === 0 || oldReused),
    newChanged: row.newUidValidity !== null && (row.newUidValidity !== newNow || newNow === 0 || newReused),
  };
}

/** Brings row and ledger to the UIDVALIDITYs that were just seen. */
export async function openGeneration(
  account: Account,
  row: MailboxRow,
  oldSelected: SelectedMailbox,
  newSelected: SelectedMailbox,
  fresh: StoreSession,
): Promise<Ledger> {
  const oldNow = oldSelected.status.uidValidity;
  const newNow = newSelected.status.uidValidity;
  const { oldChanged, newChanged } = uidsChanged(row, account.intentsOf(row.id), oldSelected, newSelected);
  const seen = {
    oldUidValidity: oldNow,
    newUidValidity: newNow,
    oldMailboxId: oldSelected.status.mailboxId,
    newMailboxId: newSelected.status.mailboxId,
  };
  if (!oldChanged && !newChanged) {
    if (row.oldUidValidity === null || row.newUidValidity === null) {
      await account.record({ step: 'mailbox-opened', mailboxes: [{ ...row, ...seen }] });
    }
    return await account.ledger(row.id);
  }
  const generation = row.generation + 1;
  const next: MailboxRow = {
    ...row,
    ...seen,
    // First the new side alone: its rows are what the old side's messages are compared with next.
    ...(newChanged && oldChanged
      ? { oldUidValidity: row.oldUidValidity, oldMailboxId: row.oldMailboxId }
      : {}),
    generation,
    oldMark: null,
    newMark: null,
    adoptedBelow: 0,
  };
  const closeIntents = account.intentsOf(row.id).map((i) => i.id);
  const ledger = new Ledger(row.id, generation);
  if (newChanged) {
    await reindexNew(await account.ledger(row.id), ledger, fresh);
    const dropGenerationsBelow = [{ mailboxId: row.id, generation }];
    const chunks = ledger.takeWrites();
    await account.record({
      step: 'new-reindexed',
      mailboxes: [next],
      closeIntents,
      chunks,
      dropGenerationsBelow,
    });
  } else {
    await account.record({
      step: 'old-uids-changed',
      mailboxes: [next],
      closeIntents,
      clearRefusedOf: [row.id],
      dropGenerationsBelow: [{ mailboxId: row.id, generation: row.generation }],
    });
  }
  account.useLedger(ledger);
  if (newChanged && oldChanged && newNow !== 0)
    return await openGeneration(account, next, oldSelected, newSelected, fresh);
  return ledger;
}

/** Rows of the generation before, as candidates, while the round that works off a changed UIDVALIDITY lasts. */
export async function addOrphans(
  account: Account,
  row: MailboxRow,
  ledger: Ledger,
  pool: ClaimPool,
): Promise<boolean> {
  if (row.generation === 1) return false;
  const before = await account.olderLedger(row.id, row.generation - 1);
  if (before.count === 0) return false;
  const claimed = new Map<number, number>();
  /** By digest: copies that people removed have no UID on new, but they are claimed once all the same. */
  const removed = new Map<string, number>();
  for (const { newUid, dateStamp: stamp, digest } of ledger.rows()) {
    if (newUid !== 0) claimed.set(newUid, stamp);
    else removed.set(digestKey(digest), (removed.get(digestKey(digest)) ?? 0) + 1);
  }
  for (const orphan of before.rows()) {
    if (orphan.newUid === 0) {
      const times = removed.get(digestKey(orphan.digest)) ?? 0;
      if (times === 0) pool.add({ kind: 'orphan', row: orphan });
      else removed.set(digestKey(orphan.digest), times - 1);
      continue;
    }
    const stamp = claimed.get(orphan.newUid);
    if (stamp === undefined) pool.add({ kind: 'orphan', row: orphan });
    else if (compareStamps(stamp, orphan.dateStamp) === 'same') pool.datesStayed = true;
  }
  return true;
}

/**
 * Old rows to new UIDs by size and digest, in ascending order of both, each new message once, and of twins each to the
 * one of its date. Another date is believed only of a server that keeps none: else the row goes, and its message is
 * compared with what is left over when its turn comes.
 */
async function reindexNew(before: Ledger, after: Ledger, fresh: StoreSession): Promise<void> {
  const sizes = new Set<number>();
  for (const row of before.rows()) sizes.add(row.sizeBytes);
  const stamps = new Map<number, number>();
  await fresh.fetchMeta([[1, Number.POSITIVE_INFINITY]], { date: true, size: true }, (meta) => {
    if (meta.sizeBytes !== null && sizes.has(meta.sizeBytes))
      stamps.set(meta.uid, dateStamp(meta.internalDate));
  });
  const found = new Map<string, number[]>();
  for (const [uid, digest] of await readDigests(fresh, [...stamps.keys()])) {
    const key = digestKey(digest);
    const uids = found.get(key);
    if (uids === undefined) found.set(key, [uid]);
    else uids.push(uid);
  }
  let open: number[] = [];
  const place = (row: LedgerRow, dates: 'same' | 'unknown' | 'different') => {
    const uids = found.get(digestKey(row.digest)) ?? [];
    const at = uids.findIndex((uid) => compareStamps(row.dateStamp, stamps.get(uid) ?? 0) === dates);
    const newUid = at < 0 ? undefined : uids.splice(at, 1)[0];
    if (newUid === undefined) open.push(row.oldUid);
    else after.put({ ...row, newUid });
  };
  for (const row of before.rows()) {
    if ((row.notes & ledgerNote.removedOnNew) !== 0) after.put({ ...row, newUid: 0 });
    else place(row, 'same');
  }
  const keepsDates = [...after.newUids()].some((uid) => uid > 0);
  for (const dates of keepsDates ? (['unknown'] as const) : (['unknown', 'different'] as const)) {
    const uids = open;
    open = [];
    for (const uid of uids) {
      const row = before.get(uid);
      if (row !== null) place(row, dates);
    }
  }
}
