/** What a refusal of APPEND means for the message, the batch and the mailbox. Pure: who acts on it is the appender. */
import { MailferryError } from '../base/errors.ts';
import type { Refusal } from './mail-store.ts';

/** The error that ends this try of the mailbox where a refusal is not about the message; null for all others. */
export function mailboxError({ class: kind, text }: Refusal): MailferryError | null {
  const details = { side: 'new', serverText: text } as const;
  if (kind === 'try-create')
    return new MailferryError(
      'mailbox-removed-on-new',
      `the mailbox is gone on the new server: ${text}`,
      details,
    );
  if (kind === 'temporary')
    return new MailferryError(
      'server-unavailable',
      `the new server cannot store mail for now: ${text}`,
      details,
    );
  if (kind === 'no-permission')
    return new MailferryError(
      'command-refused',
      `the new server lets nothing be stored here: ${text}`,
      details,
    );
  return null;
}

/** The server said OK, but nothing came of it (F-07). */
export const swallowed: Refusal = {
  class: 'other',
  code: null,
  text: 'the server said that it stored the message, but it is not there',
};

/** Nothing more is sent to a full account (F-43). */
export function overQuota(text: string): Refusal {
  return { class: 'over-quota', code: 'OVERQUOTA', text };
}
