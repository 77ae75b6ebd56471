/**
 * Whose turn it is. Passes of accounts in step and first copies each have so many turns at once; who waits is served by
 * priority and then in the order of asking. A first copy that has had its turn for a while is asked to give it back when
 * another waits, so that a giant account starves nobody: a copy goes on later where it stopped. A long pass of an account in
 * step goes on beside the turns, as many of these as there are turns.
 */

/** Lower goes first: somebody looks at it; what is in step; the rest. */
export type Priority = 0 | 1 | 2;

export interface Turn {
  /** Aborted when another waits and this turn has lasted long enough. */
  readonly yield: AbortSignal;
  /** Another may have the turn; what was begun goes on. False, and nothing done, while too many go on like that. */
  loosen(): boolean;
  end(): void;
}

interface Waiting {
  readonly priority: Priority;
  readonly order: number;
  readonly give: (turn: Turn) => void;
}

export class Turns {
  readonly #now: () => number;
  readonly #quantumMs: number;
  #limit: number;
  #order = 0;
  readonly #waiting: Waiting[] = [];
  readonly #running = new Set<{ readonly sinceMs: number; readonly stop: AbortController }>();
  readonly #loose = new Set<object>();

  /** `now` in monotonic milliseconds. */
  constructor(now: () => number, limit: number, quantumMs: number) {
    this.#now = now;
    this.#limit = limit;
    this.#quantumMs = quantumMs;
  }

  get running(): number {
    return this.#running.size;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** Those that are above it now are asked to give their turn back, the last that began first. */
  setLimit(limit: number): void {
    this.#limit = Math.max(0, limit);
    const staying = [...this.#running].filter((one) => !one.stop.signal.aborted);
    for (const one of staying.slice(this.#limit)) one.stop.abort();
    this.#serve();
  }

  /** Rejects with the signal's reason when it aborts first. */
  async take(priority: Priority, signal: AbortSignal): Promise<Turn> {
    signal.throwIfAborted();
    if (this.#running.size < this.#limit && this.#waiting.length === 0) return this.#begin();
    return await new Promise<Turn>((resolve, reject) => {
      const onAbort = () => {
        this.#waiting.splice(this.#waiting.indexOf(entry), 1);
        reject(signal.reason);
      };
      const entry: Waiting = {
        priority,
        order: this.#order++,
        give: (turn) => {
          signal.removeEventListener('abort', onAbort);
          resolve(turn);
        },
      };
      signal.addEventListener('abort', onAbort, { once: true });
      this.#waiting.push(entry);
      this.#waiting.sort((a, b) => a.priority - b.priority || a.order - b.order);
    });
  }

  /** Asks those who had their turn long enough to give it back, one for each who waits. Called by the clock. */
  look(): void {
    const running = [...this.#running];
    // Who was asked before may need a while to come to rest.
    let wanted = this.#waiting.length - running.filter((one) => one.stop.signal.aborted).length;
    const since = this.#now() - this.#quantumMs;
    for (const one of running) {
      if (wanted <= 0) return;
      if (one.sinceMs > since || one.stop.signal.aborted) continue;
      one.stop.abort();
      wanted--;
    }
  }

  #begin(): Turn {
    const one = { sinceMs: this.#now(), stop: new AbortController() };
    this.#running.add(one);
    return {
      yield: one.stop.signal,
      loosen: () => {
        if (this.#loose.size >= this.#limit || !this.#running.delete(one)) return false;
        this.#loose.add(one);
        this.#serve();
        return true;
      },
      end: () => {
        this.#loose.delete(one);
        if (this.#running.delete(one)) this.#serve();
      },
    };
  }

  #serve(): void {
    while (this.#running.size < this.#limit) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      next.give(this.#begin());
    }
  }
}
