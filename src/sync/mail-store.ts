/**
 * The port through which the engine sees a mail server: one `MailStore` per side, which opens sessions (connections).
 * remote/imap implements it, test/fakes implements it in memory; test/contracts holds both to the same behaviour.
 * All methods reject with MailferryError; a session whose `closed` is true is of no further use.
 */
import type { Secret } from '../base/secret.ts';

/** Raw wire bytes of a mailbox name, one character per byte; the key everywhere. Never decoded except to show it. */
export type MailboxName = string;

/** What the server can do, as far as it changes what the engine does. Read after login, and again after ENABLE. */
export interface StoreAbilities {
  /** ID's name and version, or the greeting's guess; for quirks and reports. */
  readonly product: string;
  readonly multiAppend: boolean;
  readonly uidPlus: boolean;
  readonly literal: 'plus' | 'minus' | 'synchronising';
  readonly condStore: boolean;
  readonly qResync: boolean;
  readonly move: boolean;
  readonly binary: boolean;
  readonly specialUse: boolean;
  readonly createSpecialUse: boolean;
  readonly listStatus: boolean;
  readonly idle: boolean;
  readonly notify: boolean;
  readonly objectId: boolean;
  readonly quota: boolean;
  /** Octets; null when the server names none. */
  readonly appendLimitBytes: number | null;
  /** All capabilities as the server named them, upper case. */
  readonly capabilities: readonly string[];
}

export interface MailboxStatus {
  readonly messages: number;
  readonly uidNext: number;
  readonly uidValidity: number;
  /** Null without CONDSTORE, or where the server answers nonsense (0, -1). */
  readonly highestModSeq: bigint | null;
  /** OBJECTID (RFC 8474), where offered. */
  readonly mailboxId: string | null;
  /** STATUS=SIZE or null. */
  readonly sizeBytes: number | null;
}

export interface ListedMailbox {
  readonly name: MailboxName;
  readonly delimiter: string | null;
  /** False for \Noselect and \NonExistent. */
  readonly selectable: boolean;
  /** Special use by attribute, without backslash, lower case: 'sent', 'drafts', 'trash', 'junk', 'archive', 'all', 'flagged', 'important'. */
  readonly specialUse: readonly string[];
  readonly subscribed: boolean;
  /** Null when not selectable, or when STATUS failed for this one (`problem` says why). */
  readonly status: MailboxStatus | null;
  readonly problem: string | null;
  /** STATUS said that there is no such mailbox: only a level above others, though LIST does not say so. */
  readonly missing?: boolean;
}

export interface StoreListing {
  /** Personal mailboxes only, in the order the server sent them. */
  readonly mailboxes: readonly ListedMailbox[];
  /** Prefix of the personal namespace ("INBOX." or ""), raw. */
  readonly prefix: string;
  readonly delimiter: string | null;
}

export interface SelectedMailbox {
  readonly name: MailboxName;
  readonly status: MailboxStatus;
  /** From PERMANENTFLAGS; null when the server sent none (RFC 9051 §7.1: all are then permanent). */
  readonly permanentFlags: readonly string[] | null;
  readonly readOnly: boolean;
}

/** Flags as the server names them, without \Recent. System flags with their backslash. */
export type Flags = readonly string[];

/** What is known of a message without its body. Fields not asked for are null. */
export interface MessageMeta {
  readonly uid: number;
  readonly flags: Flags;
  /** A valid RFC 9051 date-time: as the server sent it where that is one, mended where it can be; else null. */
  readonly internalDate: string | null;
  /** RFC822.SIZE: a hint (servers lie); null when not asked for. */
  readonly sizeBytes: number | null;
  readonly modSeq: bigint | null;
}

/** Inclusive, ascending. `Infinity` as last stands for `*`. */
export type UidSpan = readonly [first: number, last: number];

export interface ChangedSince {
  readonly modSeq: bigint;
}

/**
 * Receives the bodies of a fetch, in the order the server sends them. `begin`, `chunk`..., `end` per message; `missing`
 * where the server answered for a UID without a body (NIL) or not at all. A returned promise holds the server back.
 */
