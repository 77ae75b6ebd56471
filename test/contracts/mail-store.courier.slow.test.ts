import { startCourier } from '../lab/courier.ts';
import type { MailStoreWays } from './mail-store-env.ts';
import { goodWays } from './mail-store-env.ts';
import { describeMailStoreContract } from './mail-store.contract.ts';
import { contractUsers, realServerEnv } from './real-server-env.ts';

/** Courier 5.0 keeps no zone, stores lines with LF and the last one with a line end, and gives few reasons. */
const ways: MailStoreWays = {
  ...goodWays,
  keepsZone: false,
  keepsBareLf: false,
  keepsOpenEnd: false,
  emptyBody: 'altered',
  saysWhy: false,
};

describeMailStoreContract('Courier', async () =>
  realServerEnv(await startCourier({ users: contractUsers }), ways),
);
