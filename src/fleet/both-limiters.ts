/** A message costs both servers: the rates of old and of new, shared by all accounts of this process. */
import type { Clock } from '../base/clock.ts';
import { type Limiter, RateLimiter, type Rates } from '../sync/index.ts';

export interface Carried {
  readonly messages: number;
  readonly bytes: number;
}

export class BothLimiters implements Limiter {
  readonly #old: RateLimiter;
  readonly #fresh: RateLimiter;
  #taken: Carried = { messages: 0, bytes: 0 };

  constructor(clock: Clock) {
    const none: Rates = { messages: null, bytes: null };
    this.#old = new RateLimiter(clock, none);
    this.#fresh = new RateLimiter(clock, none);
  }

  /** This process's share of what the servers may bear. */
  setRates(old: Rates, fresh: Rates): void {
    this.#old.setRates(old);
    this.#fresh.setRates(fresh);
  }

  get batchMessages(): number {
    return Math.min(this.#old.batchMessages, this.#fresh.batchMessages);
  }

  get batchBytes(): number {
    return Math.min(this.#old.batchBytes, this.#fresh.batchBytes);
  }

  take(messages: number, bytes: number, signal: AbortSignal): void | Promise<void> {
    this.#taken = { messages: this.#taken.messages + messages, bytes: this.#taken.bytes + bytes };
    const [old, fresh] = [this.#old, this.#fresh].map((one) => one.take(messages, bytes, signal));
    // Both have counted already: the longer wait is what is left of both. All of them are listened to from the start: an
    // abort ends both waits at once, and a rejection that nobody hears ends the process.
    if (old !== undefined && fresh !== undefined) return Promise.all([old, fresh]).then(() => {});
    return old ?? fresh;
  }

  /** Since the last call. */
  takeCarried(): Carried {
    const carried = this.#taken;
    this.#taken = { messages: 0, bytes: 0 };
    return carried;
  }
}
