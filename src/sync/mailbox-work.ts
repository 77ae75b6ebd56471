/** One mailbox while it is being worked on: both sessions, its ledger, and the few things the steps share. */
import type { Clock } from '../base/clock.ts';
import { MailferryError } from '../base/errors.ts';
import type { UidBitmap } from '../base/uid-bitmap.ts';
import type { UidRange } from '../base/uid-ranges.ts';
import type { Account } from './account.ts';
import type { ClaimPool } from './claim-pool.ts';
import { startDigest } from './digest.ts';
import type { EngineEvent, EngineOptions, RunCounts } from './engine-options.ts';
import type { IntentRow, JournalEntry, MailboxRow } from './journal.ts';
import type { Ledger, LedgerRow } from './ledger.ts';
import type { SelectedMailbox, StoreSession } from './mail-store.ts';
import type { Limiter } from './rate-limiter.ts';
import type { LeftOut } from './since.ts';
import type { UploadLosses } from './reconcile/lost-uploads.ts';
import type { TemporaryTrouble } from './reconcile/temporary-refusal.ts';

/** What all mailboxes of a run share. */
export interface RunContext {
  readonly account: Account;
  readonly options: EngineOptions;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly limiter: Limiter;
  readonly counts: RunCounts;
  readonly onEvent: (event: EngineEvent) => void;
  /** Rows of all mailboxes whose old message vanished: moves are recognised by them. */
  readonly vanished: ClaimPool;
  /** The new account is full: nothing more is sent in this run. */
  readonly overQuota: { reached: boolean; text: string };
  /** Reads From, Subject and Date of a header for the list of refused messages. */
  readonly describeHeader: (header: Uint8Array) => Promise<{
    readonly subject: string | null;
    readonly from: string | null;
    readonly date: string | null;
  }>;
  readonly stats: Map<number, MailboxStats>;
  /** When `carried` was told last, by the clock that only grows. */
  readonly told: { carriedMs: number };
  /** Mailboxes of which `--since` left messages out: no need to look again until old changes. Never kept on disk. */
  readonly leftOut: Map<number, LeftOut>;
  /** Messages refused in this run, as "mailbox/UID": none is tried twice in one run. */
  readonly refusedNow: Set<string>;
  /** What this run found out about the servers' honesty. */
  readonly servers: {
    /** Whether APPENDUID names what was stored: found out by the first batch. */
    appendUid: 'unproven' | 'proven' | 'doubted';
    /** CONDSTORE is announced, but its FETCH modifier is refused (F-103). */
    condStoreBroken: boolean;
  };
  /** Where a side said "later", and how many single messages each refused so since one went through. */
  readonly temporary: {
    readonly onNew: Map<number, TemporaryTrouble>;
    readonly onOld: OldSaidLater;
    newInRow: number;
    oldInRow: number;
  };
  /** By mailbox: the message at which the old side's connection ended, how often in a row, and what follows (F-56). */
  readonly trouble: Map<number, { readonly uid: number; readonly times: number; readonly careful: boolean }>;
  /** By mailbox: uploads at which the new side's connection ended. */
  readonly losses: Map<number, UploadLosses>;
}

/** Mailboxes of which old delivered nothing "for now". */
export interface OldSaidLater {
  /** By mailbox: how often. */
  readonly times: Map<number, number>;
  /** Reported as problems, since the run got on for the last time. */
  readonly givenUp: Set<number>;
  progress: number;
}

/** One mailbox's part of the run; what is not copied, refused or vanished was present already. */
export interface MailboxStats {
  /** Messages on old when it was last looked at, without those that a filter leaves out. */
  messages: number;
  copied: number;
  vanished: number;
  bytes: number;
}

export function statsOf(run: RunContext, mailboxId: number): MailboxStats {
  let stats = run.stats.get(mailboxId);
  if (stats === undefined) {
    stats = { messages: 0, copied: 0, vanished: 0, bytes: 0 };
    run.stats.set(mailboxId, stats);
  }
  return stats;
}