export interface BodySink {
  /** The true size by the literal's header, in octets. */
  begin(uid: number, sizeBytes: number): void;
  /** A view that is valid only during the call, unless a promise is returned: then until it resolves. */
  chunk(bytes: Uint8Array): void | Promise<void>;
  end(uid: number): void | Promise<void>;
  /** `reason` where the server refused the command that asked for it: NO names no message. */
  missing(uid: number, reason?: Refusal): void;
}

/** How to append one message. `body` is either at hand or streamed by `pull`, which writes exactly `sizeBytes`. */
export interface AppendMessage {
  readonly flags: Flags;
  /** RFC 9051 date-time without quotes, e.g. "17-Jul-1996 02:44:25 -0700"; null lets the server choose. */
  readonly internalDate: string | null;
  readonly sizeBytes: number;
  readonly body: Uint8Array | BodySource;
  /** True: send as literal8 (RFC 3516 §4.4), for NUL bytes. */
  readonly binary: boolean;
}

/** Streams one body into `write`; rejects when the source breaks: the session is then closed, the APPEND is void. */
export type BodySource = (write: (bytes: Uint8Array) => void | Promise<void>) => Promise<void>;

/**
 * What became of one `append` (all its messages: MULTIAPPEND is all or nothing, RFC 3502 §6.3.11).
 * - stored: tagged OK. `uids` is null without UIDPLUS or when APPENDUID was nonsense; they are then found by the window.
 * - refused: tagged NO/BAD, nothing stored. `sent` false: no literal byte left (known limit or NO before `+`).
 * - unknown: the connection ended between the first byte and the answer.
 */
export type AppendOutcome =
  | { readonly kind: 'stored'; readonly uidValidity: number | null; readonly uids: readonly number[] | null }
  | { readonly kind: 'refused'; readonly reason: Refusal }
  | { readonly kind: 'unknown'; readonly cause: unknown };

/** Why a server said NO. `class` is our reading of code and text. */
export interface Refusal {
  readonly class:
    | 'try-create'
    | 'over-quota'
    | 'too-large'
    | 'bad-flags'
    | 'bad-date'
    | 'nul'
    | 'content'
    | 'no-permission'
    | 'temporary'
    | 'exists'
    | 'nonexistent'
    | 'other';
  /** Response code name, or null. */
  readonly code: string | null;
  /** The server's words, control characters removed, at most 500 characters. */
  readonly text: string;
  /** How long the server asks to be left alone; only where it named a time. */
  readonly retryAfterMs?: number | undefined;
}

/** Outcome of a command that changes something and may be answered by NO. */
export type ChangeOutcome =
  | { readonly kind: 'done' }
  | { readonly kind: 'refused'; readonly reason: Refusal };

/** Called synchronously as the server speaks. */
export interface WatchListener {
  /**
   * From now on changes in these are told; those made before have to be looked for after this call. Once.
   * `looks`: the session itself compares now and then what the server says of all mailboxes, so that a change the server
   * forgets to tell is told late but told.
   */
  ready(covered: readonly MailboxName[] | 'all', looks: boolean): void;
  /**
   * Something may have changed there: a message came, went or got other flags, or the mailbox itself did. Where a look
   * found a difference, the first of the mailboxes stands for all.
   */
  changed(name: MailboxName): void;
}

export interface QuotaResource {
  readonly root: string;
  /** 'STORAGE' (usage and limit here in octets) or 'MESSAGE'. */
  readonly name: string;
  readonly usage: number;
  readonly limit: number;
}

/** One connection, logged in. Commands may be called without awaiting the last one; answers keep their order. */
export interface StoreSession {
  readonly abilities: StoreAbilities;
  readonly closed: boolean;

  list(): Promise<StoreListing>;
  status(name: MailboxName): Promise<MailboxStatus>;
  /** EXAMINE (read) or SELECT (write). Rejects with `mailbox-unusable` on NO. */
  select(name: MailboxName, mode: 'read' | 'write'): Promise<SelectedMailbox>;

