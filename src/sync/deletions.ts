/**
 * Messages that vanished on old, after moves have been recognised. Removed on new only where all of this holds: the
 * setting says follow, the brake is off, we placed the copy, nobody touched it since, and the server can expunge exactly
 * these UIDs.
 *
 *   brake -> per mailbox: flags on new now -> record(intent) -> \Deleted + UID EXPUNGE -> record(rows gone)
 */
import { isMailferryError } from '../base/errors.ts';
import { containsUid, uidsToRanges } from '../base/uid-ranges.ts';
import { currentRow } from './claim-pool.ts';
import { assignSpecialUses } from '../domain/special-use.ts';
import { displayName } from '../domain/mailbox-mapping.ts';
import { flagText, settableFlags } from './flags.ts';
import type { IntentRow, MailboxRow } from './journal.ts';
import { type Ledger, ledgerNote, type LedgerRow } from './ledger.ts';
import type { SelectedMailbox, StoreListing, StoreSession } from './mail-store.ts';
import type { RunContext } from './mailbox-work.ts';
import { deletionBrake, type VanishedCount } from './reconcile/deletion-brake.ts';

export interface DeletionResult {
  /** Why nothing was removed, or null. */
  readonly stopped: string | null;
}

export async function followDeletions(
  run: RunContext,
  fresh: StoreSession,
  listing: StoreListing,
): Promise<DeletionResult> {
  const byMailbox = new Map<number, LedgerRow[]>();
  for (const c of run.vanished.all()) {
    if (c.kind !== 'vanished') continue;
    const row = await currentRow(run.account, c);
    if (row === null) continue;
    const rows = byMailbox.get(c.mailboxId);
    if (rows === undefined) byMailbox.set(c.mailboxId, [row]);
    else rows.push(row);
  }
  if (byMailbox.size === 0 || run.options.deletions === 'keep') return { stopped: null };
  const stopped = deletionBrake(await countVanished(run, byMailbox, listing));
  if (stopped !== null && !run.options.confirmDeletions) {
    run.onEvent({ type: 'notice', code: 'deletions-stopped', text: stopped });
    return { stopped };
  }
  for (const [mailboxId, rows] of byMailbox) {
    await removeFrom(run, fresh, run.account.mailbox(mailboxId), rows);
  }
  return { stopped: null };
}

async function countVanished(
  run: RunContext,
  byMailbox: ReadonlyMap<number, readonly LedgerRow[]>,
  listing: StoreListing,
): Promise<VanishedCount[]> {
  const often = emptiedOften(listing);
  const counts: VanishedCount[] = [];
  for (const row of run.account.mailboxes.values()) {
    const ledger = await run.account.ledger(row.id);
    counts.push({
      mailbox: row.oldName,
      known: ledger.count,
      vanished: (byMailbox.get(row.id) ?? []).filter(isOnNew).length,
      mailboxGone: row.place === 'gone-on-old',
      emptiedOften: often.has(row.oldName),
    });
  }
  return counts;
}

/** Mailboxes of old that people empty all the time. */
export function emptiedOften(listing: StoreListing): ReadonlySet<string | undefined> {
  const uses = assignSpecialUses(
    listing.mailboxes.map((m) => ({
      name: m.name,
      topLevelText: m.delimiter !== null && m.name.includes(m.delimiter) ? null : displayName(m.name),
      attributes: m.specialUse,
      empty: m.status?.messages === 0,
    })),
  );
  return new Set([uses.get('trash'), uses.get('junk')]);
}

/** Not taken away by a person already. */
export function isOnNew(row: LedgerRow): boolean {
  return (row.notes & ledgerNote.removedOnNew) === 0;
}

async function removeFrom(
  run: RunContext,
  fresh: StoreSession,
  row: MailboxRow,
  vanished: readonly LedgerRow[],
): Promise<void> {
  const { account } = run;
  const ledger = await account.ledger(row.id);
  let selected: SelectedMailbox;
  try {
    selected = await fresh.select(row.newName, 'write');
  } catch (error) {
    if (isMailferryError(error, 'mailbox-unusable')) return;
    throw error;
  }
  if (selected.status.uidValidity !== row.newUidValidity) return;
  const flagsNow = new Map<number, string>();
  const present = vanished.filter((r) => isOnNew(r) && r.newUid !== 0);
  const spans = uidsToRanges(present.map((r) => r.newUid).sort((a, b) => a - b));
  if (spans.length > 0) {
    await fresh.fetchMeta(spans, { date: false, size: false }, (meta) =>
      flagsNow.set(meta.uid, flagText(meta.flags)),
    );
  }
  const doomed: LedgerRow[] = [];
  for (const r of vanished) {
    const now = flagsNow.get(r.newUid);
    // What was found on new instead of being sent may be a person's own copy.
    const ours = (r.notes & ledgerNote.adopted) === 0;
    if (now === undefined) ledger.remove(r.oldUid);
    else if (ours && isUntouched(r, now, selected.permanentFlags)) doomed.push(r);
    // Somebody worked with it on new: it is theirs now (F-37).
    else ledger.put({ ...r, notes: r.notes | ledgerNote.keptByUser });
  }
  await account.record({ step: 'vanished-sorted', chunks: ledger.takeWrites() });
  if (doomed.length > 0) await expunge(run, fresh, row, ledger, doomed);
}

