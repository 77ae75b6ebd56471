/**
 * Keeps an account in step: one run after the other, each begun by news from old or, where old tells nothing, by the
 * clock. News come over a connection of their own, so that nothing is missed while a run is under way.
 *
 *   listen -> run until nothing is to do -> wait for news or the polling time -> run ...
 */
import type { CopyResult } from './copy-account.ts';
import type { EngineDeps, EngineOptions } from './engine-options.ts';
import { Mirror } from './mirror.ts';

export interface FollowOptions {
  /** Old is looked at this often whatever it tells: IDLE covers one mailbox, and servers forget to tell. */
  readonly pollMs: number;
  /** After each run: what it found and did. `heard` says what old tells of by itself. */
  readonly onRound: (result: CopyResult, heard: Mirror['hears']) => void;
}

/** Never returns: rejects when `deps.signal` aborts, and with what ends a run. */
export async function followAccount(
  deps: EngineDeps,
  options: EngineOptions,
  follow: FollowOptions,
): Promise<never> {
  const mirror = await Mirror.open(deps, options);
  try {
    mirror.listen();
    for (;;) {
      follow.onRound(await mirror.bringUpToDate(), mirror.hears);
      await mirror.news(follow.pollMs);
    }
  } finally {
    await mirror.close();
  }
}
