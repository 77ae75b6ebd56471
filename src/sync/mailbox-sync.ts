/**
 * One mailbox from whatever state it is in to complete. Order:
 *
 *   open both -> UIDVALIDITY changed? new generation -> settle unknown outcomes -> what a person removed on new
 *   -> what may be there already -> carry over what is missing -> flags -> last looks -> marks
 *
 * Everything may be cut off anywhere and started again from the top.
 */
import {
  containsUid,
  countUids,
  differenceUids,
  eachUid,
  intersectUids,
  type UidRange,
  uidsToRanges,
} from '../base/uid-ranges.ts';
import { UidBitmap } from '../base/uid-bitmap.ts';
import { applyFlags, settleFlags } from './apply-flags.ts';
import { gatherCandidates } from './candidates.ts';
import { ClaimPool } from './claim-pool.ts';
import { addOrphans, openGeneration, uidsChanged } from './generation.ts';
import type { MailboxRow, RefusedRow } from './journal.ts';
import { ledgerNote } from './ledger.ts';
import type { MailboxStatus, SelectedMailbox, StoreSession } from './mail-store.ts';
import {
  countVanished,
  type MailboxWork,
  record,
  type RunContext,
  rowOf,
  statsOf,
  uncountCopied,
} from './mailbox-work.ts';
import type { SessionPair } from './open-pair.ts';
import { settleMoves } from './move-here.ts';
import { refusedRow } from './outgoing.ts';
import { settleMailbox } from './settle.ts';
import { reportForgotten, sweepLateCopies } from './late-copies.ts';
import { nameRefused } from './name-refused.ts';
import { mendLostFlags } from './mend-flags.ts';
import { uidsOutOfRange } from './since.ts';
import { transfer } from './transfer.ts';

export async function syncMailbox(run: RunContext, id: number, pair: SessionPair): Promise<void> {
  const { account } = run;
  const row = account.mailbox(id);
  const select = () =>
    Promise.all([pair.old.select(row.oldName, 'read'), pair.fresh.select(row.newName, 'write')]);
  let [oldSelected, newSelected] = await select();
  if (await waitedForArrivals(run, row, oldSelected, newSelected)) {
    [oldSelected, newSelected] = await select();
  }
  const intentsBefore = account.intentsOf(id);
  const ledger = await openGeneration(account, row, oldSelected, newSelected, pair.fresh);
  const work: MailboxWork = {
    run,
    id,
    ...pair,
    oldSelected,
    newSelected,
    ledger,
    rowsBefore: uidsToRanges(ledger.oldUids()),
    pool: new ClaimPool((uid) => !ledger.has(uid)),
    newUidNext: await uidNextOf(newSelected, pair.fresh),
    refusedKeywords: new Set(),
    takenKeywords: new Set(),
    olderFlags: [],
    placed: new UidBitmap(),
    left: { filtered: 0, vanished: 0 },
    voided: [],
  };
  await settleMoves(work);
  await settleMailbox(work);
  await closeRepeatable(work);
  await settleFlags(work);
  await lookAtNew(work);

  const oldUids = await pair.old.listUids();
  await forgetRefused(work, oldUids);
  const hasOrphans = await addOrphans(account, rowOf(work), ledger, work.pool);
  await carryOver(work, oldUids);
  await mendLostFlags(work);
  await applyFlags(work);
  await sweepLateCopies(work);
  if (ledger.generation !== row.generation) await reportForgotten(work, intentsBefore);
  // Before the last look: what a person does after this moment shows as a change at the next pass.
  const newStatus = await pair.fresh.status(row.newName);
  await lastLook(work);
  await nameRefused(work);
  statsOf(run, id).messages = countUids(oldUids) - work.left.vanished - work.left.filtered;
  await complete(work, { oldUids, newStatus, hasOrphans });
  run.onEvent({ type: 'mailbox-done', mailbox: row.oldName });
}

/**
 * UIDs changed their meaning while appends were open: what still arrives can then be found by content only, so it is
 * given the time to arrive before the content is looked at.
 */
async function waitedForArrivals(
  run: RunContext,
  row: MailboxRow,
  old: SelectedMailbox,
  fresh: SelectedMailbox,
): Promise<boolean> {
  const intents = run.account.intentsOf(row.id);
  const { oldChanged, newChanged } = uidsChanged(row, intents, old, fresh);
  const open = intents.filter((i) => i.kind === 'append');
  if ((!oldChanged && !newChanged) || open.length === 0) return false;
  const graceMs = run.options.settleGraceMs;
  const ms = Math.max(...open.map((i) => run.account.graceLeftMs(i, graceMs)));
  if (ms <= 0) return false;
  run.onEvent({ type: 'waiting', reason: 'settle', ms, text: 'waiting for a message that may still arrive' });
  await run.clock.sleep(ms, run.signal);
  return true;
}

