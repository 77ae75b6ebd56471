/**
 * Changes made by others, told as they happen: NOTIFY (RFC 5465) for all mailboxes on one connection, else IDLE
 * (RFC 2177) for one. Nothing else is written meanwhile; the connection goes on afterwards.
 *
 * NOTIFY: UNSELECT -> look -> NOTIFY SET -> ready -> STATUS as they come, now and then a look -> NOTIFY NONE
 * IDLE:   EXAMINE -> (IDLE -> `+` -> ready -> EXISTS, EXPUNGE, FETCH as they come -> DONE -> OK)...
 */
import { MailferryError } from '../../../base/errors.ts';
import type { MailboxName, WatchListener } from '../../../sync/mail-store.ts';
import type { ImapResponse } from '../../../wire/imap/response.ts';
import { mailboxArgument } from '../command-text.ts';
import type { CommandPart } from '../command.ts';
import { type CommandContext, expectOk, maxCommandBytes, throwIfThrottled } from './context.ts';
import { canLook, look } from './look.ts';
import { select } from './select.ts';

type Watched = readonly MailboxName[] | 'all';

export async function watch(
  context: CommandContext,
  mailboxes: Watched,
  listener: WatchListener,
  signal: AbortSignal,
): Promise<void> {
  if (signal.aborted) return;
  const { abilities, broken } = context;
  // A selected mailbox would be told of in another way (RFC 5465 §6.1), so there must be none.
  const canUnselect = ['UNSELECT', 'IMAP4REV2'].some((name) => abilities.capabilities.includes(name));
  if (abilities.notify && canUnselect && !broken.has('NOTIFY')) {
    if (await watchByNotify(context, mailboxes, readyFirst(listener), signal)) return;
    broken.add('NOTIFY');
  }
  if (!abilities.idle) {
    const text = `the ${context.side} server offers neither NOTIFY nor IDLE`;
    throw new MailferryError('command-refused', text, { side: context.side });
  }
  const name = mailboxes === 'all' ? 'INBOX' : mailboxes[0];
  if (name !== undefined) await watchByIdle(context, name, readyFirst(listener), signal);
}

/** Keeps what the server tells in the same breath as its OK until `ready` has been called. */
function readyFirst(listener: WatchListener): WatchListener {
  let early: MailboxName[] | null = [];
  return {
    ready: (covered, looks) => {
      listener.ready(covered, looks);
      for (const name of early ?? []) listener.changed(name);
      early = null;
    },
    changed: (name) => {
      if (early === null) listener.changed(name);
      else early.push(name);
    },
  };
}

/** False where the server refuses NOTIFY or these events (BADEVENT); then IDLE has to do. */
async function watchByNotify(
  context: CommandContext,
  mailboxes: Watched,
  listener: WatchListener,
  signal: AbortSignal,
): Promise<boolean> {
  const { pipe, broken } = context;
  const wanted = mailboxes === 'all' ? null : new Set(mailboxes);
  let wake: () => void = () => undefined;
  let overflowed = false;
  pipe.onUnsolicited = (response) => {
    const name = toldOf(response);
    if (name !== null && (wanted === null || wanted.has(name))) listener.changed(name);
    if (response.kind === 'condition' && response.code?.name === 'NOTIFICATIONOVERFLOW') {
      overflowed = true;
      wake();
    }
  };
  const set = (withStatus: boolean) => {
    const filter = filterOf(context, mailboxes);
    return pipe.run('NOTIFY', [` SET ${withStatus ? 'STATUS ' : ''}(`, ...filter, ')']);
  };
  // NO and BAD are harmless here: nothing was selected, then.
  await pipe.run('UNSELECT', []);
  try {
    let seen = canLook(context) ? await look(context) : null;
    let answer = await set(false);
    throwIfThrottled(context, answer);
    if (answer.status !== 'OK' && mailboxes === 'all' && !broken.has(subscriptionEvent)) {
      // Not every server tells of subscriptions, and it refuses all for one that it does not know (BADEVENT, RFC 5465 §5).
      broken.add(subscriptionEvent);
      answer = await set(false);
      throwIfThrottled(context, answer);
    }
    if (answer.status !== 'OK') return false;
    listener.ready(mailboxes, seen !== null);
    while (!signal.aborted) {
      await pause(context.watchEveryMs, signal, (resolve) => {
        wake = resolve;
        pipe.onStopped = resolve;
        if (overflowed || pipe.closed) resolve();
      });
      if (pipe.failure !== null) throw pipe.failure;
      if (signal.aborted) break;
      if (overflowed) {
        // The server has stopped telling (RFC 5465 §5.8); STATUS makes it tell the state of every mailbox at once.
        overflowed = false;
        expectOk(context, 'NOTIFY', await set(true));
      } else if (seen === null) await pipe.run('NOOP', []);
      else {
        const now = await look(context);
        if (now !== seen) listener.changed(mailboxes === 'all' ? 'INBOX' : (mailboxes[0] ?? 'INBOX'));
        seen = now ?? seen;
      }
    }
    await pipe.run('NOTIFY', [' NONE']);
    return true;
  } finally {
    pipe.onUnsolicited = null;
    pipe.onStopped = null;
  }
}

