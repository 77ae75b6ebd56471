/** A store whose password is renewed while it is in use: each new connection logs in with what is in force by then. */
import type { CurrentCredentials } from '../../remote/imap/index.ts';
import type { Credentials, MailStore } from '../../sync/index.ts';

type Any = Credentials | CurrentCredentials;

/** `now`: what to log in with; rejects as `MailStore.openSession` may. */
export function renewedStore(
  first: Any,
  now: () => Promise<Any>,
  open: (credentials: Any) => MailStore,
): MailStore {
  let used = first;
  let store = open(first);
  return {
    side: store.side,
    identity: store.identity,
    openSession: async (signal) => {
      const next = await now();
      if (!isSame(used, next)) {
        used = next;
        store = open(next);
      }
      return await store.openSession(signal);
    },
  };
}

function isSame(one: Any, other: Any): boolean {
  return JSON.stringify(wordsOf(one)) === JSON.stringify(wordsOf(other));
}

function wordsOf(credentials: Any): readonly (string | null)[] {
  const { kind, user } = credentials;
  // A token is asked for by the store itself.
  if (kind === 'current') return [kind, user];
  if (kind === 'token') return [kind, user, credentials.token.reveal()];
  return [kind, user, credentials.authUser, credentials.password.reveal()];
}
