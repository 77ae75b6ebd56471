/** NOTIFY and IDLE of the fake: changes to a mailbox, whoever made them, told until the watch is stopped. */
import { MailferryError } from '../../src/base/errors.ts';
import type { MailboxName, WatchListener } from '../../src/sync/mail-store.ts';
import { openMailbox } from './fake-listing.ts';
import type { FakeSession } from './fake-session.ts';

/** All of them by NOTIFY, the first by IDLE; rejects where the server has neither. */
export function coveredBy(
  session: FakeSession,
  mailboxes: readonly MailboxName[] | 'all',
): readonly MailboxName[] | 'all' {
  const { abilities, side } = session;
  if (abilities.notify && !session.isBroken('notify', null)) return mailboxes;
  if (!abilities.idle) {
    const text = `the ${side} server offers neither NOTIFY nor IDLE`;
    throw new MailferryError('command-refused', text, { side });
  }
  return mailboxes === 'all' ? ['INBOX'] : mailboxes.slice(0, 1);
}

export function watchMailboxes(
  session: FakeSession,
  mailboxes: readonly MailboxName[] | 'all',
  listener: WatchListener,
  signal: AbortSignal,
): Promise<void> {
  const covered = coveredBy(session, mailboxes);
  session.selected = null;
  if (!session.abilities.notify && covered !== 'all') {
    for (const name of covered) openMailbox(session, name, 'read');
  }
  return new Promise((resolve) => {
    const stop = session.server.onChange((name) => {
      if (session.closed || session.server.applies('silent-watch', name)) return;
      if (covered === 'all' || covered.includes(name)) listener.changed(name);
    });
    listener.ready(covered, false);
    const end = () => {
      stop();
      resolve();
    };
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  });
}
