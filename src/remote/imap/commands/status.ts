/** STATUS (RFC 9051 §6.3.11; HIGHESTMODSEQ RFC 7162 §3.1.2; SIZE RFC 8438; MAILBOXID RFC 8474). */
import { MailferryError } from '../../../base/errors.ts';
import type { MailboxStatus } from '../../../sync/mail-store.ts';
import type { StatusAttributes } from '../../../wire/imap/response.ts';
import { mailboxArgument } from '../command-text.ts';
import { refusal } from '../refusal.ts';
import { type CommandContext, throwIfThrottled } from './context.ts';

/** The items we ask for on this server. */
export function statusItems(context: CommandContext): string {
  const { abilities } = context;
  const items = ['MESSAGES', 'UIDNEXT', 'UIDVALIDITY'];
  if (abilities.condStore) items.push('HIGHESTMODSEQ');
  if (abilities.objectId) items.push('MAILBOXID');
  if (abilities.capabilities.includes('STATUS=SIZE')) items.push('SIZE');
  return items.join(' ');
}

/** Null when what the engine cannot do without is missing. */
export function mailboxStatus(attributes: StatusAttributes): MailboxStatus | null {
  if (attributes.messages === undefined) return null;
  const modSeq = attributes.highestModSeq ?? null;
  return {
    messages: attributes.messages,
    uidNext: attributes.uidNext ?? 0,
    uidValidity: attributes.uidValidity ?? 0,
    highestModSeq: modSeq !== null && modSeq > 0n ? modSeq : null,
    mailboxId: attributes.mailboxId ?? null,
    sizeBytes: attributes.sizeBytes ?? null,
  };
}

export async function status(context: CommandContext, name: string): Promise<MailboxStatus> {
  let found: MailboxStatus | null = null;
  const answer = await context.pipe.run(
    'STATUS',
    [' ', ...mailboxArgument(name, context.abilities.literal), ` (${statusItems(context)})`],
    {
      untagged: (response) => {
        if (response.kind !== 'status') return false;
        // Several STATUS may be in flight: the name tells whose answer this is.
        const same =
          response.mailbox === name || (response.mailbox.toUpperCase() === 'INBOX' && name === 'INBOX');
        if (!same) return false;
        found = mailboxStatus(response.attributes);
        return true;
      },
    },
  );
  if (answer.status === 'OK' && found !== null) return found;
  throwIfThrottled(context, answer);
  const reason = refusal(
    answer.code,
    answer.status === 'OK' ? 'the answer lacks the numbers asked for' : answer.text,
  );
  throw new MailferryError(
    'mailbox-unusable',
    `the ${context.side} server gives no status of a mailbox: ${reason.text}`,
    {
      side: context.side,
      serverText: reason.text,
    },
  );
}
