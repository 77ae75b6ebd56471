/** Whether a password opens a mailbox on the old server: what the portal asks, and a service answers. */
import type { Secret } from '../../base/secret.ts';
import type { AccountDetail } from '../../state/database/account-detail.ts';

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

/** As workers write it later. */
export function firstDetail({ mailboxes }: MailboxCount, nowMs: number): AccountDetail {
  return {
    mailboxes: mailboxes.map((one) => ({ ...one, done: 0, complete: false })),
    carried: [],
    rate: null,
    countedMs: nowMs,
  };
}
