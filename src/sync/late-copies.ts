/**
 * The last look at uploads that were given up as "did not arrive" (F-04): what landed late after all.
 *
 *   sent again since                    the later copy is ours, untouched, and one too many: UID EXPUNGE, or a notice
 *   gone on old, or refused since       the copy is entered, and followed as any other
 *   streamed, and gone on old           nobody knows its bytes any more: a notice, never entered on a guess
 *
 *   record -> UID EXPUNGE -> record; at the end the intents are closed
 */
import { uidsToRanges } from '../base/uid-ranges.ts';
import { displayName } from '../domain/mailbox-mapping.ts';
import { digestKey } from './digest.ts';
import type { IntentMessage, IntentRow, MailboxRow } from './journal.ts';
import { unclaimed } from './locate.ts';
import { countGone, type MailboxWork, readDigests, record, rowOf, type RunContext } from './mailbox-work.ts';
import { type Copy, type Find, flagsOnNew, matchTwins } from './match-twins.ts';
import { compareStamps } from './message-date.ts';
import { enter, entered } from './settle.ts';

/** Looks after all given-up intents of the mailbox, and closes them. */
export async function sweepLateCopies(work: MailboxWork): Promise<void> {
  for (const intent of work.voided) {
    if (intent.newUidValidity === work.newSelected.status.uidValidity) await sweep(work, intent);
  }
  const voided = work.voided.splice(0);
  if (voided.length === 0) return;
  await record(work, {
    step: 'given-up-closed',
    closeIntents: voided.map((i) => i.id),
    clearRefused: voided.flatMap((i) => entered(work, i)),
  });
}

async function sweep(work: MailboxWork, intent: IntentRow): Promise<void> {
  const sizes = new Set(intent.messages.map((m) => m.sizeBytes));
  const free = await unclaimed(work, intent.uidNextBefore);
  const late = free.filter((copy) => copy.sizeBytes !== null && sizes.has(copy.sizeBytes));
  if (late.length > 0) await matchLate(work, intent, late);
  const missing = intent.messages.filter((m) => isMissing(work, m));
  if (missing.length > 0) await reportGone(work, missing, free);
}

/** Enters copies of messages that have none, and removes those of messages that have one. */
async function matchLate(work: MailboxWork, intent: IntentRow, late: readonly Copy[]): Promise<void> {
  const uids = late.map((copy) => copy.uid);
  const onNew = await readDigests(work.fresh, uids);
  const digests = await digestsOf(work, intent.messages);
  const free = [...late];
  const take =
    (then: (message: IntentMessage, copy: Copy) => void): Find =>
    (message, fits) => {
      const wanted = digests.get(message.oldUid);
      const at = free.findIndex((copy) => {
        const there = onNew.get(copy.uid);
        const same = wanted !== undefined && there !== undefined && digestKey(there) === digestKey(wanted);
        return same && fits(copy);
      });
      const copy = at < 0 ? undefined : free.splice(at, 1)[0];
      if (copy === undefined) return false;
      then(message, copy);
      return true;
    };
  const without = intent.messages.filter((m) => !work.ledger.has(m.oldUid));
  const found: [IntentMessage, Copy][] = [];
  await matchTwins(
    work,
    without,
    work.old,
    take((message, copy) => found.push([message, copy])),
  );
  for (const [message, copy] of found) {
    const digest = digests.get(message.oldUid);
    if (digest !== undefined) enter(work, { message, copy, digest, sizeBytes: message.sizeBytes, notes: 0 });
  }
  const excess: number[] = [];
  const again = intent.messages.filter((m) => !without.includes(m));
  await matchTwins(
    work,
    again,
    work.old,
    take((message, copy) => {
      // Another date or other flags: a person had a hand in it, or it is theirs.
      const ours =
        copy.flags === flagsOnNew(work, message) &&
        compareStamps(copy.dateStamp, message.dateStamp) !== 'different';
      if (ours && work.fresh.abilities.uidPlus) excess.push(copy.uid);
      else notice(work, `a late copy stays on new as UID ${copy.uid}`);
    }),
  );
  if (excess.length === 0) return;
  await record(work, { step: 'late-copies-found' });
  await work.fresh.expunge(excess);
  await record(work, { step: 'late-copies-removed' });
}

