/**
 * Asks the old server whether a password opens a mailbox: LOGIN, then INBOX. A proxy in front may say OK to a login that
 * its backend refuses. Counts what is there while the door is open.
 */
import { type Clock, systemClock } from '../base/clock.ts';
import { isMailferryError, MailferryError } from '../base/errors.ts';
import { displayName } from '../domain/mailbox-mapping.ts';
import type { MailboxCheck, MailboxCount, MailboxVerdict } from '../portal/login/mailbox-check.ts';
import { openImapStore } from '../remote/imap/index.ts';
import type { StoreListing, StoreSession } from '../sync/index.ts';
import type { ServerConfiguration } from './configuration/schema.ts';
import { trustOf } from './daemon/account-engines.ts';

/** People wait for the answer. */
const connectTimeoutMs = 8_000;
/** Of the whole check; Dovecot needs two seconds to refuse. */
const deadlineMs = 15_000;
/** The login does not wait longer for numbers. */
const countMs = 3_000;
/** Of a mailbox's count, as many mailboxes are named. */
const maxMailboxes = 500;

export function mailboxCheck(server: ServerConfiguration, clock: Clock = systemClock): MailboxCheck {
  const trust = trustOf(server);
  return async (user, password): Promise<MailboxVerdict> => {
    // Neither can be part of a login, and NUL ends a string on some servers.
    if (/[\0\r\n]/.test(user + password.reveal()) || user === '') return { kind: 'wrong' };
    const store = openImapStore({
      side: 'old',
      host: server.host,
      port: server.port ?? (server.tls === 'implicit' ? 993 : 143),
      security: server.tls,
      allowPlaintext: server.tls === 'none' || server.allow_plaintext,
      trust,
      credentials: { kind: 'password', user, authUser: null, password },
      authMechanism: null,
      clock,
      connectTimeoutMs,
      idleTimeoutMs: deadlineMs,
    });
    const deadline = new AbortController();
    const late = setTimeout(() => {
      deadline.abort(new MailferryError('connect-timeout', 'the server did not answer in time'));
    }, deadlineMs);
    let session: StoreSession | null = null;
    try {
      session = await store.openSession(deadline.signal);
      const open = session;
      deadline.signal.addEventListener('abort', () => open.destroy(deadline.signal.reason));
      await open.select('INBOX', 'read');
      return { kind: 'right', count: await counted(open, clock) };
    } catch (error) {
      if (isMailferryError(error, 'login-refused', 'account-locked')) return { kind: 'wrong' };
      return { kind: 'unknown', reason: isMailferryError(error) ? error.code : 'internal' };
    } finally {
      clearTimeout(late);
      void session?.close();
    }
  };
}

/** Null where it takes too long or fails. */
async function counted(session: StoreSession, clock: Clock): Promise<MailboxCount | null> {
  const patience = new AbortController();
  const late = clock.sleep(countMs, patience.signal).then(
    () => null,
    () => null,
  );
  try {
    const listing = await Promise.race([session.list(), late]);
    return listing === null ? null : countOf(listing);
  } catch {
    return null;
  } finally {
    patience.abort();
  }
}

function countOf({ mailboxes }: StoreListing): MailboxCount {
  return {
    mailboxes: mailboxes
      .flatMap(({ name, specialUse, status }) => {
        if (status === null) return [];
        const role = name.toUpperCase() === 'INBOX' ? 'inbox' : (specialUse[0] ?? null);
        return [{ name: displayName(name), role, messages: status.messages, bytes: status.sizeBytes }];
      })
      .slice(0, maxMailboxes),
  };
}
