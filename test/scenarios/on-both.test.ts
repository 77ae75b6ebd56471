/** Scenarios that choose their database by scenario-database.ts run on both: none is forgotten in the list of the second run. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const here = import.meta.dirname;
const chooses = /from '\.\/(scenario-database|serve-env|memory-fleet|simulation|worker-env)\.ts'/;
/** Bring up PostgreSQL by themselves, need no database, or say for each test on which they run. */
const other = [
  'canary.slow',
  'on-both',
  'takeover.slow',
  'two-workers',
  'budget',
  'worker',
  'mail-load.slow',
  'mail-routes.slow',
  'mail-submission.slow',
  'mail-by-database.slow',
  'mail-inside.slow',
  // What the edge's host says has nothing to do with control's database.
  'doctor.slow',
];

test('every scenario is in the project "on PostgreSQL"', () => {
  const config = readFileSync(join(here, '../../vitest.config.ts'), 'utf8');
  const scenarios = readdirSync(here).flatMap((name) => /^(.*)\.test\.ts$/.exec(name)?.[1] ?? []);
  const wanted = scenarios
    .filter((name) => chooses.test(readFileSync(join(here, `${name}.test.ts`), 'utf8')))
    .filter((name) => !other.includes(name));
  expect(wanted.length).toBeGreaterThan(10);
  expect(wanted.filter((name) => !config.includes(`'${name.replace(/\.slow$/, '')}'`))).toEqual([]);
});
