/** A database that is away for a moment leaves no account without somebody who works for it, in simulated time. */
import type { KyselyPlugin } from 'kysely';
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest';
import { detailsOf } from '../../src/state/database/account-detail.ts';
import { accountOf } from '../../src/state/database/accounts.ts';
import { progressOf } from '../../src/state/database/progress.ts';
import { type MemoryFleet, makeMemoryFleet } from './memory-fleet.ts';
import { stopSimulatedPostgres } from './simulated-postgres.ts';

let fleet: MemoryFleet;

afterAll(stopSimulatedPostgres);
beforeEach(async () => {
  fleet = await makeMemoryFleet();
});
afterEach(() => fleet.close());

/** Whatever this holds for throws, as a database does that is away. */
function away(isAsked: (question: string) => boolean): { readonly refused: () => number } {
  let refused = 0;
  const plugin: KyselyPlugin = {
    transformQuery: ({ node }) => {
      if (!isAsked(JSON.stringify(node))) return node;
      refused++;
      throw new Error('the database is away');
    },
    transformResult: async ({ result }) => result,
  };
  Object.assign(fleet.database, { db: fleet.database.db.withPlugin(plugin) });
  return { refused: () => refused };
}

test('a shard whose accounts cannot be read when it is taken is worked for when they can', async () => {
  const account = await fleet.add();
  account.deliver('INBOX', 'a');
  const { refused } = away(
    (asked) => asked.includes('"shard"') && asked.includes('"in-step"') && fleet.clock.monotonic() < 3_000,
  );
  await fleet.start();
  await fleet.inStep(account);
  expect(refused()).toBeGreaterThan(0);
  expect(await fleet.judged()).toEqual([]);
});

test('an account that is started while the database is away is worked for when it is back', async () => {
  let until = Number.POSITIVE_INFINITY;
  const { refused } = away(
    (asked) =>
      asked.includes('SelectQueryNode') &&
      asked.includes('"account_progress"') &&
      fleet.clock.monotonic() < until,
  );
  const first = await fleet.add();
  first.deliver('INBOX', 'a');
  until = 0;
  await fleet.start();
  await fleet.inStep(first);
  until = fleet.clock.monotonic() + 10_000;
  const second = await fleet.add();
  second.deliver('INBOX', 'a');
  const since = fleet.clock.monotonic();
  await fleet.inStep(second);
  expect(refused()).toBeGreaterThan(0);
  // By the event, not by the look at all accounts a minute later.
  expect(fleet.clock.monotonic() - since).toBeLessThan(40_000);
  expect(await fleet.judged()).toEqual([]);
});

test('an account whose event was lost is found within about a minute', async () => {
  const account = await fleet.add();
  const phase = (to: string) =>
    fleet.database.db.updateTable('account').set({ phase: to }).where('id', '=', account.id).execute();
  await phase('old');
  await fleet.start();
  await fleet.clock.sleep(20_000);
  await phase('copying');
  await fleet.until(65_000, async () => (await accountOf(fleet.database.db, account.id)).phase === 'in-step');
  expect(await fleet.judged()).toEqual([]);
});

test('what could not be saved is saved later, though nothing happens any more', async () => {
  const account = await fleet.add();
  account.deliver('INBOX', 'a');
  const { refused } = away(
    (asked) =>
      asked.includes('InsertQueryNode') &&
      (asked.includes('"account_progress"') || asked.includes('"account_detail"')) &&
      fleet.clock.monotonic() < 20_000,
  );
  await fleet.start();
  await fleet.inStep(account);
  await fleet.clock.sleep(25_000);
  expect(refused()).toBeGreaterThan(0);
  const ids = [account.id];
  const progress = (await progressOf(fleet.database.db, ids)).get(account.id);
  const detail = (await detailsOf(fleet.database.db, ids)).get(account.id);
  expect(progress).toMatchObject({ activity: 'following' });
  expect(progress?.messagesDone).toBeGreaterThan(0);
  expect(detail?.detail.mailboxes[0]).toMatchObject({ name: 'INBOX', complete: true });
  expect(await fleet.judged()).toEqual([]);
});
