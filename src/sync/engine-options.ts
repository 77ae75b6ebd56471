/** What a run of the engine is told, and what it tells while it runs. */
import type { Clock } from '../base/clock.ts';
import type { ErrorCode } from '../base/errors.ts';
import type { Journal } from './journal.ts';
import type { MailStore } from './mail-store.ts';
import type { Limiter } from './rate-limiter.ts';
import type { MailboxFilter } from './reconcile/plan-mailboxes.ts';

export interface EngineOptions {
  readonly filter: MailboxFilter;
  /** Only messages whose INTERNALDATE is not before this moment (milliseconds); null means all. */
  readonly sinceMs: number | null;
  /** 'follow' removes on new what vanished on old, as far as it is ours and untouched; 'keep' removes nothing. */
  readonly deletions: 'follow' | 'keep';
  /** A person looked at an unusual mass of deletions and wants them carried out. */
  readonly confirmDeletions: boolean;
  readonly retryRefused: boolean;
  /** Connection pairs; null lets the engine find out. */
  readonly connections: number | null;
  readonly maxMessagesPerSecond: number | null;
  readonly maxBytesPerSecond: number | null;
  /** How long a message whose fate is unknown is given to appear before it is sent again. */
  readonly settleGraceMs: number;
  /** Failed connections in a row, without any progress between them, before the run gives up. */
  readonly maxRetries: number;
  /** A pause before the next try that is longer ends the run with the error instead. */
  readonly maxSleepMs: number;
  readonly tuning: Tuning;
}

/** Sizes that trade memory for speed; tests make them small, so that few messages give many steps. */
export interface Tuning {
  /** Messages whose metadata are held at once. */
  readonly windowMessages: number;
  /** Messages in one MULTIAPPEND at most. */
  readonly batchMessages: number;
  /** Octets of the bodies in one batch at most. */
  readonly arenaBytes: number;
  /** Bodies above this are streamed; smaller ones are gathered, so that their digests are known before they leave. */
  readonly streamAboveBytes: number;
}

export const defaultTuning: Tuning = {
  // Half a megabyte of objects.
  windowMessages: 1000,
  // A longer MULTIAPPEND gains nothing (measured), and a refusal in it has to be searched for by halves.
  batchMessages: 500,
  // One arena is gathered while one is on the wire and up to two wait: 4 MB a mailbox at most.
  arenaBytes: 1024 * 1024,
  streamAboveBytes: 256 * 1024,
};

/** 30 s: a server that lost its client still commits what it has read; a slow disk takes seconds for that, not minutes. */
export const defaultSettleGraceMs = 30_000;

export const defaultEngineOptions: EngineOptions = {
  filter: { only: null, exclude: new Set(), map: new Map() },
  sinceMs: null,
  deletions: 'follow',
  confirmDeletions: false,
  retryRefused: false,
  connections: null,
  maxMessagesPerSecond: null,
  maxBytesPerSecond: null,
  settleGraceMs: defaultSettleGraceMs,
  maxRetries: 5,
  maxSleepMs: Number.POSITIVE_INFINITY,
  tuning: defaultTuning,
};

export interface EngineDeps {
  readonly old: MailStore;
  readonly fresh: MailStore;
  /** Where the connection comes from that only listens for news; `old` where it is left out. */
  readonly listening?: MailStore;
  /** Shared by many accounts; one of this run's own, by the options' rates, where it is left out. */
  readonly limiter?: Limiter;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** 0 <= x < 1, for jitter. */
  readonly random: () => number;
  readonly onEvent: (event: EngineEvent) => void;
  /** Reads From, Subject and Date of a header, for the list of refused messages. */
  readonly describeHeader: (header: Uint8Array) => Promise<{
    readonly subject: string | null;
    readonly from: string | null;
    readonly date: string | null;
  }>;
}

export type EngineEvent =
  /** At the start of each pass: `unchanged` counts the messages of mailboxes that need no look. */
  | {
      readonly type: 'listed';
      readonly mailboxes: number;
      readonly messages: number;
      readonly unchanged: number;
      readonly toDo: number;
    }
  /** After `listed`: the mailboxes of old that are carried over, as far as people are shown. */
  | { readonly type: 'mailboxes'; readonly each: readonly MailboxCount[] }
  /** `messages` on old now, `missing` of them not on new yet. */
  | {
      readonly type: 'mailbox-started';
      readonly mailbox: string;
      readonly messages: number;
      readonly missing: number;
    }
  | { readonly type: 'mailbox-done'; readonly mailbox: string }
  /** After each settled batch; counts are totals of the run, `here` the messages copied into this mailbox. */
  | {
      readonly type: 'progress';
      readonly mailbox: string;
      readonly here: number;
      readonly counts: RunCounts;
    }
  /** The beginning of a message that has just come to new, once a second at most: for its owner to see. */
  | { readonly type: 'carried'; readonly mailbox: string; readonly header: Uint8Array }
  | {
      readonly type: 'waiting';
      readonly reason: 'settle' | 'reconnect' | 'throttled';
      readonly ms: number;
      readonly text: string;
    }
  | {
      readonly type: 'notice';
      readonly code: ErrorCode | 'keywords-dropped' | 'capability-broken' | 'mapping-kept';
      readonly text: string;
    };

export interface MailboxCount {
  /** On old, raw. */
  readonly mailbox: string;
  readonly specialUse: string | null;
  readonly messages: number;
  /** Null where the server does not say (STATUS=SIZE). */
  readonly bytes: number | null;
  /** Nothing is left to do in it. */
  readonly complete: boolean;
}

export interface RunCounts {
  /** Appended, or claimed after an unknown outcome, in this run. */
  copied: number;
  /** Gone on old before they could be copied. */
  vanished: number;
  /** Octets of copied messages. */
  bytes: number;
  flagsChanged: number;
  moved: number;
  removed: number;
  adopted: number;
  deletedFlagDropped: number;
  keywordsDropped: number;
  /** Left out because the old server does not deliver them. */
  quarantined: number;
}

export function emptyCounts(): RunCounts {
  return {
    copied: 0,
    vanished: 0,
    bytes: 0,
    flagsChanged: 0,
    moved: 0,
    removed: 0,
    adopted: 0,
    deletedFlagDropped: 0,
    keywordsDropped: 0,
    quarantined: 0,
  };
}
