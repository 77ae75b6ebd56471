/**
 * How long a run goes on trying when connections end: a pause after each failure, doubled, and the end after so many
 * failures without any progress between them. What it gave up once is not tried again by anybody further out.
 */
import { type ErrorCode, isMailferryError, type MailferryError } from '../base/errors.ts';
import type { EngineDeps } from './engine-options.ts';
import { progressOf, type RunContext, throwIfAborted } from './mailbox-work.ts';

/** A connection ended: the same work may well go through with the next one. */
const connectionCodes: readonly ErrorCode[] = [
  'connection-lost',
  'connect-timeout',
  'unreachable',
  'server-unavailable',
  'throttled',
  'too-many-connections',
  'protocol-violation',
  'limit-exceeded',
];

export function isConnectionError(error: unknown): error is MailferryError {
  return isMailferryError(error, ...connectionCodes);
}

/** One second, doubled, up to this. */
const maxBackoffMs = 60_000;

const givenUp = new WeakSet<Error>();

export class Patience {
  readonly #run: RunContext;
  readonly #random: () => number;
  #failures = 0;
  #progressAt = -1;

  constructor(run: RunContext, deps: Pick<EngineDeps, 'random'>) {
    this.#run = run;
    this.#random = deps.random;
  }

  succeeded(): void {
    this.#failures = 0;
  }

  /** Waits before the next try, or throws when trying again makes no sense. */
  async afterFailure(error: unknown): Promise<void> {
    throwIfAborted({ run: this.#run });
    if (!isMailferryError(error, ...connectionCodes) || givenUp.has(error)) throw error;
    const { options, clock, signal, onEvent } = this.#run;
    const progress = progressOf(this.#run);
    this.#failures = progress === this.#progressAt ? this.#failures + 1 : 1;
    this.#progressAt = progress;
    const backoff = Math.min(maxBackoffMs, 1000 * 2 ** (this.#failures - 1));
    const ms = error.retryAfterMs ?? backoff * (0.75 + 0.5 * this.#random());
    // Who has others waiting for the turn waits outside of it, and tells meanwhile.
    if (this.#failures > options.maxRetries || ms > options.maxSleepMs) {
      givenUp.add(error);
      throw error;
    }
    onEvent({
      type: 'waiting',
      reason: error.code === 'throttled' ? 'throttled' : 'reconnect',
      ms,
      text: error.message,
    });
    await clock.sleep(ms, signal);
  }
}
