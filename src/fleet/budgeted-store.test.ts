import { expect, test } from 'vitest';
import { FakeClock } from '../../test/fakes/fake-clock.ts';
import { FakeMailStore } from '../../test/fakes/fake-mail-store.ts';
import { FakeServer } from '../../test/fakes/fake-server.ts';
import { bytesOf } from '../base/bytes.ts';
import { BudgetedStore } from './budgeted-store.ts';
import { ServerBudget } from './server-budget.ts';

/** A session of an account that this worker holds until `lose`. */
async function held() {
  const server = new FakeServer();
  const clock = new FakeClock();
  let mayWrite = true;
  const store = new BudgetedStore(new FakeMailStore(server), new ServerBudget(clock, () => 0.5, 10), clock, {
    listens: false,
    maxConnections: 3,
    mayWrite: () => mayWrite,
    master: false,
    opened: () => {},
  });
  const stored = () => server.mailbox('INBOX').messages.map(({ body }) => Buffer.from(body).toString());
  const lose = () => {
    mayWrite = false;
  };
  return { session: await store.openSession(), stored, lose };
}

/** Eight octets in two pieces. */
const streamed = (between: () => void = () => {}) => ({
  flags: [],
  internalDate: null,
  sizeBytes: 8,
  binary: false,
  body: async (write: (bytes: Uint8Array) => void | Promise<void>) => {
    await write(bytesOf('half'));
    between();
    await write(bytesOf('half'));
  },
});

test('a message flows through piece by piece', async () => {
  const { session, stored } = await held();
  expect(await session.append('INBOX', [streamed()])).toMatchObject({ kind: 'stored' });
  expect(stored()).toEqual(['halfhalf']);
});

test('whoever lost the account in the middle of a message does not send its end', async () => {
  const { session, stored, lose } = await held();
  expect(await session.append('INBOX', [streamed(lose)])).toMatchObject({ kind: 'unknown' });
  expect(stored()).toEqual([]);
});

test('whoever lost the account begins nothing', async () => {
  const { session, stored, lose } = await held();
  lose();
  expect(() => session.append('INBOX', [streamed()])).toThrow(/other hands/);
  expect(stored()).toEqual([]);
});
