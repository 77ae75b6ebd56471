/**
 * What all accounts together may cost one server. Connections for passes come first: those that only listen are given out
 * below a mark, and what rests is closed when somebody needs its place. A breaker keeps everybody away from a server
 * that cannot be reached, and lets one try again.
 */
import type { Clock } from '../base/clock.ts';
import { isMailferryError, MailferryError } from '../base/errors.ts';
import { LoginRefusals } from './login-refusals.ts';

/** `pass`: an account's first connection for a pass. `extra`: one more of the same account. `listen`: it only listens. */
export type Purpose = 'pass' | 'extra' | 'listen';

export interface Place {
  /** Once, when the connection has ended. */
  release(): void;
}

/** Times of commands count for so long. */
const latencyLastsMs = 60_000;
/** This share of the connections may listen. */
const listeningShare = 0.6;
/** This share is for the passes of accounts in step, and as much again for first copies. */
const passShare = 0.2;
/** A pass that waits for a connection gives up after so long: it may hold one of the other server meanwhile. */
const maxWaitMs = 30_000;
const firstOpenMs = 1_000;
const maxOpenMs = 60_000;
/** So many connections in a row that failed open the breaker: one may be bad luck. */
const failuresToOpen = 3;
const masterRefused = 'the server refuses the master user';

export class ServerBudget {
  readonly #clock: Clock;
  readonly #random: () => number;
  #limit: number;
  #used = 0;
  #listening = 0;
  #passing = 0;
  readonly #waiting: { readonly give: (place: Place) => void; readonly refuse: (error: Error) => void }[] =
    [];
  /** Close what rests; oldest first. */
  readonly #resting = new Set<() => void>();
  #failures = 0;
  #openMs = firstOpenMs;
  #openUntil = 0;
  #probing = false;
  #lastError: MailferryError | null = null;
  #latencies: { readonly atMs: number; readonly ms: number }[] = [];
  readonly #reached = new Set<() => void>();
  readonly #logins: LoginRefusals;

  constructor(clock: Clock, random: () => number, connections: number) {
    this.#clock = clock;
    this.#random = random;
    this.#limit = connections;
    this.#logins = new LoginRefusals(clock);
  }

