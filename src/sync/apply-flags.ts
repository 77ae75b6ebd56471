/**
 * Flags that changed on old since they were last carried over, to messages that we placed. The new side's flags are
 * read first; a bit that a person changed there stays.
 *
 *   old: CHANGEDSINCE the mark, else all flags -> rows whose agreed flags differ -> new: their flags now
 *   -> merge -> record(intent) -> UID STORE by equal change -> record(agreed flags)
 */
import { isMailferryError, MailferryError } from '../base/errors.ts';
import { type UidRange, uidsToRanges, unionUids } from '../base/uid-ranges.ts';
import { flagText, flagsOfText, refuseKeywords, settableFlags } from './flags.ts';
import type { IntentRow } from './journal.ts';
import { ledgerNote, type LedgerRow } from './ledger.ts';
import { type MailboxWork, record, rowOf } from './mailbox-work.ts';
import { mergeFlags } from './reconcile/merge-flags.ts';

interface Changed {
  readonly row: LedgerRow;
  readonly oldNow: string;
}

/** Rows held at once while flags are compared. */
const pageRows = 5000;

export async function applyFlags(work: MailboxWork): Promise<void> {
  const changed = await changedOnOld(work);
  for (let i = 0; i < changed.length; i += pageRows) await applyPage(work, changed.slice(i, i + pageRows));
}

async function changedOnOld(work: MailboxWork): Promise<Changed[]> {
  const { ledger } = work;
  if (ledger.count === 0) return [];
  const mark = rowOf(work).oldMark;
  const now = work.oldSelected.status.highestModSeq;
  const changed: Changed[] = [];
  const seen = new Set<number>();
  const see = (uid: number, flags: readonly string[]) => {
    const agreed = ledger.flagsOf(uid);
    const oldNow = flagText(flags);
    if (agreed === null || agreed === oldNow || seen.has(uid)) return;
    const row = ledger.get(uid);
    if (row === null) return;
    seen.add(uid);
    changed.push({ row, oldNow });
  };
  const useModSeq =
    work.old.abilities.condStore &&
    mark !== null &&
    mark.highestModSeq !== null &&
    now !== null &&
    mark.uidValidity === work.oldSelected.status.uidValidity &&
    now >= mark.highestModSeq;
  if (useModSeq && mark?.highestModSeq !== null && mark !== null) {
    const changesRead = now === mark.highestModSeq || (await changesSince(work, mark.highestModSeq, see));
    if (changesRead) {
      // What was set on these is older than the mark.
      await readFlags(work, uidsToRanges(work.olderFlags), see);
      return changed;
    }
  }
  // A first round has just read all flags with the metadata: only rows whose flags are from before it are compared.
  const before = unionUids(work.rowsBefore, uidsToRanges(work.olderFlags));
  await readFlags(work, before, see);
  return changed;
}

async function readFlags(
  work: MailboxWork,
  uids: readonly UidRange[],
  see: (uid: number, flags: readonly string[]) => void,
): Promise<void> {
  if (uids.length === 0) return;
  await work.old.fetchMeta(uids, { date: false, size: false }, (meta) => see(meta.uid, meta.flags));
}

/** False where the server announces CONDSTORE but refuses its modifier (F-103). */
async function changesSince(
  work: MailboxWork,
  modSeq: bigint,
  see: (uid: number, flags: readonly string[]) => void,
): Promise<boolean> {
  const { servers, onEvent } = work.run;
  if (servers.condStoreBroken) return false;
  try {
    await work.old.fetchChanges({ modSeq }, (meta) => see(meta.uid, meta.flags));
    return true;
  } catch (error) {
    if (!isMailferryError(error, 'command-refused')) throw error;
    servers.condStoreBroken = true;
    const text = `the old server announces CONDSTORE but refuses it: ${error.message}`;
    onEvent({ type: 'notice', code: 'capability-broken', text });
    return false;
  }
}

