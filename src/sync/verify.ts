/**
 * An independent comparison of both sides: the messages themselves, not the ledger, decide what is missing. The ledger,
 * where it is at hand, only tells why (a person removed it, the server altered it).
 *
 *   per mailbox: metadata of both sides (deep: SHA-256 of every body) -> match as multisets -> classify what is left
 */
import { Account } from './account.ts';
import { digestKey } from './digest.ts';
import type { EngineDeps } from './engine-options.ts';
import { flagText } from './flags.ts';
import type { Ledger } from './ledger.ts';
import type { ListedMailbox, StoreSession } from './mail-store.ts';
import { dateTimeMs } from './message-date.ts';
import { openPair } from './open-pair.ts';
import { classify, type Side, type VerifyDifference } from './reconcile/classify-differences.ts';
import { type MailboxFilter, planMailboxes } from './reconcile/plan-mailboxes.ts';
import { readFingerprints } from './fingerprints.ts';

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
}

export interface VerifyOptions {
  readonly filter: MailboxFilter;
  readonly deep: boolean;
}

export async function verifyAccount(deps: EngineDeps, options: VerifyOptions): Promise<VerifyResult> {
  const account = await Account.load(deps.journal);
  const pair = await openPair(deps);
  try {
    const [old, fresh] = await Promise.all([pair.old.list(), pair.fresh.list()]);
    const rows = [...account.mailboxes.values()];
    const plan = planMailboxes({ old, fresh, rows, filter: options.filter, unfinished: new Set() });
    const newBoxes = new Map(fresh.mailboxes.map((m) => [m.name, m]));
    const mailboxes: VerifyMailbox[] = [];
    for (const mapping of plan.mappings) {
      const row = [...plan.changedRows, ...rows].find((r) => r.oldName === mapping.oldName);
      const newName = row?.newName ?? mapping.newName;
      deps.onEvent({ type: 'mailbox-started', mailbox: mapping.oldName, messages: 0, missing: 0 });
      const ledger = row !== undefined && account.mailboxes.has(row.id) ? await account.ledger(row.id) : null;
      const names = { oldName: mapping.oldName, newName };
      mailboxes.push(await verifyMailbox(pair, names, newBoxes.get(newName), ledger, options.deep));
      if (row !== undefined) account.releaseLedger(row.id);
      deps.onEvent({ type: 'mailbox-done', mailbox: mapping.oldName });
    }
    const found = markMoved(mailboxes);
    const missing = found.reduce(
      (sum, m) => sum + m.differences.filter((d) => d.class === 'missing-on-new').length,
      0,
    );
    return { deep: options.deep, mailboxes: found, missing };
  } finally {
    await Promise.all([pair.old.close(), pair.fresh.close()]);
  }
}

async function verifyMailbox(
  pair: { old: StoreSession; fresh: StoreSession },
  names: { oldName: string; newName: string },
  target: ListedMailbox | undefined,
  ledger: Ledger | null,
  deep: boolean,
): Promise<VerifyMailbox> {
  const [old, fresh] = await Promise.all([
    readSide(pair.old, names.oldName, deep),
    target === undefined || target.status === null ? emptySide() : readSide(pair.fresh, names.newName, deep),
  ]);
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
  }
  return { ...names, old: old.messages.length, fresh: fresh.messages.length, ...found };
}

async function addCanonical(session: StoreSession, side: Side, uids: readonly number[]): Promise<void> {
  const prints = await readFingerprints(session, uids, true);
  for (const message of side.messages) message.print = prints.get(message.uid) ?? message.print;
}

function emptySide(): Side {
  return { messages: [] };
}

async function readSide(session: StoreSession, name: string, deep: boolean): Promise<Side> {
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
  if (!deep) return { messages };
  const prints = await readFingerprints(
    session,
    messages.map((m) => m.uid),
    false,
  );
  for (const message of messages) message.print = prints.get(message.uid) ?? null;
  return { messages };
}

/** A copy that a person took to another mailbox on new is missing in its own and extra in the other. */
function markMoved(mailboxes: readonly VerifyMailbox[]): VerifyMailbox[] {
  const extras = new Map<string, number>();
  for (const box of mailboxes) {
    for (const d of box.differences) {
      if (d.class !== 'only-on-new' || d.digest === null) continue;
      const key = digestKey(d.digest);
      extras.set(key, (extras.get(key) ?? 0) + 1);
    }
  }
  if (extras.size === 0) return [...mailboxes];
  return mailboxes.map((box) => ({
    ...box,
    differences: box.differences.map((d) => {
      const away = d.class === 'missing-on-new' || d.class === 'removed-by-user';
      if (!away || d.digest === null) return d;
      const key = digestKey(d.digest);
      const left = extras.get(key) ?? 0;
      if (left === 0) return d;
      extras.set(key, left - 1);
      return { ...d, class: 'changed-by-user' as const, detail: 'lies in another mailbox on the new side' };
    }),
  }));
}
