/** A run that is asked to end, as by Ctrl-C or by a worker that loses its account, at each command that it sends. */
import { expect, it } from 'vitest';
import { differentEnd, endState } from './compare-ends.ts';
import { letter } from './letters.ts';
import { run } from './run.ts';
import { World } from './world.ts';

it('ends though its connections are cut, leaves no promise unwatched, and the next one goes on', async () => {
  const start = World.create();
  start.act(({ old }) => {
    for (let i = 1; i <= 9; i++) old.user.append(i % 2 === 0 ? 'INBOX' : 'Liste', letter(`m${i}`));
    old.user.append('INBOX', letter('big', { sizeBytes: 3000 }));
  });
  const whole = start.clone();
  await run(whole);
  const commands = whole.old.log.length + whole.fresh.log.length;
  expect(commands).toBeGreaterThan(20);
  for (let at = 1; at <= commands; at++) {
    const world = start.clone();
    let sent = 0;
    const onCommand = (stop: () => void) => {
      sent++;
      if (sent === at) stop();
      if (sent <= at) return;
      world.old.cutAll('the worker lost its account');
      world.fresh.cutAll('the worker lost its account');
    };
    await run(world, { onCommand }).catch((error: unknown) => {
      expect(String(error), `command ${at}`).toMatch(/stopped|interrupted|connection/);
    });
    await run(world);
    expect(differentEnd(endState(whole.fresh), endState(world.fresh)), `command ${at}`).toEqual([]);
  }
});
