/**
 * One account that is kept in step, for as long as its owner wants: connections that are opened when they are needed,
 * what the journal holds in memory, and an ear for news from old.
 */
import { Account } from './account.ts';
import { bringUpToDate, type CopyResult, meet, newRun } from './copy-account.ts';
import { Ear } from './ear.ts';
import type { EngineDeps, EngineOptions } from './engine-options.ts';
import { tellKeptMappings } from './kept-mappings.ts';
import { PairKeeper } from './open-pair.ts';
import type { RunContext } from './mailbox-work.ts';

/** So long more news are waited for: a delivery changes the mailbox in more than one step. */
const gatherMs = 10;

/** The first pass of an account waits so long for the ear: what it finds afterwards is not looked for a second time. */
const earMs = 2_000;

export class Mirror {
  readonly #deps: EngineDeps;
  readonly #options: EngineOptions;
  readonly #account: Account;
  readonly #keeper: PairKeeper;
  readonly #ear: Ear;
  /** The rest of a run goes with it: of ten thousand accounts at rest it would be a twentieth of the memory. */
  #lasting: Pick<RunContext, 'limiter' | 'servers' | 'leftOut'>;
  #met = false;
  #heardAtMs: number | null = null;
  #listens = false;

  private constructor(deps: EngineDeps, options: EngineOptions, account: Account) {
    this.#deps = deps;
    this.#options = options;
    this.#account = account;
    this.#keeper = new PairKeeper(deps);
    this.#ear = new Ear(deps);
    this.#lasting = lastingOf(newRun(deps, options, account));
  }

  /** Nothing is opened yet. */
  static async open(deps: EngineDeps, options: EngineOptions): Promise<Mirror> {
    const account = await Account.load(deps.journal, deps.clock);
    tellKeptMappings(account, options.filter, deps.onEvent);
    return new Mirror(deps, options, account);
  }

  /** What old tells of by itself at the moment. */
  get hears(): Ear['hears'] {
    return this.#ear.hears;
  }

  /** The ear finds by itself what old forgets to tell. */
  get looks(): boolean {
    return this.#ear.looks;
  }

  /** When the news came that the pass under way carries over, monotonic milliseconds; null where the clock began it. */
  get heardAtMs(): number | null {
    return this.#heardAtMs;
  }

  /** A UIDVALIDITY changed since a check last agreed: what is in step has to be checked again. Also of an earlier run. */
  get checkIsDue(): boolean {
    return this.#account.generations !== this.#account.checkedGenerations;
  }

  /** A check agreed with what the last pass left. */
  async checkAgreed(): Promise<void> {
    if (!this.checkIsDue) return;
    await this.#account.record({ step: 'check-agreed', notes: this.#account.checkedNote() });
  }

  /**
   * News are heard from now on, also those that come while a pass is under way; from the first login that succeeds, since
   * a wrong password is tried once and not twice.
   */
  listen(): void {
    if (this.#met && !this.#listens) this.#ear.listen();
    this.#listens = true;
  }

  /**
   * Passes until nothing is to be done. After an error the mirror is of no further use: what it has in memory may not be
   * what the journal holds.
   */
  async bringUpToDate(options: Partial<EngineOptions> = {}): Promise<CopyResult> {
    const run = newRun(this.#deps, { ...this.#options, ...options }, this.#account, this.#lasting);
    if (!this.#met) {
      await meet(run, this.#deps, this.#keeper);
      this.#met = true;
      if (this.#listens) {
        this.#ear.listen();
        await this.#ear.settled(earMs);
      }
    }
    this.#heardAtMs = this.#ear.forget();
    return await bringUpToDate(run, this.#deps, this.#keeper);
  }

  /** Resolves on news and after `atMostMs`; rejects when nobody will listen any more, or on abort. */
  async news(atMostMs: number): Promise<void> {
    await this.#ear.news(atMostMs);
    await this.#deps.clock.sleep(gatherMs, this.#deps.signal);
  }

  /** The two connections that passes use; the next pass opens others. The ear goes on listening. */
  async rest(): Promise<void> {
    // First: a pass may begin, and read them anew, before the connections are closed.
    for (const id of this.#account.mailboxes.keys()) this.#account.releaseLedger(id);
    await this.#keeper.close();
  }

  async close(): Promise<void> {
    await Promise.all([this.#ear.close(), this.#keeper.close()]);
  }
}

function lastingOf({ limiter, servers, leftOut }: RunContext) {
  return { limiter, servers, leftOut };
}
