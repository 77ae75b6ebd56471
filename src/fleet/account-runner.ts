/**
 * One account in the hands of one worker: copied, checked, then kept in step, until a person pauses it, trouble stops it
 * or the worker gives it away. What goes wrong here stays here.
 *
 *   row -> nextWork -> copy: turn -> passes -> check -> in-step
 *                   -> follow: pass -> news or clock -> pass ...
 *                   -> rest: until the row changes
 */
import type { Clock } from '../base/clock.ts';
import { isMailferryError, MailferryError } from '../base/errors.ts';
import { notesOf } from '../state/database/account-notes.ts';
import { type Account, accountOf, changePhase } from '../state/database/accounts.ts';
import type { Lease } from '../state/database/leases.ts';
import type { Database } from '../state/database/open-database.ts';
import { closeRequest, type RequestKind, requestsOf } from '../state/database/requests.ts';
import {
  type CopyResult,
  type EngineDeps,
  type EngineOptions,
  Mirror,
  verifyAccount,
} from '../sync/index.ts';
import type { AccountReport } from './account-report.ts';
import { nextWork, type Work } from './next-work.ts';
import { type Outage, waitsForServer } from './outage.ts';
import { PassOutcome } from './pass-outcome.ts';
import {
  anotherPassMs,
  errorOf,
  inboxTrouble,
  leftOutOfCheck,
  mayPassByItself,
  missingOf,
  waitsForAnotherPass,
} from './trouble-of.ts';
import type { Turn, Turns } from './turns.ts';

/** What a runner has in common with those of the other accounts. */
export interface RunnerEnv {
  readonly database: Database;
  readonly clock: Clock;
  readonly random: () => number;
  /** For first copies, and for passes of accounts in step. */
  readonly copyTurns: Turns;
  readonly stepTurns: Turns;
  readonly engine: EngineOptions;
  readonly timing: RunnerTiming;
  /** The account's name in rows that say who did what. */
  readonly actor: string;
  /** Stores with the account's secrets, journal, limiter. Throws `secret-missing`, `secret-unreadable`. */
  engineDeps(account: Account, lease: Lease, mayWrite: () => boolean): Promise<OpenedEngine>;
  /** For those who wait until a server can be reached again. */
  readonly outages: Readonly<Record<'old' | 'new', Pick<Outage, 'waits'>>>;
  log(level: 'info' | 'warn' | 'error', text: string, detail: Readonly<Record<string, unknown>>): void;
  /** From the server's word to the message on new, milliseconds. */
  carried(accountId: string, ms: number): void;
}

export interface OpenedEngine extends Omit<EngineDeps, 'signal' | 'onEvent'> {
  /** `close` may be called when the account's connections rest and somebody needs their places. */
  rests(close: () => void): () => void;
}

export interface RunnerTiming {
  /** Where old tells nothing of a mailbox by itself. */
  readonly pollMs: number;
  /** Where it tells of all: servers forget to tell. */
  readonly distrustMs: number;
  /** Where the connection that listens looks for what old forgets: only what nobody thought of is left. */
  readonly lookedMs: number;
  /** Connections of an account in step are closed after so long without use. */
  readonly restMs: number;
  /** From a failure to the next try, after so many in a row; `random` is 0 <= x < 1. */
  readonly retryAfterMs: (failures: number, random: number) => number;
}

/** How often a check that finds something missing is followed by another pass before a person is asked. */
const maxChecks = 3;

export class AccountRunner {
  readonly #env: RunnerEnv;
  readonly #lease: Lease;
  readonly report: AccountReport;
  /** Ends the account's work for good. */
  readonly #over = new AbortController();
  /** Ends what is being done now; then the row is looked at again. */
  #now = new AbortController();
  #work: Work = 'rest';
  #life: Promise<void> = Promise.resolve();
  #woken: () => void = () => {};
  #dirty = false;
  #mirror: Mirror | null = null;
  #describe: EngineDeps['describeHeader'] | null = null;
  #failures = 0;
  readonly #outcome: PassOutcome;

  readonly #mayWrite: () => boolean;

