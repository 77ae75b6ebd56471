/**
 * Carries a set of old UIDs of one mailbox across, window by window:
 *
 *   metadata of the window (prefetched) -> mend dates, digest big ones that may be there already
 *   -> one UID FETCH of the bodies: small ones gathered into batches, big ones streamed -> what was left over
 */
import { containsUid, type UidRange } from '../base/uid-ranges.ts';
import { headerDate } from '../domain/header-date.ts';
import { dateTimeMs } from './message-date.ts';
import { BodyGatherer } from './body-gatherer.ts';
import { flagText } from './flags.ts';
import { ledgerNote } from './ledger.ts';
import type { MessageMeta } from './mail-store.ts';
import { type MailboxWork, readDigests, record, throwIfAborted } from './mailbox-work.ts';
import { asItIs, type Outgoing, refusedRow } from './outgoing.ts';
import { overQuota, Sender } from './sender.ts';

export async function transfer(work: MailboxWork, wanted: readonly UidRange[]): Promise<void> {
  const windows = windowsOf(wanted, work.run.options.tuning.windowMessages);
  const sender = new Sender(work);
  const gatherer = new BodyGatherer(work, sender);
  let upcoming = fetchWindow(work, windows[0]);
  try {
    for (const i of windows.keys()) {
      throwIfAborted(work);
      const messages = await prepare(work, sender, await upcoming);
      gatherer.expect(messages);
      const uids = messages.filter((m) => m.digest === null).map((m) => m.uid);
      const bodies = uids.length === 0 ? undefined : work.old.fetchBodies(uids, gatherer);
      // Behind the bodies on the same connection: the next window is known when this one is through.
      upcoming = fetchWindow(work, windows[i + 1]);
      upcoming.catch(() => {});
      await bodies;
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

function windowsOf(wanted: readonly UidRange[], windowMessages: number): UidRange[][] {
  const windows: UidRange[][] = [];
  let window: UidRange[] = [];
  let count = 0;
  for (const [first, last] of wanted) {
    let from = first;
    while (from <= last) {
      const to = Math.min(last, from + windowMessages - count - 1);
      window.push([from, to]);
      count += to - from + 1;
      from = to + 1;
      if (count === windowMessages) {
        windows.push(window);
        window = [];
        count = 0;
      }
    }
  }
  if (window.length > 0) windows.push(window);
  return windows;
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

/** From metadata to what will be fetched: without what is filtered, too large, or found on new already. */
async function prepare(
  work: MailboxWork,
  sender: Sender,
  metas: readonly MessageMeta[],
): Promise<Outgoing[]> {
  const { options } = work.run;
  const messages: Outgoing[] = [];
  for (const meta of metas) {
    const message = await outgoing(work, meta);
    if (
      options.sinceMs !== null &&
      (dateTimeMs(message.date) ?? Number.POSITIVE_INFINITY) < options.sinceMs
    ) {
      work.left.filtered++;
      continue;
    }
    messages.push(message);
  }
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
  await digestBig(work, fitting);
  return fitting;
}

async function outgoing(work: MailboxWork, meta: MessageMeta): Promise<Outgoing> {
  let date = meta.internalDate;
  let notes = 0;
  if (date === null) {
    const header = await work.old.fetchHeaderFields(meta.uid, ['RECEIVED', 'DATE']);
    const found = headerDate(header);
    date = found?.text ?? null;
    notes |=
      found === null
        ? ledgerNote.dateMissing
        : found.source === 'received'
          ? ledgerNote.dateFromReceived
          : ledgerNote.dateFromHeader;
  }
  const flags = flagText(meta.flags);
  return { uid: meta.uid, sizeBytes: meta.sizeBytes ?? 0, flags, date, notes, digest: null, variant: asItIs };
}

/** Of a big message whose size is on new already the digest is read first, so that it is never sent twice. */
async function digestBig(work: MailboxWork, messages: readonly Outgoing[]): Promise<void> {
  const { streamAboveBytes } = work.run.options.tuning;
  const maybe = messages.filter(
    (m) =>
      m.sizeBytes > streamAboveBytes &&
      (work.pool.hasSize(m.sizeBytes) || work.run.vanished.hasSize(m.sizeBytes)),
  );
  if (maybe.length === 0) return;
  const undigested = work.pool.undigested(maybe.map((m) => m.sizeBytes));
  if (undigested.length > 0) work.pool.digested(undigested, await readDigests(work.fresh, undigested));
  const digests = await readDigests(
    work.old,
    maybe.map((m) => m.uid),
  );
  for (const message of maybe) {
    const digest = digests.get(message.uid);
    if (digest === undefined) continue;
    const { sizeBytes } = message;
    if (work.pool.has(sizeBytes, digest) || work.run.vanished.has(sizeBytes, digest)) message.digest = digest;
  }
}

/** Messages that did not come with their window, and those to be sent in another way: one at a time. */
async function leftOvers(work: MailboxWork, sender: Sender, gatherer: BodyGatherer): Promise<void> {
  const queue = [...gatherer.missed.splice(0), ...sender.again.splice(0)];
  for (let message = queue.shift(); message !== undefined; message = queue.shift()) {
    throwIfAborted(work);
    gatherer.expect([{ ...message, digest: null }]);
    await work.old.fetchBodies([message.uid], gatherer);
    gatherer.cut();
    await sender.finish();
    if (gatherer.missed.splice(0).length > 0) await unreadable(work, message);
    queue.push(...sender.again.splice(0));
  }
  await nameRefused(work);
}

/** No body even when asked for alone: gone meanwhile, or the server cannot deliver it (F-28, F-55). */
async function unreadable(work: MailboxWork, message: Outgoing): Promise<void> {
  let there = false;
  await work.old.fetchMeta([[message.uid, message.uid]], { date: false, size: false }, (meta) => {
    if (meta.uid === message.uid) there = true;
  });
  if (!there) return;
  const text = 'the old server lists the message but does not deliver it';
  await record(work, {
    step: 'message-refused',
    refused: [refusedRow(work, message, 'message-unreadable', text)],
  });
}

/** Subject, sender and date for the people whose messages were refused (I9). At most a hundred a window are asked for. */
async function nameRefused(work: MailboxWork): Promise<void> {
  const nameless = [...work.run.account.refusedOf(work.id).values()].filter(
    (r) => r.subject === null && r.code !== 'message-unreadable' && r.code !== 'over-quota',
  );
  for (const row of nameless.slice(0, 100)) {
    const header = await work.old.fetchHeaderFields(row.oldUid, ['SUBJECT', 'FROM', 'DATE']);
    const { subject, from, date } = await work.run.describeHeader(header);
    const named = { ...row, subject: subject ?? '', from, date: row.date ?? date };
    await record(work, { step: 'refused-named', refused: [named] });
  }
}