/** A listed message that two rounds did not bring is listed as unreadable by the third. */
const maxCarryRounds = 3;

/**
 * Until nothing that old still lists is missing: whatever a fetch left out is asked for again, and only what old does not
 * list any more counts as vanished (F-28).
 */
async function carryOver(work: MailboxWork, listed: readonly UidRange[]): Promise<void> {
  const { run } = work;
  const all = missingUids(work, listed);
  const older = await uidsOutOfRange(run, work.old, all);
  work.left.filtered = countUids(older);
  let missing = differenceUids(all, older);
  run.onEvent({
    type: 'mailbox-started',
    mailbox: rowOf(work).oldName,
    messages: countUids(listed),
    missing: countUids(missing),
  });
  if (missing.length === 0) return;
  // Also those that are left out: what is on new may be theirs.
  await gatherCandidates(work, all);
  for (let round = 1; missing.length > 0; round++) {
    // What old did not deliver before comes last and alone, so that nothing else is held up again (F-56).
    const doubtful = intersectUids(missing, unreadableUids(work));
    await transfer(work, differenceUids(missing, doubtful), 'together');
    await transfer(work, doubtful, 'alone');
    const now = await work.old.listUids();
    const open = missingUids(work, missing);
    countVanished(work, countUids(differenceUids(open, now)));
    missing = intersectUids(open, now);
    if (round === maxCarryRounds && missing.length > 0) {
      const text = 'the old server lists the message but tells nothing about it';
      const refused = [...eachUid(missing)].map((uid) =>
        refusedRow(work, { uid, sizeBytes: 0, date: null }, 'message-unreadable', text),
      );
      await record(work, { step: 'message-refused', refused });
      return;
    }
  }
}

function unreadableUids(work: MailboxWork): UidRange[] {
  const rows = [...work.run.account.refusedOf(work.id).values()];
  return uidsToRanges(rows.filter((r) => r.code === 'message-unreadable').map((r) => r.oldUid));
}

async function uidNextOf(selected: SelectedMailbox, session: StoreSession): Promise<number> {
  if (selected.status.uidNext > 0) return selected.status.uidNext;
  // A server that hides UIDNEXT (F-23): behind the last message.
  const spans = await session.listUids();
  return (spans.at(-1)?.[1] ?? 0) + 1;
}

/** Removals can be repeated without harm: their intents only said that they were under way. */
async function closeRepeatable(work: MailboxWork): Promise<void> {
  const closeIntents = work.run.account
    .intentsOf(work.id)
    .filter((i) => i.kind === 'expunge' || i.kind === 'create')
    .map((i) => i.id);
  if (closeIntents.length > 0) await record(work, { step: 'repeatable-closed', closeIntents });
}

/** Notes which of our copies a person moved or deleted on new: they never come back (F-39). */
async function lookAtNew(work: MailboxWork): Promise<void> {
  const mark = rowOf(work).newMark;
  if (work.ledger.count === 0 || mark === null) return;
  const { status } = work.newSelected;
  const same = mark.uidNext === status.uidNext && mark.messages === status.messages;
  if (same && mark.highestModSeq !== null && mark.highestModSeq === status.highestModSeq) return;
  const there = await work.fresh.listUids();
  const ours = uidsToRanges(present(work.ledger.newUids()));
  const gone = differenceUids(ours, there);
  if (gone.length === 0) return;
  for (const row of Array.from(work.ledger.rows())) {
    if (row.newUid === 0 || (row.notes & ledgerNote.removedOnNew) !== 0 || !containsUid(gone, row.newUid))
      continue;
    work.ledger.put({ ...row, notes: row.notes | ledgerNote.removedOnNew });
  }
  await record(work, { step: 'removals-on-new-noted' });
}

function* present(uids: Iterable<number>): Generator<number> {
  for (const uid of uids) if (uid > 0) yield uid;
}

/** A refused message that is gone on old is nobody's concern any more. */
async function forgetRefused(work: MailboxWork, oldUids: readonly UidRange[]): Promise<void> {
  const gone = [...work.run.account.refusedOf(work.id).keys()].filter((uid) => !containsUid(oldUids, uid));
  const clearRefused = gone.map((oldUid) => ({ mailboxId: work.id, oldUid }));
  if (gone.length > 0) await record(work, { step: 'refused-forgotten', clearRefused });
}

