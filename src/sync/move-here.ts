/**
 * A message that vanished in one old mailbox and appeared in another was moved there: its copy is moved on new, if it
 * is still where we put it. One MOVE, never delete first (F-38).
 *
 *   record(intent: from, to, window) -> UID MOVE -> record(row leaves the one ledger, enters the other)
 */
import { isMailferryError } from '../base/errors.ts';
import { currentRow, type Vanished } from './claim-pool.ts';
import { digestKey } from './digest.ts';
import type { IntentMessage, IntentRow, MailboxRow } from './journal.ts';
import { type Ledger, ledgerNote, type LedgerRow } from './ledger.ts';
import { isAltered, type Likeness, readLikeness } from './likeness.ts';
import { claim, type MailboxWork, record } from './mailbox-work.ts';
import { dateStamp as stampOf } from './message-date.ts';
import type { Outgoing } from './outgoing.ts';

/** True when the old message is accounted for on new; false when it has to be sent as any other. */
export async function moveHere(work: MailboxWork, given: Vanished, message: Outgoing): Promise<boolean> {
  const { account } = work.run;
  const row = await currentRow(account, given);
  if (row === null) return false;
  const candidate = { ...given, row };
  const from = account.mailbox(candidate.mailboxId);
  const fromLedger = await account.ledger(candidate.mailboxId);
  if ((candidate.row.notes & ledgerNote.removedOnNew) !== 0) {
    // Gone by a move of ours whose outcome is not settled yet: then this is another message of the same bytes.
    if (movedElsewhere(work, candidate.mailboxId, candidate.row.oldUid)) return false;
    // The person took our copy away on new: that holds for the message wherever it lies on old.
    await transferRow(work, fromLedger, candidate, message, 0);
    return true;
  }
  if (!work.fresh.abilities.move && !work.fresh.abilities.uidPlus) return false;
  const intent: IntentRow = {
    id: account.nextIntentId(),
    mailboxId: work.id,
    kind: 'move',
    newUidValidity: work.newSelected.status.uidValidity,
    uidNextBefore: work.newUidNext,
    createdAtMs: work.run.clock.now(),
    messages: [
      {
        oldUid: message.uid,
        sizeBytes: message.sizeBytes,
        digest: candidate.row.digest,
        flags: candidate.row.flags === '' ? [] : candidate.row.flags.split(' '),
        notes: candidate.row.notes,
        dateStamp: candidate.row.dateStamp,
        fromMailboxId: candidate.mailboxId,
        fromNewUid: candidate.row.newUid,
        fromOldUid: candidate.row.oldUid,
      },
    ],
  };
  await record(work, { step: 'move-intended', openIntents: [intent] });
  const newUid = await moveOnNew(work, from, candidate.row);
  if (newUid === 'removed') {
    await transferRow(work, fromLedger, candidate, message, 0, intent.id);
    return true;
  }
  if (newUid === null) {
    await record(work, { step: 'move-void', closeIntents: [intent.id] });
    return false;
  }
  await transferRow(work, fromLedger, candidate, message, newUid, intent.id);
  work.newUidNext = Math.max(work.newUidNext, newUid + 1);
  return true;
}

/** The new UID; 'removed' where a person took our copy away; null where it has to be sent. */
async function moveOnNew(
  work: MailboxWork,
  from: MailboxRow,
  row: LedgerRow,
): Promise<number | 'removed' | null> {
  const { fresh } = work;
  const { newUid } = row;
  try {
    const selected = await fresh.select(from.newName, 'write');
    // Under another UIDVALIDITY the UID means another message.
    if (selected.status.uidValidity !== from.newUidValidity || selected.readOnly) return null;
    let there = false;
    await fresh.fetchMeta([[newUid, newUid]], { date: false, size: false }, (meta) => {
      if (meta.uid === newUid) there = true;
    });
    // Gone by a move of ours whose outcome is not settled yet: that was another message of the same bytes.
    if (!there) return movedElsewhere(work, from.id, row.oldUid) ? null : 'removed';
    const outcome = await fresh.move([newUid], work.newSelected.name);
    if (outcome.kind === 'refused') return null;
    const told = outcome.uids?.find(([uid]) => uid === newUid)?.[1];
    if (told !== undefined && told >= work.newUidNext && !work.ledger.claims(told)) return told;
  } catch (error) {
    // A person renamed or removed the mailbox that it lies in: the message is sent.
    if (isMailferryError(error, 'mailbox-unusable')) return null;
    throw error;
  } finally {
    if (!fresh.closed) await fresh.select(work.newSelected.name, 'write');
  }
  return await lastUid(work);
}

