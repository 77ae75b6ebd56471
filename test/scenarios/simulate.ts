/**
 * A fleet in simulated time: node test/scenarios/simulate.ts --seed 1 [--log] plays one seed, the same each time; with
 * `--seconds 60` as many from there on as fit. Ends with code 1 at the first that breaks a promise, with all that
 * happened. With MAILFERRY_LAB_DATABASE=postgresql on a real PostgreSQL, where a seed does not replay.
 */
import { parseArgs } from 'node:util';
import { stopSimulatedPostgres } from './simulated-postgres.ts';
import { simulate } from './simulation.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '0' },
    seed: { type: 'string', default: '1' },
    log: { type: 'boolean', default: false },
  },
});
const until = performance.now() + Number(values.seconds) * 1000;
let seed = Number(values.seed);
let played = 0;
let failed = false;
while (!failed && (played === 0 || performance.now() < until)) {
  const { violations, log } = await simulate(seed);
  failed = violations.length > 0;
  if (failed || values.log) process.stdout.write(`${log.join('\n')}\n`);
  if (failed) process.stdout.write(`seed ${seed}:\n  ${violations.join('\n  ')}\n`);
  played++;
  seed++;
}
await stopSimulatedPostgres();
process.stdout.write(`${played} fleets, ${failed ? '1 failed' : 'none failed'}\n`);
process.exitCode = failed ? 1 : 0;
