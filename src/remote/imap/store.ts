/** A mail server seen as a `MailStore`: opens logged-in sessions and remembers what proved broken on the host. */
import { isMailferryError, MailferryError } from '../../base/errors.ts';
import { Connection } from '../../net/connection.ts';
import type { MailStore, StoreSession } from '../../sync/mail-store.ts';
import { logIn } from './login.ts';
import { defaultWatchEveryMs, type ImapStoreOptions } from './options.ts';
import { CommandPipe } from './pipe.ts';
import { ImapSession } from './session.ts';

export function openImapStore(options: ImapStoreOptions): MailStore {
  const broken = new Set<string>();
  const { side, host, port, credentials } = options;

  const openOnce = async (signal: AbortSignal | undefined): Promise<StoreSession> => {
    // Before the connection: a server does not wait long for a login.
    const now = credentials.kind === 'current' ? await credentials.current(signal) : credentials;
    const deadline = options.clock.monotonic() + options.connectTimeoutMs;
    const connection = await Connection.open({
      host,
      port,
      side,
      signal,
      trust: options.trust,
      implicitTls: options.security === 'implicit',
      timeoutMs: options.connectTimeoutMs,
    });
    const pipe = new CommandPipe(connection, {
      side,
      clock: options.clock,
      idleTimeoutMs: options.idleTimeoutMs,
      dripWindowMs: options.dripWindowMs,
    });
    const onAbort = () => pipe.destroy('interrupted', 'interrupted', signal?.reason);
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      const leftMs = Math.max(1, deadline - options.clock.monotonic());
      const { abilities } = await logIn(connection, pipe, { ...options, credentials: now }, broken, leftMs);
      const { allNamespaces = false, watchEveryMs = defaultWatchEveryMs } = options;
      return new ImapSession({ pipe, abilities, side, broken, watchEveryMs }, allNamespaces);
    } catch (error) {
      pipe.destroy('connection-lost', 'login failed', error);
      throw withSide(error, side, `${host}:${port}`);
    } finally {
      signal?.removeEventListener('abort', onAbort);
    }
  };

  return {
    side,
    identity: { host, port, user: credentials.user },
    openSession: async (signal) => {
      const knownBroken = broken.size;
      try {
        return await openOnce(signal);
      } catch (error) {
        // A server that hangs up on ID or ENABLE is asked once more without it (F-103).
        const hungUp = isMailferryError(error, 'connection-lost', 'server-blocked');
        if (broken.size > knownBroken && hungUp && !signal?.aborted) return await openOnce(signal);
        const another = credentials.kind === 'current' && isMailferryError(error, 'token-refused');
        if (another && credentials.refused() && !signal?.aborted) return await openOnce(signal);
        throw error;
      }
    },
  };
}

function withSide(error: unknown, side: 'old' | 'new', place: string): unknown {
  if (!(error instanceof MailferryError)) return error;
  if (error.side !== undefined && error.message.includes(place.split(':')[0] ?? '')) return error;
  const { serverText, retryAfterMs, atLogin } = error;
  return new MailferryError(error.code, `${place}: ${error.message}`, {
    side,
    cause: error,
    serverText,
    retryAfterMs,
    atLogin,
  });
}
