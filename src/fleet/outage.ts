/**
 * Accounts that wait because a server cannot be reached, each with a pause of its own that has grown up to a quarter of an
 * hour. Here they are called earlier: one at a time to try a server whose breaker would let somebody through, and all of
 * them, spread over a minute, when one got through.
 */
import { isMailferryError, type MailferryError } from '../base/errors.ts';
import type { ServerBudget } from './server-budget.ts';

/** Ends the wait after so many milliseconds, where it does not end before. */
export type Call = (inMs: number) => void;

/** Ten thousand accounts that log in within a second would be the next outage. */
const spreadMs = 60_000;

export class Outage {
  readonly #budget: Pick<ServerBudget, 'mayBeTried'>;
  readonly #random: () => number;
  /** In the order in which they began to wait. */
  readonly #waiting = new Set<Call>();

  constructor(budget: Pick<ServerBudget, 'mayBeTried' | 'onReached'>, random: () => number) {
    this.#budget = budget;
    this.#random = random;
    budget.onReached(() => this.#callAll());
  }

  /** From now on `call` may be called, once; gives the way back. */
  waits(call: Call): () => void {
    this.#waiting.add(call);
    return () => this.#waiting.delete(call);
  }

  /** Sends one of those who wait where nobody tries. Called about once a second. */
  look(): void {
    const [first] = this.#waiting;
    if (first === undefined || !this.#budget.mayBeTried) return;
    this.#waiting.delete(first);
    first(0);
  }

  #callAll(): void {
    const all = [...this.#waiting];
    this.#waiting.clear();
    for (const call of all) call(Math.round(this.#random() * spreadMs));
  }
}

/** Whether the trouble is over when somebody reaches the server again. A server that asks for a pause gets it. */
export function waitsForServer(
  error: MailferryError,
): error is MailferryError & { readonly side: 'old' | 'new' } {
  const isAway = isMailferryError(
    error,
    'unreachable',
    'dns-failed',
    'connection-lost',
    'connect-timeout',
    'server-unavailable',
  );
  const named = error.atLogin && error.retryAfterMs !== undefined;
  return isAway && !named && error.side !== undefined;
}
