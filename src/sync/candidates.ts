/**
 * What the missing messages of a mailbox may turn out to be, before the first of them is sent: messages on new that
 * nobody claims, and what is known of their dates.
 */
import type { UidRange } from '../base/uid-ranges.ts';
import { flagText } from './flags.ts';
import { type MailboxWork, readDigests, rowOf } from './mailbox-work.ts';
import { dateStamp, dateTimeMs } from './message-date.ts';

/** Fills the pool; old must be idle. */
export async function gatherCandidates(work: MailboxWork, missing: readonly UidRange[]): Promise<void> {
  await addForeign(work);
  if (work.pool.count > 0) await expectOwners(work, missing);
}

/** Reads the digests on new that messages of these sizes are compared with. */
export async function readUndigested({ pool, fresh }: MailboxWork, sizes: readonly number[]): Promise<void> {
  const undigested = pool.undigested(sizes);
  if (undigested.length > 0) pool.digested(undigested, await readDigests(fresh, undigested));
}

/** Messages on new that no row claims and that were not examined before. */
async function addForeign(work: MailboxWork): Promise<void> {
  const from = Math.max(1, rowOf(work).adoptedBelow);
  if (from >= work.newUidNext) return;
  const orphans = new Set<number>();
  for (const c of work.pool.all()) if (c.kind === 'orphan') orphans.add(c.row.newUid);
  await work.fresh.fetchMeta([[from, Number.POSITIVE_INFINITY]], { date: true, size: true }, (meta) => {
    if (meta.uid < from || meta.sizeBytes === null || work.ledger.claims(meta.uid)) return;
    if (orphans.has(meta.uid)) return;
    const dateMs = dateTimeMs(meta.internalDate);
    const { uid: newUid, sizeBytes } = meta;
    const flags = flagText(meta.flags);
    work.pool.add({ kind: 'foreign', newUid, sizeBytes, dateMs, flags, digest: null, likeness: null });
  });
}

/**
 * Which dates the missing messages have, before the first of them takes a candidate: one of another date may be its
 * twin's. While bodies are on their way old cannot be asked.
 */
async function expectOwners(work: MailboxWork, missing: readonly UidRange[]): Promise<void> {
  const { pool, voided } = work;
  // Also of those that old has no more: their copies may still be there, and must not pass for another's.
  for (const m of voided.flatMap((i) => i.messages)) pool.expect(m.oldUid, m.sizeBytes, m.dateStamp);
  await work.old.fetchMeta(missing, { date: true, size: true }, ({ uid, sizeBytes, internalDate }) => {
    if (sizeBytes !== null) pool.expect(uid, sizeBytes, dateStamp(internalDate));
  });
}
