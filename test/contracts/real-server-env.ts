/** The contract's environment on a real server of the lab: our IMAP client under test, the judge's for deliveries. */
import { systemClock } from '../../src/base/clock.ts';
import { Secret } from '../../src/base/secret.ts';
import { systemTrust } from '../../src/net/tls-trust.ts';
import { openImapStore } from '../../src/remote/imap/index.ts';
import { RawImap } from '../judge/imap-raw.ts';
import type { LabUser } from '../lab/dovecot.ts';
import type { MailStoreEnv, MailStoreWays } from './mail-store-env.ts';

interface LabServer {
  readonly host: string;
  readonly imapPort: number;
  stop(): Promise<void>;
}

/** More accounts than the contract has tests: each test begins with an empty one. */
export const contractUsers: readonly LabUser[] = Array.from({ length: 100 }, (_, i) => ({
  name: `user${i}`,
  password: `secret ${i}`,
}));

export function realServerEnv(server: LabServer, ways: MailStoreWays): MailStoreEnv {
  let next = 0;
  return {
    ways,
    account: async () => {
      const user = contractUsers[next++];
      if (!user) throw new Error('the contract has more tests than there are accounts');
      const login = { host: server.host, port: server.imapPort, user: user.name, password: user.password };
      return {
        store: openImapStore({
          side: 'new',
          host: server.host,
          port: server.imapPort,
          security: 'starttls',
          allowPlaintext: true,
          trust: systemTrust,
          credentials: {
            kind: 'password',
            user: user.name,
            authUser: null,
            password: new Secret(user.password),
          },
          authMechanism: null,
          clock: systemClock,
          connectTimeoutMs: 20_000,
          idleTimeoutMs: 20_000,
        }),
        deliver: async (body) => {
          const raw = await RawImap.login(login);
          await raw.append('INBOX', body);
          await raw.logout();
        },
      };
    },
    close: () => server.stop(),
  };
}
