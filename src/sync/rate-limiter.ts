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

interface Waiting {
  /** On the monotonic clock. */
  until: number;
  readonly sooner: () => void;
}

export class RateLimiter implements Limiter {
  readonly #clock: Clock;
  #rates: Rates;
  #freeAt: number;
  readonly #waiting = new Set<Waiting>();

  constructor(clock: Clock, rates: Rates) {
    this.#clock = clock;
    this.#rates = rates;
    this.#freeAt = clock.monotonic();
  }

  /**
   * Lower rates hold for what is taken from now on: what waits was promised its time, a second's worth at most. Higher ones
   * hold at once: who waits under a low rate goes as much sooner.
   */
  setRates(rates: Rates): void {
    const share = Math.min(1, shareOfWait(this.#rates, rates));
    this.#rates = rates;
    if (share === 1) return;
    const now = this.#clock.monotonic();
    const sooner = (at: number) => (at <= now ? at : now + (at - now) * share);
    this.#freeAt = sooner(this.#freeAt);
    for (const one of this.#waiting) {
      one.until = sooner(one.until);
      one.sooner();
    }
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
    if (this.#freeAt > now) return this.#wait(this.#freeAt, signal);
  }

  async #wait(until: number, signal: AbortSignal): Promise<void> {
    let changed = new AbortController();
    const entry: Waiting = { until, sooner: () => changed.abort() };
    this.#waiting.add(entry);
    try {
      for (;;) {
        const left = entry.until - this.#clock.monotonic();
        if (left <= 0) return;
        changed = new AbortController();
        try {
          await this.#clock.sleep(left, AbortSignal.any([signal, changed.signal]));
          return;
        } catch (error) {
          if (signal.aborted || !changed.signal.aborted) throw error;
        }
      }
    } finally {
      this.#waiting.delete(entry);
    }
  }
}

/** What is left of a wait when the rates change: 0 where nothing limits any more. */
function shareOfWait(before: Rates, after: Rates): number {
  const of = (was: number | null, is: number | null): number =>
    is === null ? 0 : was === null ? 1 : was / is;
  return Math.max(of(before.messages, after.messages), of(before.bytes, after.bytes));
}
