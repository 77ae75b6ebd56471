/**
 * Time in the hands of the test. In `manual` mode a sleep ends when the test advances past it; in `auto` mode the
 * clock jumps to the earliest sleeper whenever everything else has come to rest, so that a deadline does not fire
 * while the work it guards can still go on. Work that goes on outside the process is named to `whileBusy`.
 */
import type { Clock } from '../../src/base/clock.ts';

interface Sleeper {
  readonly dueMs: number;
  readonly wake: () => void;
}

/** Resolves once all promises that can go on by themselves have done so. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

export class FakeClock implements Clock {
  mode: 'manual' | 'auto';
  #elapsedMs = 0;
  /** What the wall shows at monotonic zero; `skew` moves it. */
  #startMs: number;
  #sleepers: Sleeper[] = [];
  #pumping = false;
  #busy = 0;

  constructor(options: { readonly mode?: 'manual' | 'auto'; readonly startMs?: number } = {}) {
    this.mode = options.mode ?? 'manual';
    this.#startMs = options.startMs ?? Date.UTC(2026, 10, 1);
  }

  now(): number {
    // Whole milliseconds, as the real one has them.
    return Math.floor(this.#startMs + this.#elapsedMs);
  }

  monotonic(): number {
    return this.#elapsedMs;
  }

  /** How many sleeps are under way. */
  get sleeping(): number {
    return this.#sleepers.length;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason);
        return;
      }
      const onAbort = () => {
        this.#sleepers = this.#sleepers.filter((one) => one !== sleeper);
        reject(signal?.reason);
      };
      const sleeper: Sleeper = {
        dueMs: this.#elapsedMs + Math.max(0, ms),
        wake: () => {
          signal?.removeEventListener('abort', onAbort);
          resolve();
        },
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#sleepers.push(sleeper);
      this.#pump();
    });
  }

  /** Moves time ahead, waking each sleeper at its own moment and letting it work before the next one. */
  async advance(ms: number): Promise<void> {
    const untilMs = this.#elapsedMs + ms;
    await settled();
    while (this.#wakeEarliest(untilMs)) await settled();
    this.#elapsedMs = Math.max(this.#elapsedMs, untilMs);
  }

  /** Time stands still in `auto` mode until this is done: a disk or another process is at work. */
  async whileBusy<T>(work: Promise<T>): Promise<T> {
    this.#busy++;
    try {
      return await work;
    } finally {
      this.#busy--;
      this.#pump();
    }
  }

  /** Moves only the wall clock, as an operator or NTP does (F-42). */
  skew(ms: number): void {
    this.#startMs += ms;
  }

  #wakeEarliest(untilMs: number): boolean {
    let earliest: Sleeper | undefined;
    for (const one of this.#sleepers) if (!earliest || one.dueMs < earliest.dueMs) earliest = one;
    if (!earliest || earliest.dueMs > untilMs) return false;
    this.#elapsedMs = Math.max(this.#elapsedMs, earliest.dueMs);
    this.#sleepers = this.#sleepers.filter((one) => one !== earliest);
    earliest.wake();
    return true;
  }

  #pump(): void {
    if (this.mode !== 'auto' || this.#pumping || this.#busy > 0) return;
    this.#pumping = true;
    setImmediate(() => {
      this.#pumping = false;
      if (this.#busy > 0) return;
      this.#wakeEarliest(Number.POSITIVE_INFINITY);
      if (this.#sleepers.length > 0) this.#pump();
    });
  }
}