/** Whether the flags on new are just those that we set. */
export function isUntouched(row: LedgerRow, now: string, permanent: readonly string[] | null): boolean {
  const refused = (row.notes & ledgerNote.keywordsDropped) === 0 ? new Set<string>() : 'all';
  const ours = settableFlags(row.flags, permanent, refused).flags;
  const theirs = settableFlags(now, null, refused).flags;
  const same =
    ours.length === theirs.length && ours.every((f, i) => f.toLowerCase() === theirs[i]?.toLowerCase());
  // settableFlags leaves \Deleted out; a person who marked it wants it gone, which is what will happen.
  return same;
}

async function expunge(
  run: RunContext,
  fresh: StoreSession,
  row: MailboxRow,
  ledger: Ledger,
  doomed: readonly LedgerRow[],
): Promise<void> {
  const { account, clock } = run;
  if (!fresh.abilities.uidPlus) {
    run.onEvent({
      type: 'notice',
      code: 'command-refused',
      text: `${doomed.length} messages that are gone on old stay on new: the server has no UIDPLUS`,
    });
    return;
  }
  const intent: IntentRow = {
    id: account.nextIntentId(),
    mailboxId: row.id,
    kind: 'expunge',
    newUidValidity: row.newUidValidity ?? 0,
    uidNextBefore: 0,
    createdAtMs: clock.now(),
    messages: doomed.map((r) => ({
      oldUid: r.oldUid,
      sizeBytes: r.sizeBytes,
      digest: null,
      flags: [],
      notes: r.notes,
      dateStamp: r.dateStamp,
    })),
  };
  await account.record({ step: 'removal-intended', openIntents: [intent] });
  const outcome = await fresh.expunge(doomed.map((r) => r.newUid));
  if (outcome.kind === 'done') {
    for (const r of doomed) ledger.remove(r.oldUid);
    run.counts.removed += doomed.length;
  }
  await account.record({ step: 'removed', closeIntents: [intent.id], chunks: ledger.takeWrites() });
  await markAgain(run, fresh, row);
}

/**
 * Removals that were under way when a run ended: what is gone was removed by us. Before anything else is looked at, or it
 * would pass for a person's doing, and a message of the same bytes would be kept away from new.
 */
export async function settleRemovals(run: RunContext, fresh: StoreSession): Promise<void> {
  const { account } = run;
  for (const intent of Array.from(account.intents.values())) {
    if (intent.kind !== 'expunge') continue;
    const row = account.mailbox(intent.mailboxId);
    const ledger = await account.ledger(row.id);
    try {
      const selected = await fresh.select(row.newName, 'write');
      if (selected.status.uidValidity === intent.newUidValidity) {
        const there = await fresh.listUids();
        for (const { oldUid } of intent.messages) {
          const newUid = ledger.get(oldUid)?.newUid ?? 0;
          if (newUid > 0 && !containsUid(there, newUid)) ledger.remove(oldUid);
        }
      }
    } catch (error) {
      if (!isMailferryError(error, 'mailbox-unusable')) throw error;
    }
    await account.record({
      step: 'removal-settled',
      closeIntents: [intent.id],
      chunks: ledger.takeWrites(),
    });
  }
}

/** Our own removals must not look like a person's at the next pass. */
async function markAgain(run: RunContext, fresh: StoreSession, row: MailboxRow): Promise<void> {
  if (row.newMark === null) return;
  const { uidValidity, uidNext, messages, highestModSeq } = await fresh.status(row.newName);
  const newMark = { uidValidity, uidNext, messages, highestModSeq };
  await run.account.record({
    step: 'mailbox-marked',
    mailboxes: [{ ...run.account.mailbox(row.id), newMark }],
  });
}
