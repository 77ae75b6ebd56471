/** Whether a password opens a mailbox on the old server: what the portal asks, and a service answers. */
import type { Secret } from '../../base/secret.ts';

/** What is in the mailbox, as far as it was counted while the door was open. */
export interface MailboxCount {
  readonly mailboxes: readonly {
    /** As people read it. */
    readonly name: string;
    readonly role: string | null;
    readonly messages: number;
    /** Null where the server does not say. */
    readonly bytes: number | null;
  }[];
}

export type MailboxVerdict =
  /** `count` null where it could not be counted in time. */
  | { readonly kind: 'right'; readonly count: MailboxCount | null }
  | { readonly kind: 'wrong' }
  /** The server could not be asked, or gave no clear answer. */
  | { readonly kind: 'unknown'; readonly reason: string };

/** Never rejects, and answers within its own deadline. */
export type MailboxCheck = (login: string, password: Secret) => Promise<MailboxVerdict>;