function movedElsewhere(work: MailboxWork, fromMailboxId: number, fromOldUid: number): boolean {
  for (const intent of work.run.account.intents.values()) {
    if (intent.kind !== 'move' || intent.mailboxId === work.id) continue;
    const same = intent.messages.some(
      (m) => m.fromMailboxId === fromMailboxId && m.fromOldUid === fromOldUid,
    );
    if (same) return true;
  }
  return false;
}

/** Without COPYUID: what was just moved here is the highest UID that nobody claims. */
async function lastUid(work: MailboxWork): Promise<number | null> {
  let last: number | null = null;
  await work.fresh.fetchMeta(
    [[work.newUidNext, Number.POSITIVE_INFINITY]],
    { date: false, size: false },
    (meta) => {
      if (meta.uid >= work.newUidNext && !work.ledger.claims(meta.uid)) last = meta.uid;
    },
  );
  return last;
}

async function transferRow(
  work: MailboxWork,
  fromLedger: Ledger,
  candidate: Vanished,
  message: Outgoing,
  newUid: number,
  closeIntent?: number,
): Promise<void> {
  fromLedger.remove(candidate.row.oldUid);
  // Seen by another worker between the move and its entry, our own move looks like a person's removal.
  const notes =
    newUid === 0
      ? candidate.row.notes | ledgerNote.removedOnNew
      : candidate.row.notes & ~ledgerNote.removedOnNew;
  claim(work, { ...candidate.row, oldUid: message.uid, newUid, notes });
  work.olderFlags.push(message.uid);
  const chunks = fromLedger === work.ledger ? [] : fromLedger.takeWrites();
  await record(work, {
    step: 'moved',
    chunks,
    ...(closeIntent === undefined ? {} : { closeIntents: [closeIntent] }),
    clearRefused: [{ mailboxId: work.id, oldUid: message.uid }],
  });
}

/** Moves whose outcome is unknown: found in the window by digest -> entered; else the row stays where it was. */
export async function settleMoves(work: MailboxWork): Promise<void> {
  for (const intent of work.run.account.intentsOf(work.id)) {
    if (intent.kind !== 'move') continue;
    for (const message of intent.messages) {
      if (work.ledger.has(message.oldUid) || message.fromMailboxId === undefined) continue;
      const newUid = await findInWindow(work, intent, message);
      if (newUid === null) continue;
      const fromLedger = await work.run.account.ledger(message.fromMailboxId);
      const row = fromLedger.get(message.fromOldUid ?? 0);
      if (row === null) continue;
      const { fromMailboxId: mailboxId } = message;
      const oldUidValidity = work.run.account.mailbox(mailboxId).oldUidValidity ?? 0;
      const candidate: Vanished = { kind: 'vanished', mailboxId, oldUidValidity, row };
      for (const c of work.run.vanished.all()) {
        if (c.kind === 'vanished' && c.mailboxId === candidate.mailboxId && c.row.oldUid === row.oldUid) {
          work.run.vanished.remove(c);
          break;
        }
      }
      const moved = { uid: message.oldUid, sizeBytes: message.sizeBytes };
      await transferRow(work, fromLedger, candidate, moved as Outgoing, newUid);
    }
    await record(work, { step: 'move-settled', closeIntents: [intent.id] });
  }
}

async function findInWindow(
  work: MailboxWork,
  intent: IntentRow,
  { oldUid, digest, dateStamp }: IntentMessage,
): Promise<number | null> {
  if (digest === null || intent.newUidValidity !== work.newSelected.status.uidValidity) return null;
  const dates = new Map<number, number>();
  await work.fresh.fetchMeta(
    [[intent.uidNextBefore, Number.POSITIVE_INFINITY]],
    { date: true, size: false },
    (meta) => {
      if (meta.uid >= intent.uidNextBefore && !work.ledger.claims(meta.uid))
        dates.set(meta.uid, stampOf(meta.internalDate));
    },
  );
  const copies = await readLikeness(work.fresh, [...dates.keys()]);
  const matching = (fits: (copy: Likeness) => boolean) => {
    const uids = [...copies].filter(([, copy]) => fits(copy)).map(([uid]) => uid);
    return uids.find((uid) => dates.get(uid) === dateStamp) ?? uids[0] ?? null;
  };
  const same = matching((copy) => copy.exact === digestKey(digest));
  if (same !== null || copies.size === 0) return same;
  // The new server may have changed it when it was first stored.
  const original = (await readLikeness(work.old, [oldUid])).get(oldUid);
  return original === undefined ? null : matching((copy) => isAltered(original, copy));
}
