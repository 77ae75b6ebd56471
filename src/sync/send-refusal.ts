/** What a refusal of APPEND means for the message, the batch and the mailbox. Pure: who acts on it is the appender. */
import { MailferryError } from '../base/errors.ts';
import type { Refusal } from './mail-store.ts';

/**
 * "Later", said to a message or a batch: it may be about the message. Being asked to slow down never is (F-83).
 */
export function isForNow({ class: kind, code }: Refusal): boolean {
  return kind === 'temporary' && code !== 'THROTTLED';
}

/** The error that ends this try of the mailbox where a refusal is not about the message; null for all others. */
export function mailboxError({ class: kind, code, text, retryAfterMs }: Refusal): MailferryError | null {
  const details = { side: 'new', serverText: text } as const;
  if (kind === 'try-create')
    return new MailferryError(
      'mailbox-removed-on-new',
      `the mailbox is gone on the new server: ${text}`,
      details,
    );
  if (code === 'THROTTLED')
    return new MailferryError('throttled', `the new server slows us down: ${text}`, {
      ...details,
      retryAfterMs,
    });
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

/** What ends new's connection each time is not tried for ever. */
export const deadly: Refusal = {
  class: 'other',
  code: null,
  text: 'the connection to the new server ends whenever this message is uploaded',
};

/** Nothing more is sent to a full account (F-43). */
export function overQuota(text: string): Refusal {
  return { class: 'over-quota', code: 'OVERQUOTA', text };
}
