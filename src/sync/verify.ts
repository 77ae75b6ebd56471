/**
 * An independent comparison of both sides: the messages themselves, not the ledger, decide what is missing. The ledger,
 * where it is at hand, only tells why (a person removed it, the server altered it).
 *
 *   per mailbox: metadata of both sides (deep: SHA-256 of every body) -> match as multisets -> classify what is left
 */
import { Account } from './account.ts';
import { arrivalDate } from './arrival-date.ts';
import { digestKey } from './digest.ts';
import type { EngineDeps } from './engine-options.ts';
import { flagText } from './flags.ts';
import { tellKeptMappings } from './kept-mappings.ts';
import type { Ledger } from './ledger.ts';
import { isAltered, readLikeness } from './likeness.ts';
import type { ListedMailbox, StoreSession } from './mail-store.ts';
import { dateTimeMs } from './message-date.ts';
import { openPair } from './open-pair.ts';
import {
  classify,
  type DifferenceClass,
  inRange,
  type Side,
  type UnlikePair,
  unlikePairs,
  type VerifyDifference,
} from './reconcile/classify-differences.ts';
import { type MailboxFilter, planMailboxes } from './reconcile/plan-mailboxes.ts';
import { readFingerprints } from './fingerprints.ts';
import { refuseUnknownNames } from './unknown-names.ts';

export interface VerifyMailbox {
  readonly oldName: string;
  readonly newName: string;
  readonly old: number;
  readonly fresh: number;
  readonly matched: number;
  readonly differences: readonly VerifyDifference[];
}

export interface VerifyResult {
  readonly deep: boolean;
  readonly mailboxes: readonly VerifyMailbox[];
  /** Differences of the first class: messages of old that are not on new and that nobody took away there. */
  readonly missing: number;
  /** Messages whose bytes changed on either side since they were copied: what old has is not on new. */
  readonly changed: number;
}

export interface VerifyOptions {
  readonly filter: MailboxFilter;
  readonly deep: boolean;
  /** Only messages that are filed at this moment or later; null means all. */
  readonly sinceMs: number | null;
  /** Mailboxes of old, raw, that are not looked at though the filter has them: they are known not to open. */
  readonly leaveOut?: ReadonlySet<string>;
}

export async function verifyAccount(deps: EngineDeps, options: VerifyOptions): Promise<VerifyResult> {
  const account = await Account.load(deps.journal, deps.clock);
  tellKeptMappings(account, options.filter, deps.onEvent);
  const pair = await openPair(deps);
  try {
    const [old, fresh] = await Promise.all([pair.old.list(), pair.fresh.list()]);
    refuseUnknownNames(account, options.filter, old);
    const rows = [...account.mailboxes.values()];
    const plan = planMailboxes({ old, fresh, rows, filter: options.filter, unfinished: new Set() });
    const newBoxes = new Map(fresh.mailboxes.map((m) => [m.name, m]));
    const mailboxes: VerifyMailbox[] = [];
    for (const mapping of plan.mappings) {
      if (options.leaveOut?.has(mapping.oldName)) continue;
      const row = [...plan.changedRows, ...rows].find((r) => r.oldName === mapping.oldName);
      const newName = row?.newName ?? mapping.newName;
      deps.onEvent({ type: 'mailbox-started', mailbox: mapping.oldName, messages: 0, missing: 0 });
      const ledger = row !== undefined && account.mailboxes.has(row.id) ? await account.ledger(row.id) : null;
      const names = { oldName: mapping.oldName, newName };
      mailboxes.push(await verifyMailbox(pair, names, newBoxes.get(newName), ledger, options));
      if (row !== undefined) account.releaseLedger(row.id);
      deps.onEvent({ type: 'mailbox-done', mailbox: mapping.oldName });
    }
    const found = markMoved(mailboxes);
    const count = (...classes: readonly DifferenceClass[]) =>
      found.flatMap((m) => m.differences).filter((d) => classes.includes(d.class)).length;
    return {
      deep: options.deep,
      mailboxes: found,
      missing: count('missing-on-new'),
      changed: count('changed-on-new', 'changed-on-old'),
    };
  } finally {
    await Promise.all([pair.old.close(), pair.fresh.close()]);
  }
}