async function applyPage(work: MailboxWork, page: readonly Changed[]): Promise<void> {
  const ours = page.filter((c) => (c.row.notes & ledgerNote.removedOnNew) === 0 && c.row.newUid !== 0);
  const byNewUid = new Map(ours.map((c) => [c.row.newUid, c]));
  const groups = new Map<string, { op: '+' | '-'; flags: string[]; uids: number[] }>();
  const put = (op: '+' | '-', flags: readonly string[], uid: number) => {
    if (flags.length === 0) return;
    const key = `${op}${flags.join(' ')}`;
    const group = groups.get(key) ?? { op, flags: [...flags], uids: [] };
    group.uids.push(uid);
    groups.set(key, group);
  };
  const touched = new Set<number>();
  const spans: UidRange[] = uidsToRanges([...byNewUid.keys()].sort((a, b) => a - b));
  if (spans.length > 0) {
    await work.fresh.fetchMeta(spans, { date: false, size: false }, (meta) => {
      const c = byNewUid.get(meta.uid);
      if (c === undefined || touched.has(meta.uid)) return;
      touched.add(meta.uid);
      const change = mergeFlags(
        flagsOfText(c.row.flags),
        flagsOfText(c.oldNow),
        flagsOfText(flagText(meta.flags)),
      );
      const kept = settableFlags(change.add.join(' '), work.newSelected.permanentFlags, work.refusedKeywords);
      put('+', kept.flags, meta.uid);
      put('-', change.remove, meta.uid);
      if (kept.flags.length + change.remove.length > 0) work.run.counts.flagsChanged++;
    });
  }
  const agree = () => {
    for (const c of page) {
      const row = work.ledger.get(c.row.oldUid);
      if (row !== null) work.ledger.put({ ...row, flags: c.oldNow });
    }
  };
  if (groups.size === 0) {
    agree();
    await record(work, { step: 'flags-agreed' });
    return;
  }
  const intent = flagsIntent(work, page);
  await record(work, { step: 'flags-intended', openIntents: [intent] });
  for (const { op, flags, uids } of groups.values()) {
    await storeKept(work, uids, op, flags);
  }
  agree();
  await record(work, { step: 'flags-agreed', closeIntents: [intent.id] });
}

/** STORE, without the keywords that the new side refuses (F-62). */
async function storeKept(
  work: MailboxWork,
  uids: readonly number[],
  op: '+' | '-',
  flags: readonly string[],
): Promise<void> {
  let kept = flags;
  while (kept.length > 0) {
    const outcome = await work.fresh.storeFlags(uids, op, kept);
    if (outcome.kind === 'done') return;
    const { reason } = outcome;
    if (reason.class === 'temporary') {
      const text = `the new server cannot change flags for now: ${reason.text}`;
      throw new MailferryError('server-unavailable', text, { side: 'new', serverText: reason.text });
    }
    if (!refuseKeywords(work, kept)) return;
    work.run.counts.keywordsDropped += uids.length;
    kept = kept.filter((f) => !work.refusedKeywords.has(f.toLowerCase()));
  }
}

/**
 * Flag changes that were under way when a run ended: where nothing of the change is left to be done it has happened, and
 * is agreed on. Otherwise our own change would pass for a person's, and keep the message when old deletes it.
 */
export async function settleFlags(work: MailboxWork): Promise<void> {
  for (const intent of work.run.account.intentsOf(work.id)) {
    if (intent.kind !== 'flags') continue;
    const wanted = new Map<number, { row: LedgerRow; oldNow: string }>();
    for (const { oldUid, flags } of intent.messages) {
      const row = work.ledger.get(oldUid);
      if (row === null || row.newUid === 0) continue;
      wanted.set(row.newUid, { row, oldNow: flagText(flags) });
    }
    const settled: LedgerRow[] = [];
    if (intent.newUidValidity === work.newSelected.status.uidValidity && wanted.size > 0) {
      const spans = uidsToRanges(wanted.keys());
      await work.fresh.fetchMeta(spans, { date: false, size: false }, (meta) => {
        const one = wanted.get(meta.uid);
        if (one === undefined) return;
        const { add, remove } = mergeFlags(flagsOfText(one.row.flags), flagsOfText(one.oldNow), meta.flags);
        const left = settableFlags(add.join(' '), work.newSelected.permanentFlags, work.refusedKeywords);
        if (left.flags.length + remove.length === 0) settled.push({ ...one.row, flags: one.oldNow });
      });
    }
    for (const row of settled) work.ledger.put(row);
    await record(work, { step: 'flags-settled', closeIntents: [intent.id] });
  }
}

/** STORE can be repeated without harm; the intent says what it is to lead to. */
function flagsIntent(work: MailboxWork, page: readonly Changed[]): IntentRow {
  return {
    id: work.run.account.nextIntentId(),
    mailboxId: work.id,
    kind: 'flags',
    newUidValidity: work.newSelected.status.uidValidity,
    uidNextBefore: work.newUidNext,
    createdAtMs: work.run.clock.now(),
    messages: page.map(({ row, oldNow }) => ({
      oldUid: row.oldUid,
      sizeBytes: 0,
      digest: null,
      flags: flagsOfText(oldNow),
      notes: 0,
      dateStamp: row.dateStamp,
    })),
  };
}
