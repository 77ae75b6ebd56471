/**
 * Carries a set of old UIDs of one mailbox across, window by window:
 *
 *   metadata of the window (prefetched) -> mend dates, digest big ones that may be there already
 *   -> one UID FETCH of the bodies: small ones gathered into batches, big ones streamed -> what was left over
 */
import { containsUid, type UidRange } from '../base/uid-ranges.ts';
import { arrivalDate } from './arrival-date.ts';
import { digestOfKey } from './digest.ts';
import { dateStamp, dateTimeMs } from './message-date.ts';
import { BodyGatherer } from './body-gatherer.ts';
import { readUndigested } from './candidates.ts';
import { flagText } from './flags.ts';
import { isAltered, readLikeness } from './likeness.ts';
import type { MessageMeta } from './mail-store.ts';
import { type MailboxWork, readDigests, record, throwIfAborted } from './mailbox-work.ts';
import { asItIs, type Outgoing, refusedRow } from './outgoing.ts';
import { overQuota } from './send-refusal.ts';
import { Sender } from './sender.ts';
import { Undelivered } from './undelivered.ts';

/** 'alone': one message at a time, for those that old did not deliver before. */
export async function transfer(
  work: MailboxWork,
  wanted: readonly UidRange[],
  how: 'together' | 'alone',
): Promise<void> {
  if (wanted.length === 0) return;
  const windows = windowsOf(wanted, windowSizes(work, how));
  const sender = new Sender(work);
  const gatherer = new BodyGatherer(work, sender);
  let upcoming = fetchWindow(work, windows[0]);
  // A run that is stopped here never waits for it.
  upcoming.catch(() => {});
  try {
    for (const i of windows.keys()) {
      throwIfAborted(work);
      const messages = await prepare(work, sender, await upcoming, how);
      gatherer.expect(messages);
      const uids = messages.filter((m) => m.digest === null).map((m) => m.uid);
      const bodies = uids.length === 0 ? undefined : work.old.fetchBodies(uids, gatherer);
      // Behind the bodies on the same connection: the next window is known when this one is through.
      upcoming = fetchWindow(work, windows[i + 1]);
      upcoming.catch(() => {});
      await (bodies?.catch((error: unknown) => blame(work, suspect(gatherer), how, error)) ?? undefined);
      gatherer.passKnown(Number.POSITIVE_INFINITY);
    }
    gatherer.cut();
    await sender.finish();
    await leftOvers(work, sender, gatherer);
  } catch (error) {
    gatherer.fail(error);
    // Batches that are whole still go; what cannot go any more is settled when the mailbox starts again.
    await sender.finish().catch(() => {});
    throw sender.failure ?? error;
  }
}

/** Sizes of the windows, without end: small at first where the old connection ended at a message twice (F-56). */
function* windowSizes(work: MailboxWork, how: 'together' | 'alone'): Generator<number, never> {
  const { windowMessages } = work.run.options.tuning;
  const careful = how === 'alone' || (work.run.trouble.get(work.id)?.careful ?? false);
  let size = careful ? 1 : windowMessages;
  for (;;) {
    yield size;
    if (how === 'together') size = Math.min(windowMessages, size * 2);
  }
}

function windowsOf(wanted: readonly UidRange[], sizes: Generator<number, never>): UidRange[][] {
  const windows: UidRange[][] = [];
  let window: UidRange[] = [];
  let room = sizes.next().value;
  for (const [first, last] of wanted) {
    let from = first;
    while (from <= last) {
      const to = Math.min(last, from + room - 1);
      window.push([from, to]);
      room -= to - from + 1;
      from = to + 1;
      if (room === 0) {
        windows.push(window);
        window = [];
        room = sizes.next().value;
      }
    }
  }
  if (window.length > 0) windows.push(window);
  return windows;
}

function suspect(gatherer: BodyGatherer): { uid: number | null; alone: boolean } {
  return { uid: gatherer.stopped ? null : gatherer.firstOpen(), alone: gatherer.expected === 1 };
}

/** So often the connection has to end at one message before the message is given up. */
const maxKills = 3;

/**
 * The old connection ended during a fetch of bodies. Whether a message is at fault is found out by trying again: twice
 * at the same message, then alone; what kills the connection alone is listed, so that the rest of the mailbox goes on.
 */
async function blame(
  work: MailboxWork,
  at: { readonly uid: number | null; readonly alone: boolean },
  how: 'together' | 'alone',
  error: unknown,
): Promise<never> {
  const { trouble, counts } = work.run;
  const { uid, alone } = at;
  // Where the new side failed, the old connection was cut by ourselves.
  if (uid === null || !work.old.closed || work.fresh.closed) throw error;
  const before = trouble.get(work.id);
  const times = before?.uid === uid ? before.times + 1 : 1;
  trouble.set(work.id, { uid, times, careful: (before?.careful ?? false) || times >= maxKills - 1 });
  if (!alone || (times < maxKills && how === 'together')) throw error;
  const text = 'the connection to the old server ends whenever this message is fetched';
  const row = refusedRow(work, { uid, sizeBytes: 0, date: null }, 'message-unreadable', text);
  // Its header is not asked for: that may end the connection as well.
  await record(work, { step: 'message-quarantined', refused: [{ ...row, subject: row.subject ?? '' }] });
  counts.quarantined++;
  throw error;
}

async function fetchWindow(
  work: MailboxWork,
  window: readonly UidRange[] | undefined,
): Promise<MessageMeta[]> {
  const metas: MessageMeta[] = [];
  if (window === undefined) return metas;
  await work.old.fetchMeta(window, { date: true, size: true }, (meta) => {
    if (containsUid(window, meta.uid)) metas.push(meta);
  });
  return metas.sort((a, b) => a.uid - b.uid);
}

