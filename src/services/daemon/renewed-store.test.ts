import { expect, it } from 'vitest';
import { Secret } from '../../base/secret.ts';
import type { Credentials, MailStore, StoreSession } from '../../sync/index.ts';
import type { CurrentCredentials } from '../../remote/imap/index.ts';
import { renewedStore } from './renewed-store.ts';

const by = (password: string): Credentials => ({
  kind: 'password',
  user: 'anna',
  authUser: null,
  password: new Secret(password),
});

it('each connection logs in with what is in force then, and one store serves as long as that stays', async () => {
  const logins: string[] = [];
  let stores = 0;
  let inForce = by('first');
  const open = (credentials: Credentials | CurrentCredentials): MailStore => {
    stores++;
    return {
      side: 'old',
      identity: { host: 'old', port: 1, user: 'anna' },
      openSession: async () => {
        if (credentials.kind === 'password') logins.push(credentials.password.reveal());
        return {} as StoreSession;
      },
    };
  };
  const store = renewedStore(inForce, async () => inForce, open);
  await store.openSession();
  inForce = by('first');
  await store.openSession();
  expect(stores).toBe(1);
  inForce = by('second');
  await store.openSession();
  expect(logins).toEqual(['first', 'first', 'second']);
});

it('what keeps it from a password keeps it from a connection', async () => {
  const store = renewedStore(
    by('x'),
    () => Promise.reject(new Error('pending')),
    () => {
      return { side: 'old', identity: { host: '', port: 1, user: '' } } as MailStore;
    },
  );
  await expect(store.openSession()).rejects.toThrow('pending');
});