/** Rises with everything a run achieves: a pass that leaves it as it was found nothing to do. */
export function progressOf({ counts }: Pick<RunContext, 'counts'>): number {
  const { copied, vanished, flagsChanged, moved, removed, adopted, quarantined } = counts;
  return copied + vanished + flagsChanged + moved + removed + adopted + quarantined;
}

/** One message arrived on new in this run. */
export function countCopied(work: MailboxWork, sizeBytes: number): void {
  const stats = statsOf(work.run, work.id);
  stats.copied++;
  stats.bytes += sizeBytes;
  work.run.counts.copied++;
  work.run.counts.bytes += sizeBytes;
}

/** It was counted, but it never arrived. */
export function uncountCopied(work: MailboxWork, sizeBytes: number): void {
  const stats = statsOf(work.run, work.id);
  stats.copied--;
  stats.bytes -= sizeBytes;
  work.run.counts.copied--;
  work.run.counts.bytes -= sizeBytes;
}

/** Messages of this round's listing that were gone on old before they could be copied. */
export function countVanished(work: MailboxWork, messages: number): void {
  work.left.vanished += messages;
  countGone(work, messages);
}

/** The same of messages that this round's listing did not have any more. */
export function countGone(work: MailboxWork, messages: number): void {
  statsOf(work.run, work.id).vanished += messages;
  work.run.counts.vanished += messages;
}

export interface MailboxWork {
  readonly run: RunContext;
  readonly id: number;
  readonly old: StoreSession;
  readonly fresh: StoreSession;
  readonly oldSelected: SelectedMailbox;
  readonly newSelected: SelectedMailbox;
  ledger: Ledger;
  readonly pool: ClaimPool;
  /** Old UIDs that were in the ledger when this round began. */
  readonly rowsBefore: readonly UidRange[];
  /** Lower bound of new's UIDNEXT: what we append next lies at or above. */
  newUidNext: number;
  /** Keywords, in lower case, that the new server refused, and that it took, in this round. */
  readonly refusedKeywords: Set<string>;
  readonly takenKeywords: Set<string>;
  /** Old UIDs whose agreed flags are older than this round, though their rows are new. */
  readonly olderFlags: number[];
  /** New UIDs placed in this round; looked for once more at the end (F-07). */
  readonly placed: UidBitmap;
  /** Messages of this round's listing that `--since` left out, and that were gone before their turn. */
  readonly left: { filtered: number; vanished: number };
  /** Intents that were given up as "did not arrive"; looked at once more at the end (F-04). */
  readonly voided: IntentRow[];
}

export function rowOf(work: MailboxWork): MailboxRow {
  return work.run.account.mailbox(work.id);
}

/** Records with the ledger's changed chunks in the same transaction. */
export async function record(work: MailboxWork, entry: JournalEntry): Promise<void> {
  const chunks = work.ledger.takeWrites();
  await work.run.account.record(
    chunks.length === 0 ? entry : { ...entry, chunks: [...(entry.chunks ?? []), ...chunks] },
  );
}

/** SHA-256 digests of bodies on one session; UIDs that cannot be read are missing from the map. */
export async function readDigests(
  session: StoreSession,
  uids: readonly number[],
): Promise<Map<number, Uint8Array>> {
  const digests = new Map<number, Uint8Array>();
  if (uids.length === 0) return digests;
  let running = startDigest();
  await session.fetchBodies(uids, {
    begin: () => {
      running = startDigest();
    },
    chunk: (bytes) => running.update(bytes),
    end: (uid) => {
      digests.set(uid, running.done());
    },
    missing: () => {},
  });
  return digests;
}

/** Enters a row, refusing to claim a new UID twice (I2). */
export function claim(work: MailboxWork, row: LedgerRow): void {
  if (
    row.newUid !== 0 &&
    work.ledger.claims(row.newUid) &&
    work.ledger.get(row.oldUid)?.newUid !== row.newUid
  ) {
    throw new MailferryError('internal', `new UID ${row.newUid} would be claimed twice`);
  }
  work.ledger.put(row);
  work.placed.add(row.newUid);
}

export function throwIfAborted(work: { readonly run: { readonly signal: AbortSignal } }): void {
  if (work.run.signal.aborted)
    throw new MailferryError('interrupted', 'interrupted', { cause: work.run.signal.reason });
}