const subscriptionEvent = 'SubscriptionChange';

/** MessageNew and MessageExpunge have to be asked for together, FlagChange with both (RFC 5465 §5). */
const events = 'MessageNew MessageExpunge FlagChange';

function filterOf(context: CommandContext, mailboxes: Watched): CommandPart[] {
  if (mailboxes !== 'all') {
    const bytes = mailboxes.reduce((sum, name) => sum + name.length + 10, 0);
    // Above that the server tells of all, and what was not asked for is dropped here.
    if (bytes < maxCommandBytes && mailboxes.length > 0) {
      const names = mailboxes.flatMap((name, i) => [
        i === 0 ? '' : ' ',
        ...mailboxArgument(name, context.abilities.literal),
      ]);
      return ['mailboxes (', ...names, `) (${events})`];
    }
  }
  const optional = context.broken.has(subscriptionEvent) ? '' : `${subscriptionEvent} `;
  return [`personal (MailboxName ${optional}${events})`];
}

/** The mailbox that a response outside any command is about. */
function toldOf(response: ImapResponse): MailboxName | null {
  if (response.kind !== 'status' && response.kind !== 'list') return null;
  return response.mailbox.toUpperCase() === 'INBOX' ? 'INBOX' : response.mailbox;
}

async function watchByIdle(
  context: CommandContext,
  name: MailboxName,
  listener: WatchListener,
  signal: AbortSignal,
): Promise<void> {
  await select(context, name, 'read');
  let ready = false;
  while (!signal.aborted) {
    await idle(context, signal, {
      begun: () => {
        if (!ready) listener.ready([name], false);
        ready = true;
      },
      told: () => listener.changed(name),
    });
  }
}

/** One IDLE, ended by DONE after `watchEveryMs` or when the signal aborts; never before the server's `+`. */
async function idle(
  context: CommandContext,
  signal: AbortSignal,
  on: { begun(): void; told(): void },
): Promise<void> {
  const { pipe } = context;
  let state: 'asked' | 'idling' | 'done' = 'asked';
  const over = new AbortController();
  const end = () => {
    if (state !== 'idling') return;
    state = 'done';
    pipe.raw(Buffer.from('DONE\r\n'));
  };
  try {
    const answer = await pipe.run('IDLE', [], {
      alone: true,
      maySilent: () => state === 'idling',
      continuation: () => {
        if (state !== 'asked') return;
        state = 'idling';
        on.begun();
        void pause(context.watchEveryMs, AbortSignal.any([signal, over.signal])).then(end);
      },
      untagged: (response) => {
        const change = ['exists', 'expunge', 'vanished', 'fetch'].includes(response.kind);
        if (change) on.told();
        return change;
      },
    });
    expectOk(context, 'IDLE', answer);
  } finally {
    over.abort();
  }
}

/** Resolves after `ms`, when the signal aborts, or by what `early` is given. */
function pause(
  ms: number,
  signal: AbortSignal,
  early: (resolve: () => void) => void = () => undefined,
): Promise<void> {
  return new Promise((resolve) => {
    const finish = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', finish);
      resolve();
    };
    const timer = setTimeout(finish, ms);
    signal.addEventListener('abort', finish, { once: true });
    early(finish);
    if (signal.aborted) finish();
  });
}
