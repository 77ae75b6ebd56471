/** Wakes one account's work when its row, or what is asked for it, may have changed. */
import type { Clock } from '../base/clock.ts';

export class Alarm {
  readonly #clock: Clock;
  #rung = false;
  #wake: () => void = () => {};

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Since `reset`: whatever was read before it may be out of date. */
  get rung(): boolean {
    return this.#rung;
  }

  ring(): void {
    this.#rung = true;
    this.#wake();
  }

  /** Ends a wait; nothing has changed. */
  nudge(): void {
    this.#wake();
  }

  reset(): void {
    this.#rung = false;
  }

  /** Until it rings, or is nudged, or `other` is settled; rejects as `other` does. At once where it has rung. */
  async orUntil(other: Promise<unknown>): Promise<void> {
    if (this.#rung) return;
    const woken = new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    try {
      await Promise.race([woken, other]);
    } finally {
      this.#wake = () => {};
    }
  }

  /** Until it rings, or is nudged, or `ms` have passed; null waits for ever. */
  async pause(ms: number | null): Promise<void> {
    const done = new AbortController();
    const passed = ms === null ? new Promise<void>(() => {}) : this.#clock.sleep(ms, done.signal);
    passed.catch(() => {});
    await this.orUntil(passed);
    done.abort();
  }
}