/** From metadata to what will be fetched: without what is too large, or found on new already. */
async function prepare(
  work: MailboxWork,
  sender: Sender,
  metas: readonly MessageMeta[],
  how: 'together' | 'alone',
): Promise<Outgoing[]> {
  const messages: Outgoing[] = [];
  for (const meta of metas) messages.push(await outgoing(work, meta));
  const limit = work.fresh.abilities.appendLimitBytes;
  const tooLarge = limit === null ? [] : messages.filter((m) => m.sizeBytes > limit);
  if (work.run.overQuota.reached) {
    await sender.refuseAll(messages, overQuota(work.run.overQuota.text));
    return [];
  }
  await sender.refuseAll(tooLarge, {
    class: 'too-large',
    code: 'TOOBIG',
    text: `larger than the ${limit} octets that the new server takes`,
  });
  const fitting = tooLarge.length === 0 ? messages : messages.filter((m) => !tooLarge.includes(m));
  await digestBig(work, fitting, how);
  return fitting;
}

async function outgoing(work: MailboxWork, meta: MessageMeta): Promise<Outgoing> {
  const { date, notes } = await arrivalDate(work.old, meta.uid, meta.internalDate);
  const flags = flagText(meta.flags);
  const { uid } = meta;
  const sizeBytes = meta.sizeBytes ?? 0;
  return {
    uid,
    sizeBytes,
    flags,
    date,
    dateStamp: dateStamp(date),
    notes,
    digest: null,
    variant: asItIs,
  };
}

/** Of a big message that may be on new already the digest is read first, so that it is never sent twice. */
async function digestBig(
  work: MailboxWork,
  messages: readonly Outgoing[],
  how: 'together' | 'alone',
): Promise<void> {
  const { pool, run } = work;
  const big = messages.filter((m) => m.sizeBytes > run.options.tuning.streamAboveBytes);
  const maybe = big.filter((m) => pool.hasSize(m.sizeBytes) || run.vanished.hasSize(m.sizeBytes));
  await readUndigested(
    work,
    maybe.map((m) => m.sizeBytes),
  );
  // One by one: a message that kills the connection has to be known by its UID.
  for (const message of maybe) {
    const { uid } = message;
    const read = readDigests(work.old, [uid]).catch((error: unknown) =>
      blame(work, { uid, alone: true }, how, error),
    );
    const digest = (await read).get(uid);
    if (digest === undefined) continue;
    const sought = { ...message, digest };
    if (pool.has(sought) || run.vanished.has(sought)) message.digest = digest;
  }
  await compareBig(
    work,
    big.filter((m) => !pool.has(m)),
    how,
  );
}

/** Those of which new has one of the same date, perhaps in a form that the server altered. */
async function compareBig(
  work: MailboxWork,
  big: readonly Outgoing[],
  how: 'together' | 'alone',
): Promise<void> {
  for (const message of big) {
    const dateMs = dateTimeMs(message.date);
    const candidates = dateMs === null ? [] : work.pool.ofDate(dateMs);
    if (candidates.length === 0) continue;
    const unread = candidates.filter((c) => c.likeness === null).map((c) => c.newUid);
    const read = await readLikeness(work.fresh, unread);
    for (const c of candidates) c.likeness ??= read.get(c.newUid) ?? null;
    const { uid } = message;
    const reading = readLikeness(work.old, [uid]).catch((error: unknown) =>
      blame(work, { uid, alone: true }, how, error),
    );
    const original = (await reading).get(uid);
    if (original === undefined) continue;
    // RFC822.SIZE was perhaps wrong (F-53): by its true size the very same bytes may be there, which come first.
    message.sizeBytes = original.sizeBytes;
    const digest = digestOfKey(original.exact);
    await readUndigested(work, [original.sizeBytes]);
    const sought = { ...message, digest };
    const same = work.pool.has(sought) || work.run.vanished.has(sought);
    const altered = candidates.some((c) => c.likeness !== null && isAltered(original, c.likeness));
    if (altered) message.likeness = original;
    if (same || altered) message.digest = digest;
  }
}

/** Messages that did not come with their window, and those to be sent in another way: one at a time. */
async function leftOvers(work: MailboxWork, sender: Sender, gatherer: BodyGatherer): Promise<void> {
  const undelivered = new Undelivered(work);
  const queue = [...gatherer.missed.splice(0), ...sender.again.splice(0)];
  for (let message = queue.shift(); message !== undefined; message = queue.shift()) {
    throwIfAborted(work);
    if (message.compared !== true) {
      message.compared = true;
      await digestBig(work, [message], 'together');
      if (message.digest !== null) {
        sender.enqueue({ kind: 'known', message });
        await sender.finish();
        queue.push(...sender.again.splice(0));
        continue;
      }
    }
    gatherer.expect([{ ...message, digest: null }]);
    await work.old
      .fetchBodies([message.uid], gatherer)
      .catch((error: unknown) => blame(work, suspect(gatherer), 'together', error));
    gatherer.cut();
    await sender.finish();
    if (gatherer.missed.splice(0).length === 0) await undelivered.otherCame();
    else await undelivered.add(message, gatherer.refusal, gatherer.lastCame ?? firstRow(work));
    queue.push(...sender.again.splice(0));
  }
  await undelivered.listAside();
}

/** A message that old delivered in an earlier run, if any did arrive. */
function firstRow(work: MailboxWork): number | null {
  for (const uid of work.ledger.oldUids()) return uid;
  return null;
}
