/**
 * Finds messages that were appended, among those of the new mailbox at or above a UID that nobody claims: by size and
 * digest, and what is left over by likeness, for servers that change what they store or tell wrong sizes. Each new
 * message is found once, so twins stay two, and of twins each by its date and flags.
 */
import type { IntentMessage } from './journal.ts';
import { digestKey } from './digest.ts';
import { flagText } from './flags.ts';
import { ledgerNote } from './ledger.ts';
import { isAltered, type Likeness, readLikeness } from './likeness.ts';
import { type MailboxWork, readDigests } from './mailbox-work.ts';
import { type Copy, matchTwins } from './match-twins.ts';
import { dateStamp } from './message-date.ts';

export interface Located {
  readonly message: IntentMessage;
  readonly copy: Copy;
  readonly digest: Uint8Array;
  /** Of the message on old; what the intent says may be what a broken literal announced. */
  readonly sizeBytes: number;
  /** Ledger notes to be added. */
  readonly notes: number;
}

/**
 * What was sent, where it is at hand. 'on-old' reads it again: never while bodies are on their way to a sender that
 * waits for the answer.
 */
export type Originals = ReadonlyMap<number, Likeness> | 'on-old';

/** So many messages that do not fit by size are read at most: what others delivered meanwhile. */
const maxUnlike = 1000;

export async function locate(
  work: MailboxWork,
  fromUid: number,
  wanted: readonly IntentMessage[],
  originals: Originals,
): Promise<Located[]> {
  if (wanted.length === 0) return [];
  const free = await unclaimed(work, fromUid);
  if (free.length === 0) return [];
  const exact = await byDigest(work, free, wanted, originals);
  const taken = new Set(exact.map((l) => l.copy.uid));
  const found = new Set(exact.map((l) => l.message.oldUid));
  const rest = free.filter((m) => !taken.has(m.uid)).slice(0, maxUnlike);
  const open = wanted.filter((m) => !found.has(m.oldUid));
  if (rest.length === 0 || open.length === 0) return exact;
  return [...exact, ...(await byLikeness(work, rest, open, originals))];
}

/** Messages on new at or above this UID that no row claims, ascending. */
export async function unclaimed(work: MailboxWork, fromUid: number): Promise<Copy[]> {
  const free: Copy[] = [];
  await work.fresh.fetchMeta([[fromUid, Number.POSITIVE_INFINITY]], { date: true, size: true }, (meta) => {
    const { uid, sizeBytes } = meta;
    // `n:*` always names the last message, even below n (RFC 9051 §9, seq-range).
    if (uid < fromUid || work.ledger.claims(uid)) return;
    free.push({ uid, sizeBytes, dateStamp: dateStamp(meta.internalDate), flags: flagText(meta.flags) });
  });
  return free.sort((a, b) => a.uid - b.uid);
}

async function byDigest(
  work: MailboxWork,
  free: readonly Copy[],
  wanted: readonly IntentMessage[],
  originals: Originals,
): Promise<Located[]> {
  const sizes = new Set(wanted.map((m) => m.sizeBytes));
  const fitting = free.filter((m) => m.sizeBytes !== null && sizes.has(m.sizeBytes)).map((m) => m.uid);
  if (fitting.length === 0) return [];
  const places = new Map<string, Copy[]>();
  const copyOf = new Map(free.map((m) => [m.uid, m]));
  for (const [uid, digest] of await readDigests(work.fresh, fitting)) {
    const copy = copyOf.get(uid);
    if (copy !== undefined) push(places, digestKey(digest), copy);
  }
  const unread = wanted.filter((m) => m.digest === null).map((m) => m.oldUid);
  const oldDigests = await readDigests(work.old, unread);
  const located: Located[] = [];
  await matchTwins(work, wanted, originals === 'on-old' ? work.old : null, (message, fits) => {
    const digest = message.digest ?? oldDigests.get(message.oldUid);
    const there = digest === undefined ? undefined : places.get(digestKey(digest));
    const at = there?.findIndex(fits) ?? -1;
    const copy = there?.splice(at, at < 0 ? 0 : 1)[0];
    if (digest === undefined || copy === undefined) return false;
    located.push({ message, copy, digest, sizeBytes: message.sizeBytes, notes: 0 });
    return true;
  });
  return located;
}

async function byLikeness(
  work: MailboxWork,
  free: readonly Copy[],
  wanted: readonly IntentMessage[],
  given: Originals,
): Promise<Located[]> {
  const copies = await readLikeness(
    work.fresh,
    free.map((m) => m.uid),
  );
  const originals =
    given === 'on-old'
      ? await readLikeness(
          work.old,
          wanted.map((m) => m.oldUid),
        )
      : given;
  const unread = wanted.filter((m) => m.digest === null).map((m) => m.oldUid);
  const oldDigests = await readDigests(work.old, unread);
  const located: Located[] = [];
  await matchTwins(work, wanted, given === 'on-old' ? work.old : null, (message, fits) => {
    const original = originals.get(message.oldUid);
    const digest = message.digest ?? oldDigests.get(message.oldUid);
    if (digest === undefined) return false;
    const key = digestKey(digest);
    // The same bytes under a wrong size are found though old has the message no more.
    const same = free.find((copy) => copies.get(copy.uid)?.exact === key && fits(copy));
    const altered = free.find((copy) => {
      const likeness = copies.get(copy.uid);
      return original !== undefined && likeness !== undefined && isAltered(original, likeness) && fits(copy);
    });
    const copy = same ?? altered;
    if (copy === undefined) return false;
    const likeness = copies.get(copy.uid);
    copies.delete(copy.uid);
    const sizeBytes = (same === undefined ? original : likeness)?.sizeBytes ?? message.sizeBytes;
    const notes = same === undefined ? ledgerNote.alteredOnNew : 0;
    located.push({ message, copy, digest, sizeBytes, notes });
    return true;
  });
  return located;
}

function push<T>(map: Map<string, T[]>, key: string, item: T): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [item]);
  else list.push(item);
}
