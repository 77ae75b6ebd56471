/**
 * LIST with everything the engine wants to know of every mailbox: one round trip with LIST-EXTENDED, LIST-STATUS and
 * SPECIAL-USE (RFC 5258, RFC 5819, RFC 6154), else LIST, LSUB and a pipelined STATUS per mailbox.
 */
import type { ListedMailbox, MailboxStatus, StoreListing } from '../../../sync/mail-store.ts';
import type { ImapResponse, Namespace } from '../../../wire/imap/response.ts';
import { isMailferryError } from '../../../base/errors.ts';
import { type CommandContext, expectOk, throwIfThrottled } from './context.ts';
import { refusal } from '../refusal.ts';
import { mailboxStatus, status, statusItems } from './status.ts';

type ListResponse = Extract<ImapResponse, { kind: 'list' | 'lsub' }>;

interface Collected {
  readonly listed: Map<string, ListResponse>;
  readonly statuses: Map<string, MailboxStatus>;
}

export async function list(
  context: CommandContext,
  namespaces: { personal: readonly Namespace[]; foreign: readonly Namespace[] },
): Promise<StoreListing> {
  const prefix = namespaces.personal[0]?.prefix ?? '';
  const collected: Collected = { listed: new Map(), statuses: new Map() };
  const oneTrip = context.abilities.listStatus && !context.broken.has('LIST-STATUS');
  if (oneTrip) await listWithStatus(context, collected);
  if (!oneTrip || context.broken.has('LIST-STATUS')) await listPlain(context, collected);
  // Seen at a German provider: LIST leaves INBOX out, though it always exists (F-107).
  if (!collected.listed.has('INBOX'))
    await context.pipe.run('LIST', [' "" "INBOX"'], { untagged: collect(collected, 'list') });
  const subscribed = oneTrip && !context.broken.has('LIST-STATUS') ? null : await lsub(context);

  const isForeign = (name: string) =>
    namespaces.foreign.some((n) => {
      const base = n.delimiter !== null && n.prefix.endsWith(n.delimiter) ? n.prefix.slice(0, -1) : n.prefix;
      return base !== '' && (name === base || name.startsWith(n.prefix));
    });
  const own = [...collected.listed.values()].filter((entry) => !isForeign(entry.mailbox));
  const selectable = own.filter((entry) => canSelect(entry));
  const problems = await fillStatuses(context, selectable, collected.statuses);

  const mailboxes = own.map((entry): ListedMailbox => {
    const attributes = entry.attributes.map((a) => a.toLowerCase());
    return {
      name: entry.mailbox,
      delimiter: entry.delimiter,
      selectable: canSelect(entry),
      specialUse: specialUses.filter((use) => attributes.includes(`\\${use}`)),
      subscribed: subscribed === null ? attributes.includes('\\subscribed') : subscribed.has(entry.mailbox),
      status: collected.statuses.get(entry.mailbox) ?? null,
      problem: problems.get(entry.mailbox) ?? null,
      // Dovecot 2.3, for a while after a DELETE above others: LIST without \NonExistent, STATUS "doesn't exist".
      missing: refusal(null, problems.get(entry.mailbox) ?? '').class === 'nonexistent',
    };
  });
  const delimiter =
    namespaces.personal[0]?.delimiter ?? own.find((m) => m.delimiter !== null)?.delimiter ?? null;
  return { mailboxes, prefix, delimiter };
}

const specialUses = ['sent', 'drafts', 'trash', 'junk', 'archive', 'all', 'flagged', 'important'];

function canSelect(entry: ListResponse): boolean {
  return !entry.attributes.some((a) => /^\\(noselect|nonexistent)$/i.test(a));
}

function collect(into: Collected, kind: 'list' | 'lsub'): (response: ImapResponse) => boolean {
  return (response) => {
    if (response.kind === kind) {
      const name = inboxFolded(response.mailbox);
      if (!into.listed.has(name))
        into.listed.set(name, { ...response, mailbox: name as typeof response.mailbox });
      return true;
    }
    if (response.kind === 'status') {
      const known = mailboxStatus(response.attributes);
      if (known !== null) into.statuses.set(inboxFolded(response.mailbox), known);
      return true;
    }
    return false;
  };
}

/** INBOX is one mailbox in any case (RFC 9051 §5.1), at top level only. */
function inboxFolded(name: string): string {
  return name.toUpperCase() === 'INBOX' ? 'INBOX' : name;
}

async function listWithStatus(context: CommandContext, into: Collected): Promise<void> {
  const uses = context.abilities.specialUse ? ' SPECIAL-USE' : '';
  const answer = await context.pipe.run(
    'LIST',
    [` "" "*" RETURN (SUBSCRIBED${uses} STATUS (${statusItems(context)}))`],
    { untagged: collect(into, 'list') },
  );
  if (answer.status === 'OK') return;
  throwIfThrottled(context, answer);
  // Advertised but broken (F-103): one downgrade, remembered for this host.
  context.broken.add('LIST-STATUS');
  into.listed.clear();
  into.statuses.clear();
}

async function listPlain(context: CommandContext, into: Collected): Promise<void> {
  const withUse = context.abilities.specialUse && !context.broken.has('SPECIAL-USE');
  const extended = context.abilities.capabilities.includes('LIST-EXTENDED');
  if (withUse && extended) {
    const answer = await context.pipe.run('LIST', [' "" "*" RETURN (SPECIAL-USE)'], {
      untagged: collect(into, 'list'),
    });
    if (answer.status === 'OK') return;
    throwIfThrottled(context, answer);
    context.broken.add('SPECIAL-USE');
    into.listed.clear();
  }
  expectOk(context, 'LIST', await context.pipe.run('LIST', [' "" "*"'], { untagged: collect(into, 'list') }));
}

async function lsub(context: CommandContext): Promise<Set<string>> {
  const into: Collected = { listed: new Map(), statuses: new Map() };
  throwIfThrottled(context, await context.pipe.run('LSUB', [' "" "*"'], { untagged: collect(into, 'lsub') }));
  // \Noselect in LSUB marks a parent that is not subscribed itself (RFC 3501 §6.3.9).
  return new Set([...into.listed].filter(([, entry]) => canSelect(entry)).map(([name]) => name));
}

/** STATUS for those that LIST did not tell of; a mailbox that refuses spoils only itself (F-74). */
async function fillStatuses(
  context: CommandContext,
  selectable: readonly ListResponse[],
  statuses: Map<string, MailboxStatus>,
): Promise<Map<string, string>> {
  const problems = new Map<string, string>();
  const ask = async (name: string) => {
    try {
      statuses.set(name, await status(context, name));
    } catch (error) {
      if (!isMailferryError(error, 'mailbox-unusable')) throw error;
      problems.set(name, error.serverText ?? error.message);
    }
  };
  await Promise.all(
    selectable.filter((entry) => !statuses.has(entry.mailbox)).map((entry) => ask(entry.mailbox)),
  );
  return problems;
}

/** NAMESPACE (RFC 2342); where it is missing, one personal namespace without prefix is assumed. */
export async function namespace(
  context: CommandContext,
): Promise<{ personal: readonly Namespace[]; foreign: readonly Namespace[] }> {
  let personal: readonly Namespace[] = [];
  let foreign: readonly Namespace[] = [];
  if (!context.abilities.capabilities.includes('NAMESPACE')) return { personal, foreign };
  await context.pipe.run('NAMESPACE', [], {
    untagged: (response) => {
      if (response.kind !== 'namespace') return false;
      personal = response.personal;
      foreign = [...response.otherUsers, ...response.shared];
      return true;
    },
  });
  return { personal, foreign };
}
