/**
 * Unknown outcomes. An open intent says: these messages may have been appended at or above this UIDNEXT. Never a blind
 * retry: look, and only what is certainly not there is given back to be sent again.
 *
 *   look: new UIDs >= uidNextBefore that no row claims, equal size, then equal digest -> claim
 *   not all found -> wait out the grace since the intent was written (a commit may land late), look again
 *   still not found -> void; remembered for one last look at the end of the mailbox
 */
import type { IntentMessage, IntentRow } from './journal.ts';
import type { MessageMeta } from './mail-store.ts';
import { claim, countCopied, type MailboxWork, readDigests, record } from './mailbox-work.ts';
import { digestKey } from './digest.ts';
import { flagText } from './flags.ts';

/** Settles all open appends of the mailbox (moves and the rest are settled by looking at the world anyway). */
export async function settleMailbox(work: MailboxWork): Promise<void> {
  for (const intent of work.run.account.intentsOf(work.id)) {
    if (intent.kind !== 'append') continue;
    const open = await settleIntent(work, intent, intent.messages, work.run.options.settleGraceMs);
    if (open.length > 0) work.voided.push({ ...intent, messages: open });
    await record(work, { step: 'outcome-settled', closeIntents: [intent.id] });
  }
}

/** Claims what is found; gives the messages that are not there. The caller closes the intent. */
export async function settleIntent(
  work: MailboxWork,
  intent: IntentRow,
  messages: readonly IntentMessage[],
  graceMs: number,
): Promise<readonly IntentMessage[]> {
  // Another UIDVALIDITY makes the window meaningless; what arrived is found as a foreign message by digest.
  if (intent.newUidValidity !== work.newSelected.status.uidValidity) return messages;
  let open: readonly IntentMessage[] = messages.filter((m) => !work.ledger.has(m.oldUid));
  open = await look(work, intent, open);
  if (open.length === 0) return open;
  const { clock, signal, onEvent } = work.run;
  const waitMs = Math.min(graceMs, intent.createdAtMs + graceMs - clock.now());
  if (waitMs > 0) {
    const text = 'waiting for a message that may still arrive';
    onEvent({ type: 'waiting', reason: 'settle', ms: waitMs, text });
    await clock.sleep(waitMs, signal);
    await work.fresh.noop();
    open = await look(work, intent, open);
  }
  return open;
}

async function look(
  work: MailboxWork,
  intent: IntentRow,
  wanted: readonly IntentMessage[],
): Promise<readonly IntentMessage[]> {
  if (wanted.length === 0) return wanted;
  const sizes = new Set(wanted.map((m) => m.sizeBytes));
  const found: MessageMeta[] = [];
  await work.fresh.fetchMeta(
    [[intent.uidNextBefore, Number.POSITIVE_INFINITY]],
    { date: false, size: true },
    (meta) => {
      // `n:*` always names the last message, even below n (RFC 9051 §9, seq-range).
      if (meta.uid < intent.uidNextBefore || work.ledger.claims(meta.uid)) return;
      if (meta.sizeBytes !== null && sizes.has(meta.sizeBytes)) found.push(meta);
    },
  );
  if (found.length === 0) return wanted;
  const newDigests = await readDigests(
    work.fresh,
    found.map((m) => m.uid),
  );
  const unread = wanted.filter((m) => m.digest === null).map((m) => m.oldUid);
  const oldDigests = await readDigests(work.old, unread);
  const free = found.sort((a, b) => a.uid - b.uid);
  const open: IntentMessage[] = [];
  for (const message of wanted) {
    const digest = message.digest ?? oldDigests.get(message.oldUid);
    const key = digest === undefined ? null : digestKey(digest);
    const at = free.findIndex((meta) => {
      const theirs = newDigests.get(meta.uid);
      return key !== null && theirs !== undefined && digestKey(theirs) === key;
    });
    const meta = free[at];
    if (digest === undefined || meta === undefined) {
      open.push(message);
      continue;
    }
    free.splice(at, 1);
    claim(work, {
      oldUid: message.oldUid,
      newUid: meta.uid,
      sizeBytes: message.sizeBytes,
      digest,
      flags: flagText(message.flags),
      notes: message.notes,
    });
    countCopied(work, message.sizeBytes);
  }
  return open;
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
  work.voided.length = 0;
}
