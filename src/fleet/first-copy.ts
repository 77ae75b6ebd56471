/** A first copy with its check, in turns; leaves the account in step. */
import { MailferryError } from '../base/errors.ts';
import { changePhase } from '../state/database/accounts.ts';
import { type CopyResult, verifyAccount } from '../sync/index.ts';
import type { AccountWork } from './account-work.ts';
import { inboxTrouble, leftOutOfCheck, mayPassByItself, missingOf } from './trouble-of.ts';

/** How often a check that finds something missing is followed by another pass before a person is asked. */
const maxChecks = 3;

/** Ends early, by the work's signal, when others wait for the turn: a copy goes on later where it stopped. */
export async function firstCopy(work: AccountWork): Promise<void> {
  const { env, lease, report, now } = work.options;
  const turn = await work.turn(env.copyTurns, (await work.asked()).has('look-now') ? 0 : 2);
  const onYield = () => now.abort();
  turn.yield.addEventListener('abort', onYield, { once: true });
  try {
    for (let check = 1; ; check++) {
      report.activity('copying');
      // Read for each: what was confirmed covers one pass.
      const result = await work.pass(await work.asked());
      const { copied, refused } = result.messages;
      env.log('info', 'copied', { account: report.accountId, copied, refused, bytes: result.counts.bytes });
      report.activity('checking');
      // A check that is broken off begins anew: an account whose check takes longer than a turn would never end it.
      turn.yield.removeEventListener('abort', onYield);
      if (await agrees(work, result, check)) break;
    }
  } finally {
    turn.yield.removeEventListener('abort', onYield);
    turn.end();
  }
  await work.mirror.checkAgreed();
  const { database, actor } = env;
  await changePhase(database.db, { accountId: report.accountId, event: 'agree', actor, lease });
  env.log('info', 'in step', { account: report.accountId });
}

/** Whether nothing is missing but what was refused; throws once more passes would not help. */
async function agrees(work: AccountWork, result: CopyResult, check: number): Promise<boolean> {
  const { env, deps } = work.options;
  await work.mirror.rest();
  const { filter, sinceMs } = env.engine;
  const options = { filter, sinceMs, deep: false, leaveOut: leftOutOfCheck(result) };
  const found = await verifyAccount({ ...deps, signal: work.signal, onEvent: () => {} }, options);
  const missing = missingOf(found, result);
  const expected = result.messages.refused;
  const enough = check === maxChecks || !mayPassByItself(result);
  if (enough) {
    const inbox = inboxTrouble(result);
    if (inbox !== null) throw inbox;
  }
  if (missing <= expected) return enough;
  if (check < maxChecks) return false;
  const text = `the check found ${missing} messages missing on new, ${expected} of them refused`;
  throw new MailferryError('check-failed', text);
}
