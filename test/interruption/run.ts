/** One run of the engine in a world, whole or ended by a crash at a chosen step of its journal. */
import { isMailferryError } from '../../src/base/errors.ts';
import { copyAccount, type CopyResult, defaultEngineOptions } from '../../src/sync/index.ts';
import type { EngineOptions } from '../../src/sync/engine-options.ts';
import type { MailStore, StoreSession } from '../../src/sync/mail-store.ts';
import { FakeMailStore } from '../fakes/fake-mail-store.ts';
import { fieldOf } from './letters.ts';
import { Pulse } from './pulse.ts';
import type { World } from './world.ts';

/** Small, so that few messages make many batches, windows and streams. */
export const testOptions: EngineOptions = {
  ...defaultEngineOptions,
  // Well above the pause before a connection is opened again, so that a look comes before the grace has run out.
  settleGraceMs: 10_000,
  tuning: { windowMessages: 6, batchMessages: 3, arenaBytes: 4096, streamAboveBytes: 2000 },
};

export interface Crash {
  readonly step: number;
  readonly when: 'before' | 'after';
}

export class Crashed extends Error {}

export interface RunOptions {
  readonly options?: Partial<EngineOptions>;
  readonly crash?: Crash;
  /** Called before each command on either side; `stop` asks the run to end. */
  readonly onCommand?: (stop: () => void) => void;
  /** Both sides under one address (F-16). */
  readonly identity?: Partial<MailStore['identity']>;
}

/** Throws Crashed when the crash was reached. A crash ends all connections and lets nothing more be recorded. */
export async function run(
  world: World,
  { options = {}, crash, onCommand, identity }: RunOptions = {},
): Promise<CopyResult> {
  const { journal, old, fresh } = world;
  const written = (await world.openJournal?.(journal, world.clock)) ?? journal;
  let dead = false;
  const base = journal.steps;
  const die = () => {
    if (!dead) {
      dead = true;
      old.cutAll('the process crashed');
      fresh.cutAll('the process crashed');
    }
    throw new Crashed('crashed');
  };
  journal.onStep = (n, _, when) => {
    if (dead || (crash !== undefined && n - base === crash.step && when === crash.when)) die();
  };
  const abort = new AbortController();
  const mortal = (store: MailStore): MailStore => ({
    side: store.side,
    identity: store.identity,
    openSession: async (signal): Promise<StoreSession> => {
      if (dead) throw new Crashed('crashed');
      const session = await store.openSession(signal);
      if (dead) session.destroy('the process crashed');
      return session;
    },
  });
  if (onCommand !== undefined) {
    const stop = () => abort.abort(new Error('somebody stopped the run'));
    old.onCommand = fresh.onCommand = () => onCommand(stop);
  }
  const pulse = new Pulse(world, (reason) => abort.abort(reason));
  const work = copyAccount(
    {
      old: mortal(new FakeMailStore(old, 'old', identity)),
      fresh: mortal(new FakeMailStore(fresh, 'new', identity)),
      journal: written,
      clock: world.clock,
      signal: abort.signal,
      random: () => 0.5,
      onEvent: (event) => {
        pulse.count(event);
        if (event.type === 'notice') world.notices.push(`${event.code} ${event.text}`);
      },
      describeHeader: async (header) => ({
        subject: fieldOf(header, 'subject'),
        from: fieldOf(header, 'from'),
        date: fieldOf(header, 'date'),
      }),
    },
    { ...testOptions, ...options },
  );
  try {
    const result = await work;
    pulse.throwIfStuck();
    if (dead) throw new Crashed('crashed');
    return result;
  } catch (error) {
    if (dead) throw new Crashed('crashed', { cause: error });
    pulse.throwIfStuck();
    throw error;
  } finally {
    journal.onStep = undefined;
    old.onCommand = fresh.onCommand = undefined;
    // Nothing of this run may go on behind the next one's back.
    old.cutAll('the run is over');
    fresh.cutAll('the run is over');
  }
}

export async function crashed(world: World, options: RunOptions): Promise<boolean> {
  try {
    await run(world, options);
    return false;
  } catch (error) {
    if (error instanceof Crashed) return true;
    throw error;
  }
}

export function codeOf(error: unknown): string {
  return isMailferryError(error) ? error.code : String(error);
}
