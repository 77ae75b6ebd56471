/**
 * One run of the engine as a process of its own, to be killed: copies one account between two servers on this machine.
 * The whole order comes as JSON in the first argument; a line on stdout for each settled batch, the last is the result.
 */
import { systemClock } from '../../src/base/clock.ts';
import { openState } from '../../src/state/index.ts';
import { copyAccount, type EngineEvent } from '../../src/sync/index.ts';
import { type CopyOrder, realDeps, realOptions } from './real-copy.ts';

const order = JSON.parse(process.argv[2] ?? '') as CopyOrder & { readonly stateFile: string };
const journal = await openState(order.stateFile, {
  pair: { from: `${order.old.user}@old`, to: `${order.fresh.user}@new` },
  clock: systemClock,
});
try {
  const deps = {
    ...realDeps(order, journal),
    onEvent: ({ type }: EngineEvent) => {
      if (type === 'progress') process.stdout.write('progress\n');
    },
  };
  const result = await copyAccount(deps, realOptions(order));
  process.stdout.write(`${JSON.stringify({ messages: result.messages, problems: result.problems })}\n`);
} finally {
  await journal.close();
}
