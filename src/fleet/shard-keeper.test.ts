/** Whether a keeper still lives, by what its database does. */
import type { KyselyPlugin } from 'kysely';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { FakeClock } from '../../test/fakes/fake-clock.ts';
import { openSimulatedDatabase, type SimulatedDatabase } from '../../test/scenarios/simulated-database.ts';
import { ShardKeeper } from './shard-keeper.ts';

let clock: FakeClock;
let database: SimulatedDatabase;
let does: 'answers' | 'fails' | 'hangs';
let lost: number;
let failures: number;
let keeper: ShardKeeper;

beforeEach(async () => {
  clock = new FakeClock();
  database = await openSimulatedDatabase(clock);
  does = 'answers';
  lost = failures = 0;
  const plugin: KyselyPlugin = {
    transformQuery: ({ node }) => {
      if (does === 'fails') throw new Error('the database is away');
      return node;
    },
    transformResult: async ({ result }) => await (does === 'hangs' ? new Promise(() => {}) : result),
  };
  const holder = {
    taken: () => {},
    given: async () => {},
    lost: () => void lost++,
    workers: () => {},
    failed: () => void failures++,
  };
  keeper = new ShardKeeper({ ...database, urgent: database.urgent.withPlugin(plugin) }, clock, 'w', holder);
  keeper.start();
  await clock.advance(1_000);
});
afterEach(() => database.close());

it('lives while its rounds come to an end', async () => {
  expect(keeper.shards).toHaveLength(256);
  await clock.advance(10 * 60_000);
  expect(keeper.alive).toBe(true);
  expect(keeper.shards).toHaveLength(256);
});

it('lives, without a shard, while the database is away: a new start would not bring it back', async () => {
  does = 'fails';
  await clock.advance(10 * 60_000);
  expect(failures).toBeGreaterThan(100);
  expect(lost).toBe(256);
  expect(keeper.alive).toBe(true);
});

it('lives no more when a round hangs for a minute, and has let go of its shards long before', async () => {
  await clock.advance(3_000);
  does = 'hangs';
  await clock.advance(15_000);
  expect(lost).toBe(256);
  expect(keeper.alive).toBe(true);
  await clock.advance(50_000);
  expect(keeper.alive).toBe(false);
});
