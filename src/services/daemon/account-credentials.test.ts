import { describe, expect, it } from 'vitest';
import { Secret } from '../../base/secret.ts';
import type { CurrentCredentials } from '../../remote/imap/index.ts';
import { signInBy } from '../../domain/sign-in.ts';
import { accountCredentials, type CredentialSources } from './account-credentials.ts';

const account = { id: '1', address: 'anna@example.org', oldLogin: 'anna', newLogin: 'anna' };
const held = (login: string) => ({ login, secret: new Secret(login) });
const current = (user: string): CurrentCredentials => ({
  kind: 'current',
  user,
  current: () => Promise.reject(new Error('nobody logs in')),
  refused: () => false,
});
const both = [true, false];
const all = both.flatMap((app) =>
  both.flatMap((own) => both.flatMap((token) => both.map((master) => ({ app, own, token, master })))),
);

describe('what people are told of the sync’s sign-in is what it signs in with', () => {
  it.each(all)(
    'app password $app, own password $own, token $token, master user $master',
    async ({ app, own, token, master }) => {
      const sources = {
        configuration: { old: { master_login: 'authzid' }, new: {} } as CredentialSources['configuration'],
        secrets: new Map(),
        appPasswordOf: async () => (app ? new Secret('app-password') : null),
        secretOf: async () => (own ? held('own-password') : null),
        accessTokenOf: (_account: object, _side: string, user: string) => (token ? current(user) : null),
        masterOf: async () => (master ? held('master-user') : null),
      };
      const used = await accountCredentials(sources, account, 'old').then(
        (credentials) => (credentials.kind === 'password' ? credentials.password.reveal() : 'access-token'),
        () => null,
      );
      expect(used).toBe(
        signInBy({ 'app-password': app, 'own-password': own, 'access-token': token, 'master-user': master }),
      );
    },
  );
});
