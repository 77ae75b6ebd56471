/** At most so many pieces of work at once; who comes then waits a while, and is sent away when it does not come to it. */
import type { Clock } from '../../base/clock.ts';
import { MailferryError } from '../../base/errors.ts';

export interface Bounds {
  readonly atOnce: number;
  readonly waiting: number;
  readonly waitMs: number;
}

export class Bounded {
  readonly #bounds: Bounds;
  readonly #clock: Clock;
  #running = 0;
  readonly #queue: (() => void)[] = [];

  constructor(bounds: Bounds, clock: Clock) {
    this.#bounds = bounds;
    this.#clock = clock;
  }

  /** Throws `too-many-attempts` where there is no room; nothing of the work was done then. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    await this.#enter();
    try {
      return await work();
    } finally {
      this.#running--;
      this.#queue.shift()?.();
    }
  }

  async #enter(): Promise<void> {
    const { atOnce, waiting, waitMs } = this.#bounds;
    if (this.#running >= atOnce) {
      if (this.#queue.length >= waiting) throw full(waitMs);
      const patience = new AbortController();
      let enter = () => {};
      const turn = new Promise<true>((resolve) => {
        enter = () => resolve(true);
        this.#queue.push(enter);
      });
      const late = this.#clock.sleep(waitMs, patience.signal).then(
        () => false,
        () => false,
      );
      const entered = await Promise.race([turn, late]);
      patience.abort();
      if (!entered) {
        this.#queue.splice(this.#queue.indexOf(enter), 1);
        throw full(waitMs);
      }
    }
    this.#running++;
  }
}

function full(waitMs: number): MailferryError {
  return new MailferryError('too-many-attempts', 'too many people log in at this moment', {
    retryAfterMs: waitMs,
  });
}
