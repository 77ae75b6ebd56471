/**
 * An account in step whose UIDVALIDITY changes is checked again before it is in step again, wherever the worker that
 * found the change was killed.
 */
import { expect, test } from 'vitest';
import { auditOf } from '../../src/state/database/audit.ts';
import { accountOf } from '../../src/state/database/accounts.ts';
import { makeMemoryFleet } from '../scenarios/memory-fleet.ts';
import { fill } from './scenarios-copy.ts';
import type { World } from './world.ts';

/** Of the mailbox's work after the change; the test fails where there are more. */
const stepsAtMost = 20;

const changes: readonly (readonly [string, (world: World) => void])[] = [
  ['old', ({ old }) => old.user.changeUidValidity('INBOX')],
  ['new', ({ fresh }) => fresh.user.changeUidValidity('INBOX')],
];

test.each(changes)(
  'a UIDVALIDITY that changes on %s is checked again, killed before or after any step',
  async (_, change) => {
    let ended = false;
    for (let step = 0.5; !ended; step += 0.5) {
      expect(step).toBeLessThan(stepsAtMost);
      ended = await killedAt(step, change);
    }
  },
);

/** True where the worker came to its end of the pass before that step. */
async function killedAt(step: number, change: (world: World) => void): Promise<boolean> {
  const fleet = await makeMemoryFleet();
  try {
    const account = await fleet.add();
    const { world, id } = account;
    const { db } = fleet.database;
    fill(world, 'INBOX', 'a', 'b', 'c');
    const first = await fleet.start();
    await fleet.inStep(account);
    // Its first pass in step is over, and both sides are as they were left.
    await fleet.clock.sleep(5_000);
    const events = async () =>
      (await auditOf(db, id, 100)).map(({ detail }) => (detail as { event?: string }).event).filter(Boolean);
    expect(await events()).toEqual(['agree', 'start']);
    first.process.atStep(step, 'kill');
    for (const server of [world.old, world.fresh]) server.cutAll('a mailbox is rebuilt');
    world.act(() => change(world));
    const isOver = async () => (await events()).length > 3 || first.process.state === 'dead';
    await fleet.until(11 * 60_000, isOver);
    const wasKilled = first.process.state === 'dead';
    if (wasKilled) await fleet.start();
    const isInStep = async () => (await accountOf(db, id)).phase === 'in-step';
    await fleet.until(5 * 60_000, async () => (await events()).includes('begin-again') && (await isInStep()));
    expect(await events()).toEqual(['agree', 'begin-again', 'agree', 'start']);
    expect(world.fresh.find('INBOX')?.messages).toHaveLength(3);
    return !wasKilled;
  } catch (error) {
    throw new Error(`killed at step ${step}`, { cause: error });
  } finally {
    await fleet.close();
  }
}