  /** Passes of one kind that can each have a connection at the same time. */
  get passes(): number {
    return Math.max(1, Math.floor(this.#limit * passShare));
  }

  /** This process's share of the server's connections changes with the number of workers. */
  setConnections(limit: number): void {
    this.#limit = Math.max(1, limit);
    this.#serve();
  }

  /** Connections that are open or being opened, of how many, and how many passes wait for one. */
  get use(): { readonly connections: number; readonly allowed: number; readonly waiting: number } {
    return { connections: this.#used, allowed: this.#limit, waiting: this.#waiting.length };
  }

  /** Median of the last short commands, milliseconds; 0 before there were enough. */
  get latencyMs(): number {
    // What was slow a while ago is no reason to go slowly now.
    const since = this.#clock.monotonic() - latencyLastsMs;
    const lately = this.#latencies.filter(({ atMs }) => atMs >= since).map(({ ms }) => ms);
    if (lately.length < 8) return 0;
    return lately.sort((a, b) => a - b)[lately.length >> 1] ?? 0;
  }

  /** Time of a command that is short on a server with nothing else to do. */
  took(ms: number): void {
    this.#latencies.push({ atMs: this.#clock.monotonic(), ms });
    if (this.#latencies.length > 64) this.#latencies.shift();
  }

  /**
   * A place for one connection. `pass` waits for one; the others reject with `too-many-connections` where none is free.
   * Rejects at once with what made the breaker open, while it is open, and while the server keeps this `account` waiting.
   */
  async place(purpose: Purpose, signal?: AbortSignal, account?: string): Promise<Place> {
    const wait = account === undefined ? null : this.#logins.waitOf(account);
    if (wait !== null) throw wait;
    this.#throwIfOpen();
    if (purpose === 'pass' ? this.#used < this.#limit : this.#hasRoom(purpose)) return this.#take(purpose);
    if (purpose !== 'pass') throw allInUse();
    return await this.#wait(signal);
  }

  /** Above what is kept for passes. */
  #hasRoom(purpose: Purpose): boolean {
    if (purpose === 'listen' && this.#listening >= Math.floor(this.#limit * listeningShare)) return false;
    const kept = Math.max(0, 2 * this.passes - this.#passing);
    return this.#used < this.#limit - kept;
  }

  #wait(signal?: AbortSignal): Promise<Place> {
    return new Promise<Place>((resolve, reject) => {
      const over = new AbortController();
      const end = (settle: () => void) => {
        over.abort();
        signal?.removeEventListener('abort', onAbort);
        const at = this.#waiting.indexOf(entry);
        if (at !== -1) this.#waiting.splice(at, 1);
        settle();
      };
      const onAbort = () =>
        end(() => reject(new MailferryError('interrupted', 'interrupted', { cause: signal?.reason })));
      const entry = {
        give: (place: Place) => end(() => resolve(place)),
        refuse: (error: Error) => end(() => reject(error)),
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#waiting.push(entry);
      this.#clock.sleep(maxWaitMs, over.signal).then(
        () => end(() => reject(allInUse())),
        () => {},
      );
      const [oldest] = this.#resting;
      if (oldest === undefined) return;
      this.#resting.delete(oldest);
      oldest();
    });
  }

  /** What is open but not in use may be closed by `close` when the place is needed, or is already. Gives the way back. */
  rests(close: () => void): () => void {
    if (this.#waiting.length > 0) close();
    else this.#resting.add(close);
    return () => this.#resting.delete(close);
  }

  /** The breaker is open, but would let somebody through now, and nobody tries. */
  get mayBeTried(): boolean {
    return this.#openUntil !== 0 && this.#openUntil <= this.#clock.monotonic() && !this.#probing;
  }

  /** Calls `listener` each time somebody gets through after the breaker was open. */
  onReached(listener: () => void): void {
    this.#reached.add(listener);
  }

  /**
   * What came of opening a connection of `account`; only failures to reach the server count. `master`: it logs in as a user
   * that all share, whose refusal is about all. Gives what the account is to be told.
   */
  opened(error: unknown, account: string, master = false): unknown {
    let told = error;
    const wasOpen = this.#openUntil !== 0;
    if (error === null) {
      this.#failures = 0;
      this.#openMs = firstOpenMs;
      this.#openUntil = 0;
      this.#logins.gotIn();
    } else if (isMailferryError(error) && master && error.code === 'login-refused') {
      told = this.#masterRefused(error, account);
    } else if (isMailferryError(error) && error.atLogin) {
      this.#refusedAtLogin(error, account);
    } else if (isServerDown(error)) {
      this.#failures++;
      if (this.#failures >= failuresToOpen || this.#probing || error.retryAfterMs !== undefined) {
        this.#open(error.retryAfterMs);
        this.#lastError = error;
      }
    }
    this.#probing = false;
    // Who waits for a place would otherwise go through the open breaker, one after the other.
    this.#serve();
    if (error === null && wasOpen) for (const listener of this.#reached) listener();
    return told;
  }

  #open(namedMs: number | undefined): void {
    const ms = namedMs ?? this.#openMs * (0.75 + 0.5 * this.#random());
    this.#openUntil = this.#clock.monotonic() + ms;
    this.#openMs = Math.min(maxOpenMs, this.#openMs * 2);
  }

  /**
   * One account's refusal may be its own (it is locked, or gone). Of several in a row it is the master user's: from then on
   * nobody asks but one who tries now and then, and it mends by itself.
   */
  #masterRefused(error: MailferryError, account: string): MailferryError {
    const triedForAll = this.#probing && this.#lastError?.message === masterRefused;
    if (!this.#logins.refused(account, error) && !triedForAll) return error;
    this.#open(undefined);
    this.#lastError = new MailferryError('server-unavailable', masterRefused, { side: error.side });
    return this.#lastError;
  }

  /** The server was reached, and did not let this account in. */
  #refusedAtLogin(error: MailferryError, account: string): void {
    this.#logins.keepWait(account, error);
    if (!isServerDown(error)) return;
    if (this.#logins.refused(account, error)) {
      this.#open(this.#logins.shortestMs);
      // Not in the server's words: they name the one who heard them, and this is shown to all.
      const what = 'the server takes no logins for now: it refused several accounts one after the other';
      this.#lastError = new MailferryError(error.code, what, { side: error.side });
    } else if (this.#probing) {
      // Whether the others would get in is as unknown as before; its own pause is none of theirs.
      this.#open(undefined);
    }
  }

  #throwIfOpen(): void {
    const error = this.#refusal();
    if (error !== null) throw error;
  }

  /** Null while the breaker is closed, and for the one who may try. */
  #refusal(): MailferryError | null {
    const left = this.#openUntil - this.#clock.monotonic();
    if (this.#openUntil === 0) return null;
    if (left <= 0 && !this.#probing) return null;
    const { code, message, side, serverText } = this.#lastError as MailferryError;
    return new MailferryError(code, message, { side, serverText, retryAfterMs: Math.max(100, left) });
  }

  #take(purpose: Purpose): Place {
    // Only who has a place tries, and tells by `opened` how it went.
    if (this.#openUntil !== 0) this.#probing = true;
    this.#used++;
    if (purpose === 'listen') this.#listening++;
    if (purpose === 'pass') this.#passing++;
    let held = true;
    return {
      release: () => {
        if (!held) return;
        held = false;
        this.#used--;
        if (purpose === 'listen') this.#listening--;
        if (purpose === 'pass') this.#passing--;
        this.#serve();
      },
    };
  }

  #serve(): void {
    for (;;) {
      const refusal = this.#refusal();
      if (refusal === null && this.#used >= this.#limit) return;
      const next = this.#waiting.shift();
      if (next === undefined) return;
      if (refusal === null) next.give(this.#take('pass'));
      else next.refuse(refusal);
    }
  }
}

function allInUse(): MailferryError {
  return new MailferryError('too-many-connections', 'all connections this server is allowed are in use');
}

function isServerDown(error: unknown): error is MailferryError {
  return isMailferryError(
    error,
    'unreachable',
    'dns-failed',
    'connect-timeout',
    'server-unavailable',
    'server-blocked',
    'throttled',
  );
}
