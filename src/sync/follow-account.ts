/**
 * Keeps an account in step: one run after the other, each begun by news from old or, where old tells nothing, by the
 * clock. News come over a connection of their own, so that nothing is missed while a run is under way.
 *
 *   listen -> run until nothing is to do -> wait for news or the polling time -> run ...
 */
import { Account } from './account.ts';
import { bringUpToDate, type CopyResult, meet, newRun } from './copy-account.ts';
import { Ear } from './ear.ts';
import type { EngineDeps, EngineOptions } from './engine-options.ts';
import { tellKeptMappings } from './kept-mappings.ts';
import { PairKeeper } from './open-pair.ts';
import type { RunContext } from './mailbox-work.ts';

export interface FollowOptions {
  /** Old is looked at this often whatever it tells: IDLE covers one mailbox, and servers forget to tell. */
  readonly pollMs: number;
  /** After each run: what it found and did. `heard` says what old tells of by itself. */
  readonly onRound: (result: CopyResult, heard: 'all' | 'inbox' | 'nothing') => void;
}

/** So long more news are waited for: a delivery changes the mailbox in more than one step. */
const gatherMs = 10;

/** Never returns: rejects when `deps.signal` aborts, and with what ends a run. */
export async function followAccount(
  deps: EngineDeps,
  options: EngineOptions,
  follow: FollowOptions,
): Promise<never> {
  const account = await Account.load(deps.journal);
  tellKeptMappings(account, options.filter, deps.onEvent);
  let run: RunContext = newRun(deps, options, account);
  const keeper = new PairKeeper(deps);
  const ear = new Ear(deps);
  try {
    await meet(run, deps, keeper);
    ear.listen();
    for (;;) {
      ear.forget();
      follow.onRound(await bringUpToDate(run, deps, keeper), ear.hears);
      await ear.news(follow.pollMs);
      await deps.clock.sleep(gatherMs, deps.signal);
      run = newRun(deps, options, account, run);
    }
  } finally {
    await Promise.all([ear.close(), keeper.close()]);
  }
}