/** On old, not in the ledger, and not refused for good. */
function missingUids(work: MailboxWork, oldUids: readonly UidRange[]): UidRange[] {
  const refused = [...work.run.account.refusedOf(work.id).values()]
    .filter((r) => !isDue(work, r))
    .map((r) => r.oldUid);
  const known = uidsToRanges(work.ledger.oldUids());
  return differenceUids(differenceUids(oldUids, known), uidsToRanges(refused.sort((a, b) => a - b)));
}

/** Whether a refused message is tried again by itself: when what stood in its way may be gone. */
export function isDue(
  work: { readonly run: RunContext; readonly fresh: Pick<StoreSession, 'abilities'> },
  refused: RefusedRow,
): boolean {
  if (work.run.refusedNow.has(`${refused.mailboxId}/${refused.oldUid}`)) return false;
  if (work.run.options.retryRefused) return true;
  switch (refused.code) {
    case 'message-too-large': {
      const limit = work.fresh.abilities.appendLimitBytes;
      return limit === null ? false : refused.sizeBytes <= limit;
    }
    case 'message-refused':
    case 'outcome-unknown':
      return false;
    default:
      return true;
  }
}

/**
 * The server said OK to every message in `placed`: they have to be there (F-07). Of the others, those that a person
 * took away while we were at work are noted.
 */
async function lastLook(work: MailboxWork): Promise<void> {
  if (work.ledger.count === 0) return;
  await work.fresh.noop();
  const there = await work.fresh.listUids();
  const gone = differenceUids(uidsToRanges(present(work.ledger.newUids())), there);
  if (gone.length === 0) return;
  const refused: RefusedRow[] = [];
  for (const row of Array.from(work.ledger.rows())) {
    if (!containsUid(gone, row.newUid) || (row.notes & ledgerNote.removedOnNew) !== 0) continue;
    // A person may have moved it within these seconds: the row stays, so that it is never sent twice by itself.
    work.ledger.put({ ...row, notes: row.notes | ledgerNote.removedOnNew });
    if (!work.placed.has(row.newUid)) continue;
    uncountCopied(work, row.sizeBytes);
    const text = 'stored, but no longer there a moment later';
    refused.push(
      refusedRow(work, { uid: row.oldUid, sizeBytes: row.sizeBytes, date: null }, 'outcome-unknown', text),
    );
  }
  await record(work, { step: 'placed-checked', refused });
}

async function complete(
  work: MailboxWork,
  seen: {
    readonly oldUids: readonly UidRange[];
    readonly newStatus: MailboxStatus;
    readonly hasOrphans: boolean;
  },
): Promise<void> {
  const row = rowOf(work);
  const fresh = seen.newStatus;
  const { uidValidity, uidNext, messages, highestModSeq } = work.oldSelected.status;
  const { overQuota, leftOut } = work.run;
  const open = overQuota.reached || work.left.filtered > 0;
  const mark = { uidValidity, uidNext, messages, highestModSeq };
  await record(work, {
    step: 'mailbox-complete',
    mailboxes: [
      {
        ...row,
        oldMark: open ? null : mark,
        newMark: {
          uidValidity: fresh.uidValidity,
          uidNext: fresh.uidNext,
          messages: fresh.messages,
          highestModSeq: fresh.highestModSeq,
        },
        adoptedBelow: open ? row.adoptedBelow : Math.max(row.adoptedBelow, work.newUidNext),
      },
    ],
    notes: work.run.account.deletionsNote(work.id, hasVanished(work, seen.oldUids)),
    ...(seen.hasOrphans ? { dropGenerationsBelow: [{ mailboxId: row.id, generation: row.generation }] } : {}),
  });
  if (open && !overQuota.reached) leftOut.set(row.id, { mark, messages: work.left.filtered });
  else leftOut.delete(row.id);
}

/** Whether rows are left whose old message is gone and that are still ours to follow. */
function hasVanished(work: MailboxWork, oldUids: readonly UidRange[]): boolean {
  const gone = differenceUids(uidsToRanges(work.ledger.oldUids()), oldUids);
  for (const uid of eachUid(gone)) {
    if (((work.ledger.get(uid)?.notes ?? 0) & ledgerNote.keptByUser) === 0) return true;
  }
  return false;
}
