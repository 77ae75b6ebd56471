import { describe } from 'vitest';
import type { DovecotOptions } from '../lab/dovecot.ts';
import { dovecotIsInstalled, startDovecot } from '../lab/dovecot.ts';
import type { MailStoreWays } from './mail-store-env.ts';
import { goodWays } from './mail-store-env.ts';
import { describeMailStoreContract } from './mail-store.contract.ts';
import { contractUsers, realServerEnv } from './real-server-env.ts';

/** Dovecot 2.3 keeps no zone, stores lines with LF, gives NUL as 0x80 in BODY[], and refuses a message of no bytes. */
const ways: MailStoreWays = {
  ...goodWays,
  keepsZone: false,
  keepsBareLf: false,
  keepsNul: false,
  emptyBody: 'refused',
};

function dovecotEnv(options: Partial<DovecotOptions> = {}) {
  return async () =>
    realServerEnv(await startDovecot({ users: contractUsers, tls: false, ...options }), ways);
}

describe.skipIf(!dovecotIsInstalled())('real servers (needs Dovecot)', () => {
  describeMailStoreContract('Dovecot', dovecotEnv());

  describeMailStoreContract(
    'Dovecot with INBOX. and little announced',
    dovecotEnv({
      namespacePrefix: 'INBOX.',
      separator: '.',
      literal: 'synchronising',
      hideCapabilities: [
        'NOTIFY',
        'MULTIAPPEND',
        'UIDPLUS',
        'CONDSTORE',
        'QRESYNC',
        'MOVE',
        'BINARY',
        'ESEARCH',
        'LIST-STATUS',
        'LIST-EXTENDED',
        'SPECIAL-USE',
      ],
    }),
  );
});
