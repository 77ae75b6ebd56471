/**
 * The port through which the engine remembers. `Journal.record` is the only way sync/ changes anything that lasts:
 * one call is one durable transaction (on disk before it resolves) and one counted step, so that tests can stop a run
 * at every step. The order around each effect on a server is always:
 *
 *   record(intent) -> effect on the server -> record(outcome, closing the intent)
 *
 * state/ implements it on SQLite; test/fakes keeps one in memory.
 */
import type { MailboxName } from './mail-store.ts';

/** What both sides looked like when a mailbox was last left complete; equal STATUS means nothing to do. */
export interface SideMark {
  readonly uidValidity: number;
  readonly uidNext: number;
  readonly messages: number;
  /** Null without CONDSTORE. */
  readonly highestModSeq: bigint | null;
}

/** One old mailbox and its place on the new side. `id` is given by the engine, ascending from 1, never reused. */
export interface MailboxRow {
  readonly id: number;
  readonly oldName: MailboxName;
  readonly newName: MailboxName;
  /** Why the names differ: 'same', 'special-use', 'prefix', 'escaped', 'clash', 'option' ... shown to people. */
  readonly mappedBy: string;
  /** 'active'; 'gone-on-old' (removed there); 'removed-on-new' (a person removed it there: parked). */
  readonly place: 'active' | 'gone-on-old' | 'removed-on-new';
  readonly createdByUs: boolean;
  /** Counts up when a UIDVALIDITY changes; ledger chunks belong to one generation. */
  readonly generation: number;
  /** UIDVALIDITYs that the current generation's UIDs belong to; null before the first look. */
  readonly oldUidValidity: number | null;
  readonly newUidValidity: number | null;
  readonly oldMailboxId: string | null;
  readonly newMailboxId: string | null;
  /** Null until a pass over the mailbox has been completed; null again while one is under way. */
  readonly oldMark: SideMark | null;
  readonly newMark: SideMark | null;
  /** UIDNEXT on new below which every message has been examined for adoption. */
  readonly adoptedBelow: number;
  readonly subscribed: boolean;
}

/** A committed note of an effect that is about to happen on the new side. */
export interface IntentRow {
  /** Ascending, never reused. */
  readonly id: number;
  readonly mailboxId: number;
  /** 'given-up': an append whose messages did not arrive in time; they may still do so late. */
  readonly kind: 'append' | 'given-up' | 'move' | 'expunge' | 'create' | 'flags' | 'lost-flags';
  /** New side's UIDVALIDITY and UIDNEXT before the effect: what came of it lies at or above. */
  readonly newUidValidity: number;
  readonly uidNextBefore: number;
  /** Wall clock, for people who read the state: no decision rests on it. */
  readonly createdAtMs: number;
  readonly messages: readonly IntentMessage[];
}

export interface IntentMessage {
  readonly oldUid: number;
  readonly sizeBytes: number;
  /** First 16 bytes of the body's SHA-256; null where it is not known before sending (streamed). */
  readonly digest: Uint8Array | null;
  readonly flags: readonly string[];
  /** Ledger notes (bit set, sync/ledger.ts) to be entered when it is settled. */
  readonly notes: number;
  /** As in the ledger's rows; 0 for intents that do not look for a message. */
  readonly dateStamp: number;
  /** For moves: where the copy lies now. */
  readonly fromMailboxId?: number;
  readonly fromNewUid?: number;
  readonly fromOldUid?: number;
}

/** A message that is not on the new side, with the reason (I9). */
export interface RefusedRow {
  readonly mailboxId: number;
  readonly oldUid: number;
  /** A row of base/errors.ts. */
  readonly code: string;
  /** The server's or our words. */
  readonly reason: string;
  readonly sizeBytes: number;
  readonly date: string | null;
  readonly subject: string | null;
  readonly from: string | null;
  readonly attempts: number;
  readonly atMs: number;
}

/** One encoded ledger chunk (sync/ledger-codec.ts); a null body removes it. */
export interface ChunkWrite {
  readonly mailboxId: number;
  readonly generation: number;
  readonly chunk: number;
  readonly body: Uint8Array | null;
}

/** One step: everything in it becomes durable together or not at all. `step` names it for logs and tests. */
export interface JournalEntry {
  readonly step: string;
  readonly mailboxes?: readonly MailboxRow[];
  readonly openIntents?: readonly IntentRow[];
  readonly closeIntents?: readonly number[];
  readonly chunks?: readonly ChunkWrite[];
  /** Drops all chunks of a mailbox below this generation. */
  readonly dropGenerationsBelow?: readonly { readonly mailboxId: number; readonly generation: number }[];
  /** Upserts by (mailboxId, oldUid). */
  readonly refused?: readonly RefusedRow[];
  readonly clearRefused?: readonly { readonly mailboxId: number; readonly oldUid: number }[];
  /** Drops all refused rows of the mailbox (its UIDs became meaningless). */
  readonly clearRefusedOf?: readonly number[];
  /** Small values that belong to the account (JSON text by key); null removes. */
  readonly notes?: Readonly<Record<string, string | null>>;
}

export interface JournalContents {
  readonly mailboxes: readonly MailboxRow[];
  readonly intents: readonly IntentRow[];
  readonly refused: readonly RefusedRow[];
  readonly notes: Readonly<Record<string, string>>;
}

export interface Journal {
  /** Everything but the ledger chunks: small. */
  load(): Promise<JournalContents>;
  /** Encoded chunks of one mailbox's generation, ascending by chunk number. */
  chunks(
    mailboxId: number,
    generation: number,
  ): Promise<readonly { readonly chunk: number; readonly body: Uint8Array }[]>;
  record(entry: JournalEntry): Promise<void>;
}
