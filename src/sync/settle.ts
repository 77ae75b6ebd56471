/**
 * Unknown outcomes. An open intent says: these messages may have been appended at or above this UIDNEXT. Never a blind
 * retry: look, and only what is certainly not there is given back to be sent again.
 *
 *   look: new UIDs >= uidNextBefore that no row claims, equal size, then equal digest -> claim
 *   not all found -> wait out the grace since the intent was written (a commit may land late), look again
 *   still not found -> given up; the intent stays, as such, for one last look at the end of the mailbox
 */
import type { IntentMessage, IntentRow } from './journal.ts';
import type { MessageMeta } from './mail-store.ts';
import { locate, type Originals } from './locate.ts';
import { claim, countCopied, type MailboxWork, readDigests, record } from './mailbox-work.ts';
import { digestKey } from './digest.ts';
import { flagText } from './flags.ts';

/** Settles all open appends of the mailbox (moves and the rest are settled by looking at the world anyway). */
export async function settleMailbox(work: MailboxWork): Promise<void> {
  for (const intent of work.run.account.intentsOf(work.id)) {
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
function entered(work: MailboxWork, intent: IntentRow): { mailboxId: number; oldUid: number }[] {
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
  const waitMs = Math.min(graceMs, intent.createdAtMs + graceMs - clock.now());
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
  for (const { message, newUid, digest, sizeBytes, notes } of await locate(
    work,
    intent.uidNextBefore,
    wanted,
    originals,
  )) {
    found.add(message.oldUid);
    claim(work, {
      oldUid: message.oldUid,
      newUid,
      sizeBytes,
      digest,
      flags: flagText(message.flags),
      notes: message.notes | notes,
    });
    // The old side may have changed them since the intent was written.
    work.olderFlags.push(message.oldUid);
    countCopied(work, sizeBytes);
  }
  return wanted.filter((m) => !found.has(m.oldUid));
}

/**
 * The last look at intents that were given up (F-04): where a copy landed after all and the message was sent again,
 * the later one is ours, untouched, and one too many. It is removed by UID EXPUNGE, or reported.
 */
export async function sweepTwins(work: MailboxWork): Promise<void> {
  for (const intent of work.voided) {
    const sizes = new Map<number, IntentMessage[]>();
    for (const m of intent.messages) sizes.set(m.sizeBytes, [...(sizes.get(m.sizeBytes) ?? []), m]);
    const late: MessageMeta[] = [];
    await work.fresh.fetchMeta(
      [[intent.uidNextBefore, Number.POSITIVE_INFINITY]],
      { date: false, size: true },
      (meta) => {
        if (meta.uid < intent.uidNextBefore || work.ledger.claims(meta.uid)) return;
        if (meta.sizeBytes !== null && sizes.has(meta.sizeBytes)) late.push(meta);
      },
    );
    if (late.length === 0) continue;
    const digests = await readDigests(
      work.fresh,
      late.map((m) => m.uid),
    );
    const excess: number[] = [];
    const spent = new Set<number>();
    for (const meta of late) {
      const digest = digests.get(meta.uid);
      const twin = (sizes.get(meta.sizeBytes ?? -1) ?? []).find((m) => {
        const row = work.ledger.get(m.oldUid);
        return (
          row !== null &&
          !spent.has(m.oldUid) &&
          digest !== undefined &&
          digestKey(row.digest) === digestKey(digest)
        );
      });
      if (twin === undefined) continue;
      spent.add(twin.oldUid);
      const untouched = flagText(meta.flags) === flagText(twin.flags);
      if (untouched && work.fresh.abilities.uidPlus) excess.push(meta.uid);
      else
        work.run.onEvent({
          type: 'notice',
          code: 'outcome-unknown',
          text: `a late copy stays on new as UID ${meta.uid}`,
        });
    }
    if (excess.length > 0) {
      await record(work, { step: 'late-copies-found' });
      await work.fresh.expunge(excess);
      await record(work, { step: 'late-copies-removed' });
    }
  }
  const closeIntents = work.voided.splice(0).map((i) => i.id);
  if (closeIntents.length > 0) await record(work, { step: 'given-up-closed', closeIntents });
}