async function verifyMailbox(
  pair: { old: StoreSession; fresh: StoreSession },
  names: { oldName: string; newName: string },
  target: ListedMailbox | undefined,
  ledger: Ledger | null,
  { deep, sinceMs }: VerifyOptions,
): Promise<VerifyMailbox> {
  const there = target !== undefined && target.status !== null;
  const [allOld, allNew] = await Promise.all([
    readSide(pair.old, names.oldName, sinceMs),
    there ? readSide(pair.fresh, names.newName, sinceMs) : emptySide(),
  ]);
  const { old, fresh } = inRange(allOld, allNew, ledger, sinceMs);
  if (deep) await Promise.all([addPrints(pair.old, old), addPrints(pair.fresh, fresh)]);
  let found = classify(old, fresh, ledger, deep);
  if (deep) {
    const uids = (of: (d: VerifyDifference) => number | null) =>
      found.differences.filter((d) => d.class !== 'changed-by-user').flatMap((d) => of(d) ?? []);
    const unlike = { old: uids((d) => d.oldUid), fresh: uids((d) => d.newUid) };
    if (unlike.old.length > 0 && unlike.fresh.length > 0) {
      await addCanonical(pair.old, old, unlike.old);
      await addCanonical(pair.fresh, fresh, unlike.fresh);
      found = classify(old, fresh, ledger, deep);
    }
    const pairs = unlikePairs(found.differences);
    if (pairs.length > 0) found = classify(old, fresh, ledger, deep, await withAddedHeader(pair, pairs));
  }
  return { ...names, old: old.messages.length, fresh: fresh.messages.length, ...found };
}

async function addCanonical(session: StoreSession, side: Side, uids: readonly number[]): Promise<void> {
  const prints = await readFingerprints(session, uids, true);
  for (const message of side.messages) message.print = prints.get(message.uid) ?? message.print;
}

/** So many headers are held at once. */
const likenessBatch = 100;

/** Old UIDs of the pairs whose copy only has more in its header. */
async function withAddedHeader(
  pair: { old: StoreSession; fresh: StoreSession },
  pairs: readonly UnlikePair[],
): Promise<Set<number>> {
  const found = new Set<number>();
  for (let at = 0; at < pairs.length; at += likenessBatch) {
    const some = pairs.slice(at, at + likenessBatch);
    const [originals, copies] = await Promise.all([
      readLikeness(
        pair.old,
        some.map((p) => p.oldUid),
      ),
      readLikeness(
        pair.fresh,
        some.map((p) => p.newUid),
      ),
    ]);
    for (const { oldUid, newUid } of some) {
      const original = originals.get(oldUid);
      const copy = copies.get(newUid);
      if (original !== undefined && copy !== undefined && isAltered(original, copy)) found.add(oldUid);
    }
  }
  return found;
}

function emptySide(): Side {
  return { messages: [] };
}

/** Without bodies. */
async function readSide(session: StoreSession, name: string, sinceMs: number | null): Promise<Side> {
  await session.select(name, 'read');
  const messages: Side['messages'][number][] = [];
  await session.fetchMeta([[1, Number.POSITIVE_INFINITY]], { date: true, size: true }, (meta) => {
    messages.push({
      uid: meta.uid,
      sizeBytes: meta.sizeBytes ?? 0,
      dateMs: dateTimeMs(meta.internalDate),
      flags: flagText(meta.flags),
      print: null,
    });
  });
  messages.sort((a, b) => a.uid - b.uid);
  for (const [i, message] of messages.entries()) {
    if (sinceMs === null || message.dateMs !== null) continue;
    const { date } = await arrivalDate(session, message.uid, null);
    messages[i] = { ...message, dateMs: dateTimeMs(date) };
  }
  return { messages };
}

async function addPrints(session: StoreSession, { messages }: Side): Promise<void> {
  const prints = await readFingerprints(
    session,
    messages.map((m) => m.uid),
    false,
  );
  for (const message of messages) message.print = prints.get(message.uid) ?? null;
}

/**
 * A copy that a person took to another mailbox on new is missing in its own and extra in the other. Without bodies it is
 * known by size and date, and only where the ledger says that it was there: nothing counts as found on a guess.
 */
function markMoved(mailboxes: readonly VerifyMailbox[]): VerifyMailbox[] {
  const extras = new Map<string, number>();
  for (const box of mailboxes) {
    for (const d of box.differences) {
      const key = d.class === 'only-on-new' ? keyOf(d) : null;
      if (key === null) continue;
      extras.set(key, (extras.get(key) ?? 0) + 1);
    }
  }
  if (extras.size === 0) return [...mailboxes];
  return mailboxes.map((box) => ({
    ...box,
    differences: box.differences.map((d) => {
      const away = d.class === 'removed-by-user' || (d.class === 'missing-on-new' && d.digest !== null);
      const key = away ? keyOf(d) : null;
      if (key === null) return d;
      const left = extras.get(key) ?? 0;
      if (left === 0) return d;
      extras.set(key, left - 1);
      return { ...d, class: 'changed-by-user' as const, detail: 'lies in another mailbox on the new side' };
    }),
  }));
}

function keyOf({ digest, sizeBytes, dateMs }: VerifyDifference): string | null {
  if (digest !== null) return digestKey(digest);
  return dateMs === null ? null : `${sizeBytes} ${dateMs}`;
}
