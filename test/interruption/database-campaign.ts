/**
 * Scenarios with their journal in the daemon's database, interrupted everywhere, and random ones, for as long as one
 * likes: node test/interruption/database-campaign.ts --seconds 60 --seed 1. The seed says where in the list to begin, and
 * on which database (even: SQLite, odd: PostgreSQL). Ends with code 1 at the first that breaks a promise.
 */
import { parseArgs } from 'node:util';
import { openLabDatabase } from '../lab/lab-database.ts';
import { journalsIn } from './database-journal.ts';
import { play } from './random-play.ts';
import { randomScript } from './random-script.ts';
import { runScenario } from './scenario.ts';
import { areas } from './scenarios.ts';

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '60' }, seed: { type: 'string', default: '1' } },
});
const seed = Number(values.seed);
const kind = seed % 2 === 0 ? 'SQLite' : 'PostgreSQL';
const scenarios = areas.flatMap((one) => one.scenarios);
const lab = await openLabDatabase(kind);
const openJournal = journalsIn(lab.database);
const until = performance.now() + Number(values.seconds) * 1000;

let played = 0;
let failed = false;
for (let n = seed; !failed && (played === 0 || performance.now() < until); n++) {
  const scenario = scenarios[n % scenarios.length];
  if (scenario === undefined) break;
  const { violations } = await runScenario(scenario, { openJournal });
  violations.push(...(await play(randomScript(n), openJournal)).map((v) => `random script ${n}: ${v}`));
  played++;
  failed = violations.length > 0;
  if (failed) process.stdout.write(`${scenario.title}, seed ${n}:\n  ${violations.join('\n  ')}\n`);
}
await lab.remove();
process.stdout.write(`${played} scenarios on ${kind}, ${failed ? '1 failed' : 'none failed'}\n`);
process.exitCode = failed ? 1 : 0;
