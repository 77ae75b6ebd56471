import type { FakeServerOptions } from '../fakes/fake-server.ts';
import { FakeMailStore } from '../fakes/fake-mail-store.ts';
import { FakeServer } from '../fakes/fake-server.ts';
import { goodWays } from './mail-store-env.ts';
import { describeMailStoreContract } from './mail-store.contract.ts';

function fakeEnv(options: FakeServerOptions = {}) {
  return async () => ({
    ways: goodWays,
    account: async () => {
      const server = new FakeServer(options);
      return {
        store: new FakeMailStore(server),
        deliver: async (body: Uint8Array) => {
          server.user.append('INBOX', body);
        },
      };
    },
    close: async () => undefined,
  });
}

describeMailStoreContract('the fake with all abilities', fakeEnv());

describeMailStoreContract(
  'the fake with none',
  fakeEnv({
    prefix: 'INBOX.',
    delimiter: '.',
    abilities: {
      multiAppend: false,
      uidPlus: false,
      literal: 'synchronising',
      condStore: false,
      qResync: false,
      move: false,
      binary: false,
      specialUse: false,
      createSpecialUse: false,
      listStatus: false,
      objectId: false,
      quota: false,
    },
  }),
);

describeMailStoreContract(
  'the fake with CONDSTORE and LITERAL- only',
  fakeEnv({ abilities: { qResync: false, literal: 'minus', move: false } }),
);
