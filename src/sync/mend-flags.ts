/**
 * Servers that take flags with APPEND and lose them (Domino, hMailServer): they get them by STORE. Whether a server is
 * one of them is seen right after the first APPEND with flags, before a person can have removed them, and remembered.
 *
 *   flags of what was placed -> those without -> record(intent) -> UID STORE -> record
 */
import { uidsToRanges } from '../base/uid-ranges.ts';
import { flagText, settableFlags } from './flags.ts';
import type { IntentRow } from './journal.ts';
import { ledgerNote, type LedgerRow } from './ledger.ts';
import { type MailboxWork, record, rowOf } from './mailbox-work.ts';

const noteKey = 'flags-on-append';

/** To be called with what has just been appended. */
export async function noticeLostFlags(work: MailboxWork, oldUids: readonly number[]): Promise<void> {
  if (work.run.account.notes.has(noteKey)) return;
  const flagged = oldUids.flatMap((uid) => flaggedOf(work, work.ledger.get(uid)) ?? []);
  if (flagged.length === 0) return;
  const lost = (await withoutFlags(work, flagged)).length === flagged.length;
  await record(work, { step: 'server-noted', notes: { [noteKey]: lost ? 'lost' : 'kept' } });
}

export async function mendLostFlags(work: MailboxWork): Promise<void> {
  await finishMending(work);
  if (work.run.account.notes.get(noteKey) !== 'lost') return;
  const lost = await withoutFlags(work, candidates(work));
  if (lost.length === 0) return;
  const intent: IntentRow = {
    id: work.run.account.nextIntentId(),
    mailboxId: work.id,
    kind: 'lost-flags',
    newUidValidity: work.newSelected.status.uidValidity,
    uidNextBefore: work.newUidNext,
    createdAtMs: work.run.clock.now(),
    messages: lost.map(({ oldUid, wanted: flags }) => ({
      oldUid,
      sizeBytes: 0,
      digest: null,
      flags,
      notes: 0,
      dateStamp: 0,
    })),
  };
  await record(work, { step: 'lost-flags-found', openIntents: [intent] });
  await setFlags(work, lost);
  await record(work, { step: 'lost-flags-mended', closeIntents: [intent.id] });
}

/** What an interrupted run had begun. */
async function finishMending(work: MailboxWork): Promise<void> {
  for (const intent of work.run.account.intentsOf(work.id)) {
    if (intent.kind !== 'lost-flags') continue;
    const begun: Flagged[] = [];
    for (const { oldUid, flags } of intent.messages) {
      const newUid = work.ledger.get(oldUid)?.newUid ?? 0;
      if (newUid > 0) begun.push({ oldUid, newUid, wanted: flags });
    }
    if (begun.length > 0) await setFlags(work, await withoutFlags(work, begun));
    await record(work, { step: 'lost-flags-mended', closeIntents: [intent.id] });
  }
}

async function setFlags(work: MailboxWork, lost: readonly Flagged[]): Promise<void> {
  const groups = new Map<string, number[]>();
  for (const { newUid, wanted } of lost) {
    const key = wanted.join(' ');
    const uids = groups.get(key);
    if (uids === undefined) groups.set(key, [newUid]);
    else uids.push(newUid);
  }
  for (const [key, uids] of groups) await work.fresh.storeFlags(uids, '+', key.split(' '));
}

interface Flagged {
  readonly oldUid: number;
  readonly newUid: number;
  readonly wanted: readonly string[];
}

/** What was placed since the mailbox was last complete, as far as it should have flags. */
function candidates(work: MailboxWork): Flagged[] {
  const unfinished = rowOf(work).oldMark === null;
  if (!unfinished && work.placed.untouched) return [];
  const found: Flagged[] = [];
  for (const row of work.ledger.rows()) {
    const flagged = unfinished || work.placed.has(row.newUid) ? flaggedOf(work, row) : null;
    if (flagged !== null) found.push(flagged);
  }
  return found;
}

function flaggedOf(work: MailboxWork, row: LedgerRow | null): Flagged | null {
  if (row === null || row.newUid === 0 || isTheirs(row)) return null;
  const wanted = settableFlags(row.flags, work.newSelected.permanentFlags, work.refusedKeywords).flags;
  return wanted.length === 0 ? null : { oldUid: row.oldUid, newUid: row.newUid, wanted };
}

function isTheirs({ notes }: LedgerRow): boolean {
  return (notes & (ledgerNote.adopted | ledgerNote.removedOnNew)) !== 0;
}

async function withoutFlags(work: MailboxWork, flagged: readonly Flagged[]): Promise<Flagged[]> {
  const byUid = new Map(flagged.map((f) => [f.newUid, f]));
  const lost: Flagged[] = [];
  await work.fresh.fetchMeta(uidsToRanges(byUid.keys()), { date: false, size: false }, (meta) => {
    const one = byUid.get(meta.uid);
    byUid.delete(meta.uid);
    if (one !== undefined && flagText(meta.flags) === '') lost.push(one);
  });
  return lost;
}
