/**
 * What a server said in answer to the logins of single accounts. "Try again in 15 minutes" after too many wrong
 * passwords is about that account alone: it waits, and no other. Only when several different accounts hear such things
 * within a minute, and none gets in between, it is the server that takes no logins.
 */
import type { Clock } from '../base/clock.ts';
import { MailferryError } from '../base/errors.ts';

/** So many different accounts make it the server's. */
const accountsToCount = 3;
const withinMs = 60_000;

interface Met {
  readonly atMs: number;
  readonly waitMs: number | undefined;
}

export class LoginRefusals {
  readonly #clock: Clock;
  /** By account, since somebody last got in. */
  readonly #met = new Map<string, Met>();
  /** Accounts that were told when to come again. */
  readonly #waits = new Map<string, { readonly untilMs: number; readonly error: MailferryError }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** What keeps this account from logging in yet: the pause that the server named to it. */
  waitOf(account: string): MailferryError | null {
    const wait = this.#waits.get(account);
    if (wait === undefined) return null;
    const leftMs = wait.untilMs - this.#clock.monotonic();
    if (leftMs <= 0) {
      this.#waits.delete(account);
      return null;
    }
    const { code, message, side, serverText } = wait.error;
    return new MailferryError(code, message, { side, serverText, atLogin: true, retryAfterMs: leftMs });
  }

  /** The account was told to wait: nobody logs in for it before that is over. */
  keepWait(account: string, error: MailferryError): void {
    if (error.retryAfterMs === undefined) return;
    this.#waits.set(account, { untilMs: this.#clock.monotonic() + error.retryAfterMs, error });
  }

  /** The server does not take this login now. True: so many heard the same that it is about all. */
  refused(account: string, { retryAfterMs }: MailferryError): boolean {
    const now = this.#clock.monotonic();
    for (const [one, { atMs }] of this.#met) if (now - atMs > withinMs) this.#met.delete(one);
    this.#met.set(account, { atMs: now, waitMs: retryAfterMs });
    return this.#met.size >= accountsToCount;
  }

  /** The shortest of the pauses that were named lately; undefined where none was. */
  get shortestMs(): number | undefined {
    const named = [...this.#met.values()].flatMap(({ waitMs }) => waitMs ?? []);
    return named.length === 0 ? undefined : Math.min(...named);
  }

  gotIn(): void {
    this.#met.clear();
  }
}
