/**
 * What a server says of all mailboxes at once, as one value to compare: LIST with STATUS in one round trip (RFC 5819).
 * Servers are known to forget a notification, and this finds it on the connection that listens anyway.
 */
import { createHash } from 'node:crypto';
import type { CommandContext } from './context.ts';
import { statusItems } from './status.ts';

/** Without MODSEQ a changed flag would not show. */
export function canLook(context: CommandContext): boolean {
  const { abilities, broken } = context;
  return abilities.listStatus && abilities.condStore && !broken.has('LIST-STATUS');
}

/**
 * A digest over names, subscriptions and STATUS of the mailboxes; another value tells that something changed. Null where
 * the server refuses.
 */
export async function look(context: CommandContext): Promise<string | null> {
  const lines: string[] = [];
  const answer = await context.pipe.run(
    'LIST',
    [` "" "*" RETURN (SUBSCRIBED STATUS (${statusItems(context)}))`],
    {
      untagged: (response) => {
        if (response.kind === 'list') {
          // Attributes such as \Marked come and go by themselves.
          const subscribed = response.attributes.some((one) => one.toLowerCase() === '\\subscribed');
          lines.push(`${response.mailbox}\0${subscribed}`);
          return true;
        }
        if (response.kind !== 'status') return false;
        const { messages, uidNext, uidValidity, highestModSeq } = response.attributes;
        lines.push([response.mailbox, messages, uidNext, uidValidity, highestModSeq].join('\0'));
        return true;
      },
    },
  );
  if (answer.status !== 'OK') return null;
  // A change that was told meanwhile stands twice: it counts as one more difference, which is what it is.
  return createHash('sha256').update(lines.sort().join('\n')).digest('base64');
}