  /** Metadata of the selected mailbox's messages in the spans, ascending by UID; `onMeta` per message, synchronous. */
  fetchMeta(
    spans: readonly UidSpan[],
    want: { readonly date: boolean; readonly size: boolean },
    onMeta: (meta: MessageMeta) => void,
  ): Promise<void>;
  /** Flags changed since (CONDSTORE) and UIDs vanished since (QRESYNC; null where not offered). */
  fetchChanges(
    since: ChangedSince,
    onMeta: (meta: MessageMeta) => void,
  ): Promise<{ readonly vanished: readonly UidSpan[] | null }>;
  /** All UIDs of the selected mailbox, ascending, in compact form. */
  listUids(): Promise<readonly UidSpan[]>;
  fetchBodies(uids: readonly number[], sink: BodySink): Promise<void>;
  /** Raw bytes of header fields of one message, for naming a refused message to its owner. */
  fetchHeaderFields(uid: number, fields: readonly string[]): Promise<Uint8Array>;

  append(name: MailboxName, messages: readonly AppendMessage[]): Promise<AppendOutcome>;
  /** UID STORE on the selected mailbox (`+` adds, `-` removes), silent. */
  storeFlags(uids: readonly number[], op: '+' | '-', flags: Flags): Promise<ChangeOutcome>;
  /** UID MOVE, or UID COPY + \Deleted + UID EXPUNGE with UIDPLUS. Gives the new UIDs by COPYUID, else null. */
  move(
    uids: readonly number[],
    to: MailboxName,
  ): Promise<ChangeOutcome & { readonly uids?: readonly (readonly [from: number, to: number])[] | null }>;
  /** Marks \Deleted and UID EXPUNGEs exactly these (UIDPLUS only; never a plain EXPUNGE). */
  expunge(uids: readonly number[]): Promise<ChangeOutcome>;

  create(name: MailboxName, specialUse: string | null): Promise<ChangeOutcome>;
  rename(from: MailboxName, to: MailboxName): Promise<ChangeOutcome>;
  /** DELETE; the caller has made sure that it is ours and empty. */
  remove(name: MailboxName): Promise<ChangeOutcome>;
  subscribe(name: MailboxName): Promise<ChangeOutcome>;
  quota(): Promise<readonly QuotaResource[]>;
  noop(): Promise<void>;
  /**
   * Tells of changes that others make until `signal` aborts; then it resolves, and the session goes on (with no mailbox
   * selected that could be relied on). NOTIFY covers all of `mailboxes`, IDLE only the first of them, INBOX for 'all'.
   * Flags are told by NOTIFY only where the server has CONDSTORE.
   * Commands called meanwhile wait for the end. Rejects with `command-refused` where the server has neither. A hint
   * only: servers are known to forget a change, so polling goes on beside it.
   */
  watch(
    mailboxes: readonly MailboxName[] | 'all',
    listener: WatchListener,
    signal: AbortSignal,
  ): Promise<void>;

  /** LOGOUT, then close; never rejects. */
  close(): Promise<void>;
  /** Cuts the connection at once. */
  destroy(reason: unknown): void;
}

export interface MailStore {
  readonly side: 'old' | 'new';
  /** Host, port and user for messages and for refusing one account on both sides; no secret in it. */
  readonly identity: { readonly host: string; readonly port: number; readonly user: string };
  openSession(signal?: AbortSignal): Promise<StoreSession>;
}

/** How to log in; shared by the services that build stores. */
export type Credentials =
  | {
      readonly kind: 'password';
      readonly user: string;
      readonly authUser: string | null;
      readonly password: Secret;
      /** How `authUser` stands for `user`; 'authzid' when left out. */
      readonly onBehalf?: OnBehalf;
    }
  | {
      readonly kind: 'token';
      readonly user: string;
      /** Null: OAUTHBEARER where it is offered, else XOAUTH2. */
      readonly mechanism: 'XOAUTH2' | 'OAUTHBEARER' | null;
      readonly token: Secret;
    };

/**
 * 'authzid': SASL PLAIN's authorization identity (RFC 4616 §2). 'proxyauth': PROXYAUTH after the login, as Netscape's server
 * and its successors have it. Else one login name that holds both, as `anna*master`.
 */
export type OnBehalf = 'authzid' | 'proxyauth' | { readonly login: string };
