import { startCyrus } from '../lab/cyrus.ts';
import type { MailStoreWays } from './mail-store-env.ts';
import { goodWays } from './mail-store-env.ts';
import { describeMailStoreContract } from './mail-store.contract.ts';
import { contractUsers, realServerEnv } from './real-server-env.ts';

/** Cyrus 3.6 keeps no zone, overwrites 8-bit bytes in headers, and refuses bare LF and messages of no bytes. */
const ways: MailStoreWays = {
  ...goodWays,
  keepsZone: false,
  keepsBareLf: false,
  keepsNul: false,
  keepsEightBitHeader: false,
  emptyBody: 'refused',
  refusesNames: ['a "quoted" name', 'back\\slash', '{5}'],
};

/** Without its idled, Cyrus looks for changes once a minute while a client idles; here once a second. */
const extra = 'imapidlepoll: 1';

describeMailStoreContract('Cyrus', async () =>
  realServerEnv(await startCyrus({ users: contractUsers, extra }), ways),
);

describeMailStoreContract('Cyrus with INBOX. names', async () =>
  realServerEnv(await startCyrus({ users: contractUsers, altNamespace: false, extra }), ways),
);
