/** Token buckets for messages and octets per second; a bucket holds one second's worth. */
import type { Clock } from '../base/clock.ts';

export interface Limiter {
  /** Messages that may go in one batch: one second's worth, so that a batch is no burst. */
  readonly batchMessages: number;
  /** The same in octets; a larger message goes alone. */
  readonly batchBytes: number;
  /** Waits until these messages may go; nothing to await where no limit is set or none is reached. */
  take(messages: number, bytes: number, signal: AbortSignal): void | Promise<void>;
}

export interface Rates {
  readonly messages: number | null;
  readonly bytes: number | null;
}

export class RateLimiter implements Limiter {
  readonly #clock: Clock;
  #rates: Rates;
  #freeAt: number;

  constructor(clock: Clock, rates: Rates) {
    this.#clock = clock;
    this.#rates = rates;
    this.#freeAt = clock.monotonic();
  }

  /** For what is taken from now on. */
  setRates(rates: Rates): void {
    this.#rates = rates;
  }

  get batchMessages(): number {
    return Math.max(1, Math.floor(this.#rates.messages ?? Number.POSITIVE_INFINITY));
  }

  get batchBytes(): number {
    return this.#rates.bytes ?? Number.POSITIVE_INFINITY;
  }

  take(messages: number, bytes: number, signal: AbortSignal): void | Promise<void> {
    const { messages: perSecond, bytes: bytesPerSecond } = this.#rates;
    if (perSecond === null && bytesPerSecond === null) return;
    const costMs = Math.max(
      perSecond === null ? 0 : (messages * 1000) / perSecond,
      bytesPerSecond === null ? 0 : (bytes * 1000) / bytesPerSecond,
    );
    const now = this.#clock.monotonic();
    // Unused time is kept for one second at most, so that a pause is not made up for by a burst.
    this.#freeAt = Math.max(this.#freeAt, now - 1000) + costMs;
    const wait = this.#freeAt - now;
    if (wait > 0) return this.#clock.sleep(wait, signal);
  }
}
