/** What goes wrong at one account's servers while a fleet works: a run's faults, and those that only many runs meet. */
import { type Fault, oneOf, type Random, randomFault, upTo } from '../interruption/random-script.ts';

export function fleetFault(random: Random): Fault {
  if (upTo(random, 2) === 0) return randomFault(random);
  const side = upTo(random, 2) === 0 ? 'old' : 'fresh';
  const times = 1 + upTo(random, 4);
  return oneOf<Fault>(random, [
    { side, rule: { kind: 'refuse-login', code: 'login-refused' } },
    { side, rule: { kind: 'refuse-login', code: 'account-locked' } },
    { side, rule: { kind: 'refuse-login', code: 'server-unavailable', times } },
    { side, rule: { kind: 'refuse-login', code: 'unreachable', times: times * 3 } },
    { side, rule: { kind: 'refuse-login', code: 'throttled', retryAfterMs: 5000 } },
    { side, rule: { kind: 'hang', forMs: 20_000 } },
    { side, rule: { kind: 'slow', byMs: 700, times: times * 10 } },
    { side: 'old', rule: { kind: 'silent-watch' } },
    { side: 'old', rule: { kind: 'cut', op: 'NOTIFY', times } },
    { side: 'old', rule: { kind: 'list-empty', times } },
    { side: 'old', rule: { kind: 'connection-limit', limit: 1 } },
    { side: 'fresh', rule: { kind: 'late-commit', afterMs: 3000 + upTo(random, 6000) } },
  ]);
}
