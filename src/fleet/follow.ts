/** An account in step: a pass at all news and by the clock, until its row wants something else. */
import { changePhase } from '../state/database/accounts.ts';
import type { AccountWork } from './account-work.ts';
import { anotherPassMs, waitsForAnotherPass } from './trouble-of.ts';

export async function follow(work: AccountWork): Promise<void> {
  const { env, lease, report, alarm, now, wanted } = work.options;
  const { mirror } = work;
  mirror.listen();
  /** Passes by the clock for what waits on one of the servers. */
  let inVain = 0;
  let called = true;
  for (;;) {
    const priority = (await work.asked()).has('look-now') ? 0 : 1;
    // Also while it waits for its turn: who has one may wait for the places of these connections.
    const turn = await work.resting(() => work.turn(env.stepTurns, priority));
    // It goes on beside the turns; where too many do, it goes on later where it stopped.
    const onYield = () => {
      if (!turn.loosen()) now.abort();
    };
    turn.yield.addEventListener('abort', onYield, { once: true });
    let waits: boolean;
    try {
      waits = waitsForAnotherPass(await work.pass(await work.asked()));
    } finally {
      turn.yield.removeEventListener('abort', onYield);
      turn.end();
    }
    if (!waits) inVain = 0;
    else if (!called) inVain++;
    report.set({ heardBy: mirror.hears, activity: 'following' });
    if (mirror.checkIsDue) {
      const { database, actor } = env;
      await changePhase(database.db, { accountId: report.accountId, event: 'begin-again', actor, lease });
      return;
    }
    called = await newsOrCalled(work, waits ? inVain : null);
    if (!alarm.rung) continue;
    alarm.reset();
    if ((await wanted()) !== 'follow') return;
  }
}

/** `inVain`: passes so far for what waits on a server; null where nothing does. False where only the time passed. */
async function newsOrCalled(work: AccountWork, inVain: number | null): Promise<boolean> {
  const { timing } = work.options.env;
  const { mirror } = work;
  const clockMs = mirror.hears === 'all' ? timing.distrustMs : timing.pollMs;
  let atMostMs = mirror.looks ? timing.lookedMs : clockMs;
  if (inVain !== null) atMostMs = anotherPassMs(inVain, clockMs);
  const restMs = Math.min(timing.restMs, atMostMs);
  return await work.resting(async () => {
    if (await within(work, restMs)) return true;
    await mirror.rest();
    return atMostMs > restMs && (await within(work, atMostMs - restMs));
  });
}

/** News, or somebody changed the row; false where the time passed without either. */
async function within(work: AccountWork, ms: number): Promise<boolean> {
  const { env, alarm } = work.options;
  if (alarm.rung) return true;
  const since = env.clock.monotonic();
  const news = work.mirror.news(ms);
  news.catch(() => {});
  await alarm.orUntil(news);
  return alarm.rung || env.clock.monotonic() - since < ms;
}