/** By the row, by the intent, or by what old still has; of a streamed message that is gone there, none. */
async function digestsOf(
  work: MailboxWork,
  messages: readonly IntentMessage[],
): Promise<Map<number, Uint8Array>> {
  const known = new Map<number, Uint8Array>();
  const unread: number[] = [];
  for (const { oldUid, digest } of messages) {
    const by = work.ledger.get(oldUid)?.digest ?? digest;
    if (by === null) unread.push(oldUid);
    else known.set(oldUid, by);
  }
  for (const [uid, digest] of await readDigests(work.old, unread)) known.set(uid, digest);
  return known;
}

function isMissing(work: MailboxWork, { oldUid }: IntentMessage): boolean {
  return !work.ledger.has(oldUid) && !work.run.account.refusedOf(work.id).has(oldUid);
}

/**
 * Messages that old lost while they were on their way. What may be a copy is named, never entered: size and date alone
 * prove nothing, and what is entered may be removed one day.
 */
async function reportGone(
  work: MailboxWork,
  missing: readonly IntentMessage[],
  free: readonly Copy[],
): Promise<void> {
  const there = new Set<number>();
  const uids = uidsToRanges(missing.map((m) => m.oldUid).sort((a, b) => a - b));
  await work.old.fetchMeta(uids, { date: false, size: false }, (meta) => there.add(meta.uid));
  const gone = missing.filter((m) => !there.has(m.oldUid));
  const unclaimedStill = free.filter((copy) => !work.ledger.claims(copy.uid));
  for (const message of gone) {
    const copies = message.digest === null ? unclaimedStill.filter((copy) => mayBe(message, copy)) : [];
    if (copies.length === 0) {
      countGone(work, 1);
      continue;
    }
    const { oldName, newName } = rowOf(work);
    const where = copies.map((copy) => copy.uid).join(' or ');
    notice(
      work,
      `UID ${message.oldUid} of ${displayName(oldName)} was removed on old while it was on its way; ` +
        `${displayName(newName)} on new has it as UID ${where}`,
    );
  }
}

/**
 * The same for uploads that a changed UIDVALIDITY took out of the journal: old's UIDs tell nothing any more, so what
 * looks like one of them, and belongs to no message of old, is named.
 */
export async function reportForgotten(work: MailboxWork, before: readonly IntentRow[]): Promise<void> {
  const streamed = before
    .filter(isUpload)
    .flatMap((i) => i.messages)
    .filter((m) => m.digest === null);
  if (streamed.length === 0) return;
  const { newName } = rowOf(work);
  for (const copy of await unclaimed(work, 1)) {
    const like = streamed.find((m) => m.sizeBytes === copy.sizeBytes && mayBe(m, copy));
    if (like === undefined) continue;
    const text = 'a message that is not on old any more was on its way when UIDVALIDITY changed';
    notice(work, `${text}; ${displayName(newName)} on new has it as UID ${copy.uid}`);
  }
}

/** Says how many uploads of a mailbox that is gone on old nobody can settle any more. */
export async function reportUnsettled(run: RunContext, row: MailboxRow): Promise<void> {
  const intents = run.account.intentsOf(row.id).filter(isUpload);
  if (intents.length === 0) return;
  const ledger = await run.account.ledger(row.id);
  const uids = new Set(intents.flatMap((i) => i.messages).map((m) => m.oldUid));
  const open = [...uids].filter((uid) => !ledger.has(uid)).length;
  if (open === 0) return;
  const text =
    `${displayName(row.oldName)} was removed on old before it was known whether new has stored what was on its way ` +
    `(messages: ${open}); see ${displayName(row.newName)} on new`;
  run.onEvent({ type: 'notice', code: 'outcome-unknown', text });
}

function isUpload({ kind }: IntentRow): boolean {
  return kind === 'append' || kind === 'given-up';
}

/** Either is enough: servers announce wrong sizes, and keep dates otherwise than they were told. */
function mayBe(message: IntentMessage, copy: Copy): boolean {
  const sameDate = compareStamps(copy.dateStamp, message.dateStamp) === 'same';
  return sameDate || copy.sizeBytes === message.sizeBytes;
}

function notice(work: MailboxWork, text: string): void {
  work.run.onEvent({ type: 'notice', code: 'outcome-unknown', text });
}
