/**
 * The one connection to an SQLite database, given to one user at a time in the order of asking. Kysely's own lock wakes
 * all who wait whenever it is free, which costs the square of their number: ten thousand accounts that begin at once
 * kept a processor busy for minutes.
 */

/**
 * SQLite answers at once, so a long queue is worked off without the event loop ever turning: sockets, timers and the
 * renewal of leases would starve. After so long the loop turns before the next one is served.
 */
const breathAfterMs = 8;

export class OneConnection {
  readonly #now: () => number;
  #held = false;
  /** Served before all others: few, and each of them is lost when it comes late. */
  #urgent: (() => void)[] = [];
  /** A queue: entries before `#first` have been served. */
  #waiting: (() => void)[] = [];
  #first = 0;
  /** When somebody was first served in this turn of the event loop; null at a turn's beginning. */
  #turnSince: number | null = null;

  /** `now` in monotonic milliseconds. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Resolves when the connection is the caller's, who gives it back by `release`. `urgent`: before those who wait. */
  acquire(urgent = false): Promise<void> {
    return new Promise((resolve) => {
      (urgent ? this.#urgent : this.#waiting).push(resolve);
      this.#serve();
    });
  }

  release(): void {
    this.#held = false;
    this.#serve();
  }

  #serve(): void {
    if (this.#held || (this.#urgent.length === 0 && this.#waiting.length === 0) || this.#isTired()) return;
    this.#held = true;
    (this.#urgent.shift() ?? this.#next())();
  }

  #next(): () => void {
    const next = this.#waiting[this.#first++] as () => void;
    if (this.#first === this.#waiting.length || this.#first >= 1_000) {
      this.#waiting = this.#waiting.slice(this.#first);
      this.#first = 0;
    }
    return next;
  }

  #isTired(): boolean {
    const now = this.#now();
    if (this.#turnSince === null) {
      this.#turnSince = now;
      setImmediate(() => {
        this.#turnSince = null;
        this.#serve();
      });
    }
    return now - this.#turnSince >= breathAfterMs;
  }
}
