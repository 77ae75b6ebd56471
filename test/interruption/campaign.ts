/**
 * Random scenarios for as long as one likes: node test/interruption/campaign.ts --seconds 60 --seed 1 [--only]
 * Ends with code 1 at the first that breaks a promise; prints its seed and the shortest script that still does. `--only`
 * plays the one seed.
 */
import { parseArgs } from 'node:util';
import { play, shorten } from './random-play.ts';
import { randomScript } from './random-script.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string', default: '1' },
    only: { type: 'boolean', default: false },
  },
});

const until = performance.now() + Number(values.seconds) * 1000;
let seed = Number(values.seed);
let played = 0;
let failed = false;
while (!failed && (played === 0 || (!values.only && performance.now() < until))) {
  const script = randomScript(seed);
  const stuck = setTimeout(() => {
    process.stdout.write(`seed ${seed} does not come to an end\n${JSON.stringify(script)}\n`);
    process.exit(1);
  }, 20_000);
  const violations = await play(script);
  clearTimeout(stuck);
  played++;
  if (violations.length > 0) {
    failed = true;
    const short = await shorten(script);
    process.stdout.write(`seed ${seed}:\n  ${violations.join('\n  ')}\nshortest replay:\n`);
    process.stdout.write(`${JSON.stringify(short, null, 1)}\n  ${(await play(short)).join('\n  ')}\n`);
  }
  seed++;
}
process.stdout.write(`${played} scenarios, ${failed ? '1 failed' : 'none failed'}\n`);
process.exitCode = failed ? 1 : 0;
