/** One command as the callers of the pipe give it: parts to write, and what is done with its answers. */
import type { BodySource } from '../../sync/mail-store.ts';
import type { FetchAttributes, ImapResponse } from '../../wire/imap/response.ts';

/** A literal with its framing still to be written: `{n}`, `{n+}` or `~{n}`. */
export interface LiteralPart {
  readonly sizeBytes: number;
  readonly synchronising: boolean;
  readonly binary: boolean;
  readonly body: Uint8Array | BodySource;
}
export type CommandPart = string | Uint8Array | LiteralPart;

export type Tagged = Extract<ImapResponse, { kind: 'tagged' }>;

/** The bodies of FETCH responses: `begin`, `chunk`..., `end` per literal, then `complete` once the response is whole. */
export interface BodyEvents {
  /** Whether a body of this UID was asked for by this command: answers of two fetches may come interleaved. */
  wants(uid: number): boolean;
  begin(soFar: FetchAttributes, section: string, sizeBytes: number): void;
  chunk(bytes: Uint8Array): void | Promise<void>;
  end(): void;
  /** Only now it is certain that the body ended where the server had said; also for NIL. */
  complete(attributes: FetchAttributes): void | Promise<void>;
}

export interface CommandHandlers {
  /** True when the response belonged to this command. */
  untagged?(response: ImapResponse): boolean;
  readonly body?: BodyEvents;
  /** Called on `+` outside a literal (AUTHENTICATE, IDLE). */
  continuation?(text: string): void;
  /** Nothing else is written before this command is answered (IDLE). */
  readonly alone?: boolean;
  /** Whether the server owes nothing for now: then its silence means nothing. */
  maySilent?(): boolean;
  /** Set to true as soon as the first byte of a literal leaves. */
  readonly progress?: { literalStarted: boolean };
}
