/**
 * Which of several copies of the same bytes belongs to which message. Where UIDs are lost only date and flags tell twins
 * apart. A date cannot be mended later, so it decides first, and a copy of another date is taken only where no other
 * message has a right to it. Flags can be mended: a copy with those of its twin is taken for what it is, and its own
 * flags are carried over afterwards.
 */
import { digestKey } from './digest.ts';
import { flagText, settableFlags } from './flags.ts';
import type { IntentMessage } from './journal.ts';
import type { MailboxWork } from './mailbox-work.ts';
import { compareStamps, dateStamp } from './message-date.ts';

/** A message on new that may be one of ours. */
export interface Copy {
  readonly uid: number;
  readonly sizeBytes: number | null;
  readonly dateStamp: number;
  /** Canonical, joined by blanks. */
  readonly flags: string;
}

/** Takes a copy for the message, of those that fit; false when there is none of its bytes. */
export type Find = (message: IntentMessage, fits: (copy: Copy) => boolean) => boolean;

/**
 * Asks `find` for each message, the surest pairs first. `old` is null while it is busy: then only messages that are
 * under way count as having a right to a copy.
 */
export async function matchTwins(
  work: MailboxWork,
  wanted: readonly IntentMessage[],
  old: MailboxWork['old'] | null,
  find: Find,
): Promise<void> {
  const found = new Set<number>();
  let rest = wanted;
  const round = (fits: (message: IntentMessage, copy: Copy) => boolean) => {
    rest = rest.filter((message) => {
      if (!find(message, (copy) => fits(message, copy))) return true;
      found.add(message.oldUid);
      return false;
    });
  };
  for (const dates of ['same', 'unknown'] as const) {
    for (const ownFlags of [true, false]) {
      round((message, copy) => {
        if (compareStamps(message.dateStamp, copy.dateStamp) !== dates) return false;
        return !ownFlags || copy.flags === flagsOnNew(work, message);
      });
    }
  }
  let left = false;
  round(() => {
    left = true;
    return false;
  });
  if (!left) return;
  const owners = await ownersOf(work, old);
  round(({ oldUid, sizeBytes }, copy) => {
    const others = owners.get(keyOf(sizeBytes, copy.dateStamp)) ?? [];
    return !others.some((uid) => uid !== oldUid && !found.has(uid) && !work.ledger.has(uid));
  });
}

/** The flags that a message is given on new, as `Copy.flags` shows them. */
export function flagsOnNew(work: MailboxWork, { flags }: IntentMessage): string {
  const { permanentFlags } = work.newSelected;
  return settableFlags(flagText(flags), permanentFlags, work.refusedKeywords).flags.join(' ');
}

/**
 * The flags that we set on this copy, in the ledger's form: the message's own, or those with which it, or its twin, was
 * on its way at another time. Where nothing we sent explains what is there, a person has changed it since.
 */
export function flagsSetOn(work: MailboxWork, message: IntentMessage, copy: Copy): string {
  const sent = [message, ...underWay(work).filter((m) => mayBeTwin(m, message, copy))];
  return flagText((sent.find((m) => flagsOnNew(work, m) === copy.flags) ?? message).flags);
}

function mayBeTwin(m: IntentMessage, message: IntentMessage, copy: Copy): boolean {
  if (m.sizeBytes !== message.sizeBytes) return false;
  if (compareStamps(m.dateStamp, copy.dateStamp) === 'different') return false;
  return m.digest === null || message.digest === null || digestKey(m.digest) === digestKey(message.digest);
}

function underWay(work: MailboxWork): IntentMessage[] {
  const intents = work.run.account.intentsOf(work.id);
  return intents.filter((i) => i.kind === 'append' || i.kind === 'given-up').flatMap((i) => i.messages);
}

/** By size and date: the old messages that have no copy yet. */
async function ownersOf(work: MailboxWork, old: MailboxWork['old'] | null): Promise<Map<string, number[]>> {
  const owners = new Map<string, number[]>();
  const add = (oldUid: number, sizeBytes: number | null, stamp: number) => {
    if (sizeBytes === null || stamp === 0 || work.ledger.has(oldUid)) return;
    const key = keyOf(sizeBytes, stamp);
    const others = owners.get(key);
    if (others === undefined) owners.set(key, [oldUid]);
    else others.push(oldUid);
  };
  for (const m of underWay(work)) add(m.oldUid, m.sizeBytes, m.dateStamp);
  await old?.fetchMeta([[1, Number.POSITIVE_INFINITY]], { date: true, size: true }, (meta) =>
    add(meta.uid, meta.sizeBytes, dateStamp(meta.internalDate)),
  );
  return owners;
}

function keyOf(sizeBytes: number, stamp: number): string {
  return `${sizeBytes}/${stamp}`;
}
