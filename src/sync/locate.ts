/**
 * Finds messages that were appended, among those of the new mailbox at or above a UID that nobody claims: by size and
 * digest, and what is left over by likeness, for servers that change what they store or tell wrong sizes. Each new
 * message is found once, in ascending order, so twins stay two.
 */
import type { IntentMessage } from './journal.ts';
import type { MessageMeta } from './mail-store.ts';
import { digestKey } from './digest.ts';
import { flagText, settableFlags } from './flags.ts';
import { ledgerNote } from './ledger.ts';
import { isAltered, type Likeness, readLikeness } from './likeness.ts';
import { type MailboxWork, readDigests } from './mailbox-work.ts';

export interface Located {
  readonly message: IntentMessage;
  readonly newUid: number;
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
  let free: MessageMeta[] = [];
  await work.fresh.fetchMeta([[fromUid, Number.POSITIVE_INFINITY]], { date: false, size: true }, (meta) => {
    // `n:*` always names the last message, even below n (RFC 9051 §9, seq-range).
    if (meta.uid >= fromUid && !work.ledger.claims(meta.uid)) free.push(meta);
  });
  if (free.length === 0) return [];
  free = free.sort((a, b) => a.uid - b.uid);
  const exact = await byDigest(work, free, wanted);
  const taken = new Set(exact.map((l) => l.newUid));
  const found = new Set(exact.map((l) => l.message.oldUid));
  const rest = free.filter((m) => !taken.has(m.uid)).slice(0, maxUnlike);
  const open = wanted.filter((m) => !found.has(m.oldUid));
  if (rest.length === 0 || open.length === 0) return exact;
  return [...exact, ...(await byLikeness(work, rest, open, originals))];
}

async function byDigest(
  work: MailboxWork,
  free: readonly MessageMeta[],
  wanted: readonly IntentMessage[],
): Promise<Located[]> {
  const sizes = new Set(wanted.map((m) => m.sizeBytes));
  const fitting = free.filter((m) => m.sizeBytes !== null && sizes.has(m.sizeBytes)).map((m) => m.uid);
  if (fitting.length === 0) return [];
  const places = new Map<string, MessageMeta[]>();
  const metaOf = new Map(free.map((m) => [m.uid, m]));
  for (const [uid, digest] of await readDigests(work.fresh, fitting)) {
    const meta = metaOf.get(uid);
    if (meta !== undefined) push(places, digestKey(digest), meta);
  }
  const unread = wanted.filter((m) => m.digest === null).map((m) => m.oldUid);
  const oldDigests = await readDigests(work.old, unread);
  const located: Located[] = [];
  const find = (message: IntentMessage, fits: (meta: MessageMeta) => boolean): boolean => {
    const digest = message.digest ?? oldDigests.get(message.oldUid);
    const there = digest === undefined ? undefined : places.get(digestKey(digest));
    const at = there?.findIndex(fits) ?? -1;
    const meta = there?.splice(at, at < 0 ? 0 : 1)[0];
    if (digest === undefined || meta === undefined) return false;
    located.push({ message, newUid: meta.uid, digest, sizeBytes: message.sizeBytes, notes: 0 });
    return true;
  };
  ownFirst(work, wanted, find);
  return located;
}

async function byLikeness(
  work: MailboxWork,
  free: readonly MessageMeta[],
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
  const find = (message: IntentMessage, fits: (meta: MessageMeta) => boolean): boolean => {
    const original = originals.get(message.oldUid);
    const digest = message.digest ?? oldDigests.get(message.oldUid);
    if (digest === undefined) return false;
    const key = digestKey(digest);
    // The same bytes under a wrong size are found though old has the message no more.
    const same = free.find((meta) => fits(meta) && copies.get(meta.uid)?.exact === key);
    const altered = free.find((meta) => {
      const copy = copies.get(meta.uid);
      return fits(meta) && original !== undefined && copy !== undefined && isAltered(original, copy);
    });
    const found = same ?? altered;
    if (found === undefined) return false;
    const copy = copies.get(found.uid);
    copies.delete(found.uid);
    const sizeBytes = (same === undefined ? original : copy)?.sizeBytes ?? message.sizeBytes;
    const notes = same === undefined ? ledgerNote.alteredOnNew : 0;
    located.push({ message, newUid: found.uid, digest, sizeBytes, notes });
    return true;
  };
  ownFirst(work, wanted, find);
  return located;
}

/** Of twins each finds the one with its own flags, as far as they have not been changed since. */
function ownFirst(
  work: MailboxWork,
  wanted: readonly IntentMessage[],
  find: (message: IntentMessage, fits: (meta: MessageMeta) => boolean) => boolean,
): void {
  const rest = wanted.filter((message) => {
    const text = flagText(message.flags);
    const own = settableFlags(text, work.newSelected.permanentFlags, work.refusedKeywords).flags.join(' ');
    return !find(message, (meta) => flagText(meta.flags) === own);
  });
  for (const message of rest) find(message, () => true);
}

function push<T>(map: Map<string, T[]>, key: string, item: T): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [item]);
  else list.push(item);
}
