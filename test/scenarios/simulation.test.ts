/**
 * Fleets in simulated time. A seed that fails here fails alike by `node test/scenarios/simulate.ts --seed N`; with
 * `--seconds` that goes on with ever new ones.
 */
import { afterAll, expect, it } from 'vitest';
import { onPostgres } from './scenario-database.ts';
import { stopSimulatedPostgres } from './simulated-postgres.ts';
import { simulate } from './simulation.ts';

// A question of PostgreSQL takes real time.
const seeds = Array.from({ length: onPostgres ? 6 : 32 }, (_, i) => i + 1);

afterAll(stopSimulatedPostgres);

it.each(seeds)('fleet %i comes to rest with every promise kept', async (seed) => {
  const { violations, log } = await simulate(seed);
  expect(violations, log.slice(-100).join('\n')).toEqual([]);
});

it.skipIf(onPostgres)('a seed replays exactly', async () => {
  const [first, second] = [await simulate(513), await simulate(513)];
  expect(second.log).toEqual(first.log);
  expect(first.log.length).toBeGreaterThan(50);
});
