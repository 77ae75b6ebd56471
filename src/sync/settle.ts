/**
 * Unknown outcomes. An open intent says: these messages may have been appended at or above this UIDNEXT. Never a blind
 * retry: look, and only what is certainly not there is given back to be sent again.
 *
 *   look: new UIDs >= uidNextBefore that no row claims, equal size, then equal digest -> claim
 *   not all found -> wait out the grace since the intent was written (a commit may land late), look again
 *   still not found -> given up; the intent stays, as such, for one last look (late-copies.ts)
 */
import type { IntentMessage, IntentRow } from './journal.ts';
import { type Located, locate, type Originals } from './locate.ts';
import { claim, countCopied, type MailboxWork, record } from './mailbox-work.ts';
import { flagsSetOn } from './match-twins.ts';
import { compareStamps } from './message-date.ts';

/** Settles all open appends of the mailbox (moves and the rest are settled by looking at the world anyway). */
export async function settleMailbox(work: MailboxWork): Promise<void> {
  // What was sent last comes first: an earlier attempt at a message knows older flags of it.
  for (const intent of work.run.account.intentsOf(work.id).toReversed()) {
    if (intent.kind === 'given-up') {
      await look(work, intent, notEntered(work, intent.messages), 'on-old');
      work.voided.push(intent);
      await record(work, { step: 'outcome-settled', clearRefused: entered(work, intent) });
    }
    if (intent.kind !== 'append') continue;
    const open = await settleIntent(work, intent, intent.messages, work.run.options.settleGraceMs, 'on-old');
    const given: IntentRow[] = [];
    if (open.length > 0) {
      given.push({
        ...intent,
        id: work.run.account.nextIntentId(),
        kind: 'given-up',
        messages: open,
      });
    }
    work.voided.push(...given);
    await record(work, {
      step: 'outcome-settled',
      closeIntents: [intent.id],
      openIntents: given,
      clearRefused: entered(work, intent),
    });
  }
}

function notEntered(work: MailboxWork, messages: readonly IntentMessage[]): IntentMessage[] {
  return messages.filter((m) => !work.ledger.has(m.oldUid));
}

/** What was refused once and has arrived all the same. */
export function entered(work: MailboxWork, intent: IntentRow): { mailboxId: number; oldUid: number }[] {
  const refused = work.run.account.refusedOf(work.id);
  return intent.messages
    .filter((m) => work.ledger.has(m.oldUid) && refused.has(m.oldUid))
    .map((m) => ({ mailboxId: work.id, oldUid: m.oldUid }));
}

/** Claims what is found; gives the messages that are not there. The caller closes the intent. */
export async function settleIntent(
  work: MailboxWork,
  intent: IntentRow,
  messages: readonly IntentMessage[],
  graceMs: number,
  originals: Originals,
): Promise<readonly IntentMessage[]> {
  // Another UIDVALIDITY makes the window meaningless; what arrived is found as a foreign message by digest.
  if (intent.newUidValidity !== work.newSelected.status.uidValidity) return messages;
  let open: readonly IntentMessage[] = notEntered(work, messages);
  open = await look(work, intent, open, originals);
  if (open.length === 0) return open;
  const { clock, signal, onEvent } = work.run;
  const waitMs = work.run.account.graceLeftMs(intent, graceMs);
  if (waitMs > 0) {
    const text = 'waiting for a message that may still arrive';
    onEvent({ type: 'waiting', reason: 'settle', ms: waitMs, text });
    await clock.sleep(waitMs, signal);
    await work.fresh.noop();
    open = await look(work, intent, open, originals);
  }
  return open;
}

async function look(
  work: MailboxWork,
  intent: IntentRow,
  wanted: readonly IntentMessage[],
  originals: Originals,
): Promise<readonly IntentMessage[]> {
  if (intent.newUidValidity !== work.newSelected.status.uidValidity) return wanted;
  const found = new Set<number>();
  for (const located of await locate(work, intent.uidNextBefore, wanted, originals)) {
    found.add(located.message.oldUid);
    enter(work, located);
  }
  return wanted.filter((m) => !found.has(m.oldUid));
}

/** Enters what was found on new after all. */
export function enter(work: MailboxWork, { message, copy, digest, sizeBytes, notes }: Located): void {
  const { oldUid } = message;
  claim(work, {
    oldUid,
    newUid: copy.uid,
    sizeBytes,
    digest,
    flags: flagsSetOn(work, message, copy),
    notes: message.notes | notes,
    dateStamp: compareStamps(message.dateStamp, copy.dateStamp) === 'same' ? copy.dateStamp : 0,
  });
  // The old side may have changed them since the intent was written, and they may be those of a twin.
  work.olderFlags.push(oldUid);
  countCopied(work, sizeBytes);
}
