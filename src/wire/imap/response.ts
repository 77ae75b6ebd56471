/**
 * What a server says, as values. One type per response of RFC 9051 §7 and of the extensions we use; names follow the
 * ABNF. Bytes that are not text by the RFC stay bytes; mailbox names stay raw (`RawMailboxName`).
 */

import type { UidRange } from '../../base/uid-ranges.ts';

/** A mailbox name exactly as it stood on the wire (quotes and literal framing removed), one character per byte (ISO 8859-1). Modified UTF-7 is not decoded: the raw bytes are the key (RFC 9051 §5.1, RFC 3501 §5.1.3). */
export type RawMailboxName = string & { readonly __rawMailboxName: unique symbol };

export type { UidRange };

/** `resp-text-code`, RFC 9051 §7.1; codes we do not act on keep their raw argument. */
export type ResponseCode =
  | { readonly name: 'CAPABILITY'; readonly capabilities: readonly string[] }
  | { readonly name: 'APPENDUID'; readonly uidValidity: number; readonly uids: readonly UidRange[] }
  | {
      readonly name: 'COPYUID';
      readonly uidValidity: number;
      readonly fromUids: readonly UidRange[];
      readonly toUids: readonly UidRange[];
    }
  | { readonly name: 'PERMANENTFLAGS'; readonly flags: readonly string[] }
  | { readonly name: 'UIDNEXT' | 'UIDVALIDITY' | 'UNSEEN' | 'MESSAGELIMIT'; readonly value: number }
  | { readonly name: 'HIGHESTMODSEQ'; readonly value: bigint }
  | { readonly name: 'MAILBOXID'; readonly id: string }
  | { readonly name: 'MODIFIED'; readonly uids: readonly UidRange[] }
  /** Every other code, upper-cased: ALERT, TRYCREATE, OVERQUOTA, ALREADYEXISTS, UNAVAILABLE, THROTTLED ... */
  | { readonly name: string & {}; readonly argument?: string };

export type StatusKind = 'OK' | 'NO' | 'BAD' | 'BYE' | 'PREAUTH';

/** Attributes of a mailbox in STATUS (RFC 9051 §7.3.4, RFC 7162 §3.1, RFC 8438, RFC 8474, RFC 7889). */
export interface StatusAttributes {
  messages?: number;
  uidNext?: number;
  uidValidity?: number;
  unseen?: number;
  recent?: number;
  deleted?: number;
  sizeBytes?: number;
  highestModSeq?: bigint;
  mailboxId?: string;
  appendLimit?: number | null;
}

/** One `msg-att` with everything but the body bytes, which go through the sink as they arrive. */
export interface FetchAttributes {
  readonly seq: number;
  uid?: number;
  flags?: readonly string[];
  /** As it stood between the quotes; broken dates are not mended here. */
  internalDate?: string;
  sizeBytes?: number;
  modSeq?: bigint;
  emailId?: string;
  /**
   * One entry per body section delivered, in order; `sizeBytes` null when the server said NIL. `section` is what stands
   * between the brackets, upper-cased: '' for BODY[], BINARY[] and RFC822, 'HEADER', 'TEXT' also for RFC822.HEADER, RFC822.TEXT.
   */
  bodies?: { readonly section: string; readonly origin: number | null; readonly sizeBytes: number | null }[];
}

export type ImapResponse =
  | { readonly kind: 'continuation'; readonly code: ResponseCode | null; readonly text: string }
  | {
      readonly kind: 'tagged';
      readonly tag: string;
      /** BYE only from servers that break the grammar (seen: Office 365). */
      readonly status: 'OK' | 'NO' | 'BAD' | 'BYE';
      readonly code: ResponseCode | null;
      readonly text: string;
    }
  | {
      readonly kind: 'condition';
      readonly status: StatusKind;
      readonly code: ResponseCode | null;
      readonly text: string;
    }
  | { readonly kind: 'capability'; readonly capabilities: readonly string[] }
  | { readonly kind: 'enabled'; readonly capabilities: readonly string[] }
  | { readonly kind: 'flags'; readonly flags: readonly string[] }
  | {
      readonly kind: 'list' | 'lsub';
      /** With their backslash, as sent; compare without regard to case. */
      readonly attributes: readonly string[];
      readonly delimiter: string | null;
      readonly mailbox: RawMailboxName;
      /** LIST-EXTENDED items (RFC 5258): upper-cased tag -> raw text. */
      readonly extended: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'status'; readonly mailbox: RawMailboxName; readonly attributes: StatusAttributes }
  | { readonly kind: 'exists' | 'recent' | 'expunge'; readonly number: number }
  | { readonly kind: 'vanished'; readonly earlier: boolean; readonly uids: readonly UidRange[] }
  | { readonly kind: 'fetch'; readonly attributes: FetchAttributes }
  | { readonly kind: 'search'; readonly numbers: readonly number[]; readonly modSeq: bigint | null }
  | {
      readonly kind: 'esearch';
      readonly tag: string | null;
      readonly uid: boolean;
      readonly all: readonly UidRange[] | null;
      readonly min: number | null;
      readonly max: number | null;
      readonly count: number | null;
      readonly modSeq: bigint | null;
    }
  | {
      readonly kind: 'namespace';
      readonly personal: readonly Namespace[];
      readonly otherUsers: readonly Namespace[];
      readonly shared: readonly Namespace[];
    }
  | { readonly kind: 'id'; readonly fields: Readonly<Record<string, string | null>> }
  | {
      readonly kind: 'quota';
      readonly root: string;
      /** Units as in RFC 9208: STORAGE in units of 1024 octets, MESSAGE in messages. */
      readonly resources: readonly {
        readonly name: string;
        readonly usage: number;
        readonly limit: number;
      }[];
    }
  | { readonly kind: 'quotaroot'; readonly mailbox: RawMailboxName; readonly roots: readonly string[] }
  | { readonly kind: 'myrights'; readonly mailbox: RawMailboxName; readonly rights: string }
  /** A well-formed line that we do not know or whose known form is broken; `line` without CRLF, cut at a limit. */
  | { readonly kind: 'unknown'; readonly line: string };

export interface Namespace {
  /** Raw, as on the wire. */
  readonly prefix: RawMailboxName;
  readonly delimiter: string | null;
}

/**
 * Where the parser puts what it finds. Called synchronously from `ResponseParser.push`, in wire order:
 * `response` once per complete response; around each body literal of a FETCH (BODY[...], BINARY[...], RFC822 ...)
 * `bodyBegin`, `bodyChunk`..., `bodyEnd` come before the `response` that closes it.
 */
export interface ResponseSink {
  response(response: ImapResponse): void;
  /** `soFar` holds the attributes that stood before this literal (uid usually among them). */
  bodyBegin(soFar: FetchAttributes, section: string, sizeBytes: number): void;
  /** A view into the pushed bytes: valid only during the call, copy what you keep. */
  bodyChunk(bytes: Uint8Array): void;
  bodyEnd(): void;
}
