/** One message straight from the old server: what the portal asks for, and a service answers. */
import type { Readable } from 'node:stream';

export interface WantedMessage {
  readonly account: {
    readonly id: string;
    readonly address: string;
    readonly oldLogin: string;
    readonly newLogin: string;
  };
  /** Raw, as the wire has it. */
  readonly mailbox: string;
  /** As the message was met; null where that was not noted. */
  readonly uidValidity: number | null;
  readonly uid: number;
}

export interface OldMessage {
  /** As the server announced it, and as many come. */
  readonly sizeBytes: number;
  /** Ends after the last octet; breaks off with an error where the server does. Whoever drops it ends the connection. */
  readonly body: Readable;
}

/**
 * Resolves when the first octets are there. Rejects with `old-unreachable`, with `message-unreadable` where the server
 * does not give it, `download-too-large` where it is larger than `mostBytes`, and `too-many-attempts` where others are
 * being read.
 */
export type ReadOldMessage = (wanted: WantedMessage, mostBytes: number) => Promise<OldMessage>;
