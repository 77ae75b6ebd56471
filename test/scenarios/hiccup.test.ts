/** A database that is away for a moment leaves no account without somebody who works for it, in simulated time. */
import type { KyselyPlugin } from 'kysely';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fill } from '../interruption/scenarios-copy.ts';
import { type MemoryFleet, makeMemoryFleet } from './memory-fleet.ts';

let fleet: MemoryFleet;

beforeEach(async () => {
  fleet = await makeMemoryFleet();
});
afterEach(() => fleet.close());

test('a shard whose accounts cannot be read when it is taken is worked for when they can', async () => {
  const account = await fleet.add();
  fill(account.world, 'INBOX', 'a');
  let refused = 0;
  const plugin: KyselyPlugin = {
    transformQuery: ({ node }) => {
      const asked = JSON.stringify(node);
      if (asked.includes('"shard"') && asked.includes('"in-step"') && fleet.clock.monotonic() < 3_000) {
        refused++;
        throw new Error('the database is away');
      }
      return node;
    },
    transformResult: async ({ result }) => result,
  };
  Object.assign(fleet.database, { db: fleet.database.db.withPlugin(plugin) });
  await fleet.start();
  await fleet.inStep(account);
  expect(refused).toBeGreaterThan(0);
});