  /** `mayWrite`: whether the lease still holds by this machine's clock. */
  constructor(env: RunnerEnv, lease: Lease, mayWrite: () => boolean, report: AccountReport) {
    this.#env = env;
    this.#lease = lease;
    this.#mayWrite = mayWrite;
    this.report = report;
    this.#outcome = new PassOutcome(env, report.accountId, lease);
  }

  get id(): string {
    return this.report.accountId;
  }

  start(): void {
    this.#life = this.#live();
  }

  /** The account's row or its requests may have changed. */
  wake(): void {
    this.#dirty = true;
    this.#woken();
    if (this.#work !== 'rest') void this.#look();
  }

  /** Lets what is on the wire end; resolves when nothing is done for the account any more. */
  async stop(): Promise<void> {
    this.#over.abort();
    this.#now.abort();
    this.#woken();
    await this.#life;
  }

  /** Cuts everything at once. */
  destroy(): void {
    this.#over.abort();
    this.#now.abort();
    this.#mirror?.destroy();
    this.#woken();
  }

  async #live(): Promise<void> {
    while (!this.#over.signal.aborted) {
      this.#now = new AbortController();
      if (this.#over.signal.aborted) this.#now.abort();
      this.#dirty = false;
      try {
        await this.#step();
        this.#failures = 0;
      } catch (error) {
        if (this.#over.signal.aborted || isMailferryError(error, 'lease-lost')) return;
        // Somebody changed the row, or the turn was over.
        if (this.#now.signal.aborted) continue;
        await this.#failed(error);
      }
    }
  }

  async #step(): Promise<void> {
    const account = await this.#readRow();
    if (this.#work === 'rest') {
      this.report.activity('stopped');
      await this.#pause(null);
      return;
    }
    this.report.activity('waiting');
    const deps = await this.#env.engineDeps(account, this.#lease, this.#mayWrite);
    const signal = this.#now.signal;
    this.#describe = deps.describeHeader;
    const mirror = await Mirror.open(
      { ...deps, signal, onEvent: (event) => this.#onEvent(event) },
      this.#env.engine,
    );
    this.#mirror = mirror;
    try {
      if (this.#work === 'copy') await this.#copy(mirror, deps);
      else await this.#follow(mirror, deps);
    } finally {
      this.#mirror = null;
      await mirror.close();
    }
  }

  /** Also what is to be done. From here on a change that contradicts it ends the work under way. */
  async #readRow(): Promise<Account> {
    const { db } = this.#env.database;
    let account: Account;
    do {
      this.#dirty = false;
      account = await accountOf(db, this.id);
      this.#work = nextWork(account.phase, await notesOf(db, this.id));
      // Changed while it was read: until now nobody compared the change with the work.
    } while (this.#dirty && !this.#over.signal.aborted);
    return account;
  }

  /** A first copy with its check; leaves the account in step. */
  async #copy(mirror: Mirror, deps: OpenedEngine): Promise<void> {
    const asked = await requestsOf(this.#env.database.db, this.id);
    const turn = await this.#turn(this.#env.copyTurns, asked.has('look-now') ? 0 : 2);
    const onYield = () => this.#now.abort();
    turn.yield.addEventListener('abort', onYield, { once: true });
    try {
      for (let check = 1; ; check++) {
        this.report.activity('copying');
        const result = await this.#pass(mirror, asked);
        const { copied, refused } = result.messages;
        this.#env.log('info', 'copied', { account: this.id, copied, refused, bytes: result.counts.bytes });
        this.report.activity('checking');
        await mirror.rest();
        const { filter, sinceMs } = this.#env.engine;
        const leaveOut = leftOutOfCheck(result);
        const options = { filter, sinceMs, deep: false, leaveOut };
        const found = await verifyAccount({ ...deps, signal: this.#now.signal, onEvent: () => {} }, options);
        const missing = missingOf(found, result);
        const expected = result.messages.refused;
        const enough = check === maxChecks || !mayPassByItself(result);
        if (enough) {
          const inbox = inboxTrouble(result);
          if (inbox !== null) throw inbox;
        }
        if (missing <= expected && enough) break;
        if (missing > expected && check === maxChecks) {
          const text = `the check found ${missing} messages missing on new, ${expected} of them refused`;
          throw new MailferryError('check-failed', text);
        }
      }
    } finally {
      turn.yield.removeEventListener('abort', onYield);
      turn.end();
    }
    await mirror.checkAgreed();
    const { database, actor } = this.#env;
    await changePhase(database.db, { accountId: this.id, event: 'agree', actor, lease: this.#lease });
    this.#env.log('info', 'in step', { account: this.id });
  }

  /** Until the row changes. */
  async #follow(mirror: Mirror, deps: OpenedEngine): Promise<void> {
    const { timing } = this.#env;
    mirror.listen();
    /** Passes by the clock for what waits on one of the servers. */
    let inVain = 0;
    let called = true;
    for (;;) {
      const asked = await requestsOf(this.#env.database.db, this.id);
      // Also while it waits for its turn: who has one may wait for the places of these connections.
      const turn = await this.#resting(mirror, deps, () =>
        this.#turn(this.#env.stepTurns, asked.has('look-now') ? 0 : 1),
      );
      let waits: boolean;
      try {
        waits = waitsForAnotherPass(await this.#pass(mirror, asked));
      } finally {
        turn.end();
      }
      if (!waits) inVain = 0;
      else if (!called) inVain++;
      this.report.set({ heardBy: mirror.hears, activity: 'following' });
      if (mirror.checkIsDue) {
        const { database, actor } = this.#env;
        await changePhase(database.db, {
          accountId: this.id,
          event: 'begin-again',
          actor,
          lease: this.#lease,
        });
        return;
      }
      const clockMs = mirror.hears === 'all' ? timing.distrustMs : timing.pollMs;
      const pollMs = waits ? anotherPassMs(inVain, clockMs) : mirror.looks ? timing.lookedMs : clockMs;
      const restMs = Math.min(timing.restMs, pollMs);
      await this.#resting(mirror, deps, async () => {
        called = await this.#newsOrWake(mirror, restMs);
        if (called) return;
        await mirror.rest();
        if (pollMs > restMs) called = await this.#newsOrWake(mirror, pollMs - restMs);
      });
      if (!this.#dirty) continue;
      this.#dirty = false;
      if ((await this.#wanted()) !== 'follow') return;
    }
  }

  /** Waits for something with connections that others may have closed. */
  async #resting<T>(mirror: Mirror, deps: OpenedEngine, wait: () => Promise<T>): Promise<T> {
    const inUse = deps.rests(() => void mirror.rest());
    try {
      return await wait();
    } finally {
      inUse();
    }
  }

  /** False where the time passed without either. */
  async #newsOrWake(mirror: Mirror, atMostMs: number): Promise<boolean> {
    if (this.#dirty) return true;
    const woken = new Promise<void>((resolve) => {
      this.#woken = resolve;
    });
    const since = this.#env.clock.monotonic();
    const news = mirror.news(atMostMs);
    news.catch(() => {});
    await Promise.race([news, woken]);
    this.#woken = () => {};
    return this.#dirty || this.#env.clock.monotonic() - since < atMostMs;
  }

  async #pass(mirror: Mirror, asked: ReadonlySet<RequestKind>): Promise<CopyResult> {
    const { database, clock } = this.#env;
    const { detail } = this.report;
    detail.begins();
    detail.tick(clock.monotonic(), this.#work === 'copy');
    const result = await mirror.bringUpToDate({
      retryRefused: asked.has('retry-refused'),
      confirmDeletions: asked.has('confirm-deletions'),
    });
    detail.tick(clock.monotonic(), this.#work === 'copy');
    this.report.passed(result, clock.now());
    for (const kind of asked) await closeRequest(database.db, this.id, kind, this.#lease);
    await this.#outcome.passed(result);
    return result;
  }

  #onEvent(event: Parameters<EngineDeps['onEvent']>[0]): void {
    this.report.event(event);
    this.report.detail.event(event, this.#env.clock.now());
    if (event.type === 'carried') void this.#carried(event.mailbox, event.header);
    if (event.type === 'notice') {
      this.#env.log('info', event.text, { account: this.id, code: event.code });
    }
    const heardAt = this.#mirror?.heardAtMs ?? null;
    if (event.type !== 'progress' || heardAt === null || this.#work !== 'follow') return;
    const lagMs = Math.round(this.#env.clock.monotonic() - heardAt);
    this.report.set({ lagMs });
    this.#env.carried(this.id, lagMs);
  }

  /** Nothing depends on it: a header that cannot be read is a mail without a subject. */
  async #carried(mailbox: string, header: Uint8Array): Promise<void> {
    const atMs = this.#env.clock.now();
    const described = await this.#describe?.(header).catch(() => null);
    this.report.detail.carried(mailbox, described?.subject ?? null, atMs);
  }

  async #turn(turns: Turns, priority: 0 | 1 | 2): Promise<Turn> {
    this.report.activity('waiting');
    return await turns.take(priority, this.#now.signal);
  }

  /** Notes what is wrong, and waits as long as it makes sense. */
  async #failed(error: unknown): Promise<void> {
    const { timing, random, log } = this.#env;
    const known = errorOf(error);
    this.#failures++;
    const detail = { account: this.id, code: known.code, side: known.side, failures: this.#failures };
    log(known.code === 'internal' ? 'error' : 'warn', known.message, detail);
    this.report.activity('waiting');
    try {
      await this.#outcome.failed(known);
    } catch (again) {
      // The database is away too: what is wrong is told when it is back.
      log('error', errorOf(again).message, { account: this.id, code: errorOf(again).code });
    }
    const waitMs = Math.max(known.retryAfterMs ?? 0, timing.retryAfterMs(this.#failures, random()));
    await this.#waitUnlessCalled(waitMs, waitsForServer(known) ? known.side : null);
  }

  /** The note about the trouble is a change of the row, too; only what people changed ends the wait. */
  async #waitUnlessCalled(ms: number, forServer: 'old' | 'new' | null): Promise<void> {
    const { clock, outages } = this.#env;
    let end = clock.monotonic() + ms;
    const isBack = (inMs: number) => {
      end = Math.min(end, clock.monotonic() + inMs);
      this.#woken();
    };
    const waited = forServer === null ? null : outages[forServer].waits(isBack);
    try {
      while (!this.#over.signal.aborted) {
        // Somebody may have been faster than the note.
        if (this.#dirty) {
          this.#dirty = false;
          if (await this.#called()) return;
        }
        const left = end - clock.monotonic();
        if (left <= 0) return;
        await this.#pause(left);
      }
    } finally {
      waited?.();
    }
  }

  /** Somebody lifted the trouble, paused the account, or asks for something. */
  async #called(): Promise<boolean> {
    try {
      const { db } = this.#env.database;
      const { attention, paused } = await notesOf(db, this.id);
      if (attention === null || paused !== null) return true;
      return (await requestsOf(db, this.id)).size > 0;
    } catch {
      return false;
    }
  }

  /** Until the row changes, the work is over, or after `ms`. */
  async #pause(ms: number | null): Promise<void> {
    if (this.#dirty || this.#over.signal.aborted) return;
    const done = new AbortController();
    const woken = new Promise<void>((resolve) => {
      this.#woken = resolve;
    });
    const passed = ms === null ? new Promise<void>(() => {}) : this.#env.clock.sleep(ms, done.signal);
    passed.catch(() => {});
    await Promise.race([woken, passed]);
    done.abort();
    this.#woken = () => {};
  }

  /** Ends the work under way where the row wants something else. */
  async #look(): Promise<void> {
    try {
      if ((await this.#wanted()) !== this.#work) this.#now.abort();
    } catch {
      // The database is away: the next step of the journal tells.
    }
  }

  async #wanted(): Promise<Work> {
    const { db } = this.#env.database;
    const { phase } = await accountOf(db, this.id);
    return nextWork(phase, await notesOf(db, this.id));
  }
}
