/**
 * One account in the hands of one worker: copied, checked, then kept in step, until a person pauses it, trouble stops it
 * or the worker gives it away. What goes wrong here stays here.
 *
 *   row -> nextWork -> copy (first-copy.ts): turn -> passes -> check -> in-step
 *                   -> follow (follow.ts): pass -> news or clock -> pass ...
 *                   -> rest: until the row changes
 */
import { isMailferryError } from '../base/errors.ts';
import { notesOf } from '../state/database/account-notes.ts';
import { type Account, accountOf } from '../state/database/accounts.ts';
import type { Lease } from '../state/database/leases.ts';
import { secretsSetAt } from '../state/database/credentials.ts';
import { requestsOf } from '../state/database/requests.ts';
import type { AccountReport } from './account-report.ts';
import { AccountWork, type WorkOptions } from './account-work.ts';
import { Alarm } from './alarm.ts';
import { firstCopy } from './first-copy.ts';
import { follow } from './follow.ts';
import { nextWork, type Work } from './next-work.ts';
import { waitsForServer } from './outage.ts';
import { PassOutcome } from './pass-outcome.ts';
import type { OpenedEngine, RunnerEnv } from './runner-env.ts';
import { errorOf, mayBeForOldSecrets } from './trouble-of.ts';

/** Keeps a runner whose lease ran out from asking all the time, until the next renewal, within seconds, tells. */
const leaseLostPauseMs = 1_000;

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
  readonly #alarm: Alarm;
  /** Of the work under way, to its very end. */
  #engine: OpenedEngine | null = null;
  #failures = 0;
  readonly #outcome: PassOutcome;

  /** Of those that the work under way logs in with. */
  #secretsSetAt = 0;
  #ended = false;
  readonly #mayWrite: () => boolean;

  /** `mayWrite`: whether the lease still holds by this machine's clock. */
  constructor(env: RunnerEnv, lease: Lease, mayWrite: () => boolean, report: AccountReport) {
    this.#env = env;
    this.#lease = lease;
    this.#mayWrite = mayWrite;
    this.report = report;
    this.#alarm = new Alarm(env.clock);
    this.#outcome = new PassOutcome(env, report.accountId, lease);
  }

  get id(): string {
    return this.report.accountId;
  }

  /** Nothing will be done for the account any more, though nobody ended it: a defect that must not cost it its worker. */
  get ended(): boolean {
    return this.#ended;
  }

  start(): void {
    this.#life = this.#live()
      .catch((error: unknown) => {
        this.#env.log('error', 'the work on an account broke down', { account: this.id, err: error });
      })
      .finally(() => {
        this.#ended = true;
      });
  }

  /** The account's row or its requests may have changed. */
  wake(): void {
    this.#alarm.ring();
    if (this.#work !== 'rest') void this.#look();
  }

  /** Lets what is on the wire end; resolves when nothing is done for the account any more. */
  async stop(): Promise<void> {
    this.#over.abort();
    this.#now.abort();
    this.#alarm.nudge();
    await this.#life;
  }

  /** Cuts everything at once. */
  destroy(): void {
    this.#over.abort();
    this.#now.abort();
    this.#engine?.cut();
    this.#alarm.nudge();
  }

  async #live(): Promise<void> {
    while (!this.#over.signal.aborted) {
      this.#now = new AbortController();
      if (this.#over.signal.aborted) this.#now.abort();
      this.#alarm.reset();
      try {
        await this.#step();
        this.#failures = 0;
      } catch (error) {
        if (this.#over.signal.aborted) return;
        if (isMailferryError(error, 'lease-lost')) {
          // Whether it is lost only the keeper knows: it may renew it a moment later, else it ends this runner.
          this.report.activity('waiting');
          await this.#alarm.pause(leaseLostPauseMs);
          continue;
        }
        // Somebody changed the row, or the turn was over.
        if (this.#now.signal.aborted) continue;
        await this.#failed(error);
      }
    }
  }

  async #step(): Promise<void> {
    const account = await this.#readRow();
    const kind = this.#work;
    if (kind === 'rest') {
      this.report.activity('stopped');
      if (!this.#over.signal.aborted) await this.#alarm.pause(null);
      return;
    }
    this.report.activity('waiting');
    this.#secretsSetAt = await secretsSetAt(this.#env.database.db, this.id);
    const deps = await this.#env.engineDeps(account, this.#lease, this.#mayWrite);
    const options: WorkOptions = {
      env: this.#env,
      lease: this.#lease,
      report: this.report,
      outcome: this.#outcome,
      alarm: this.#alarm,
      deps,
      kind,
      now: this.#now,
      wanted: () => this.#wanted(),
    };
    this.#engine = deps;
    const work = await AccountWork.open(options);
    try {
      if (kind === 'copy') await firstCopy(work);
      else await follow(work);
    } finally {
      await work.mirror.close();
      // Not before: a server may not answer the end either, and then `destroy` must find what is to be cut.
      this.#engine = null;
    }
  }

  /** Also what is to be done. From here on a change that contradicts it ends the work under way. */
  async #readRow(): Promise<Account> {
    const { db } = this.#env.database;
    let account: Account;
    do {
      this.#alarm.reset();
      account = await accountOf(db, this.id);
      this.#work = await this.#workOf(account);
      // Changed while it was read: until now nobody compared the change with the work.
    } while (this.#alarm.rung && !this.#over.signal.aborted);
    return account;
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
      // A person was faster than the server with its refusal: it was for what they have already changed.
      if (mayBeForOldSecrets(known) && (await this.#secretsRenewed())) return;
      await this.#outcome.failed(known);
    } catch (again) {
      // The database is away too: what is wrong is told when it is back.
      log('error', errorOf(again).message, { account: this.id, code: errorOf(again).code });
    }
    const waitMs = Math.max(known.retryAfterMs ?? 0, timing.retryAfterMs(this.#failures, random()));
    await this.#waitUnlessCalled(waitMs, waitsForServer(known) ? known.side : null);
  }

  async #secretsRenewed(): Promise<boolean> {
    return (await secretsSetAt(this.#env.database.db, this.id)) !== this.#secretsSetAt;
  }

  /** The note about the trouble is a change of the row, too; only what people changed ends the wait. */
  async #waitUnlessCalled(ms: number, forServer: 'old' | 'new' | null): Promise<void> {
    const { clock, outages } = this.#env;
    let end = clock.monotonic() + ms;
    const isBack = (inMs: number) => {
      end = Math.min(end, clock.monotonic() + inMs);
      this.#alarm.nudge();
    };
    const waited = forServer === null ? null : outages[forServer].waits(isBack);
    try {
      while (!this.#over.signal.aborted) {
        // Somebody may have been faster than the note.
        if (this.#alarm.rung) {
          this.#alarm.reset();
          if (await this.#called()) return;
        }
        const left = end - clock.monotonic();
        if (left <= 0) return;
        await this.#alarm.pause(left);
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
    return this.#workOf(await accountOf(db, this.id));
  }

  /** A first copy waits for its account on new; the event that it is there wakes this one. */
  async #workOf({ phase }: Account): Promise<Work> {
    const { database, isMade } = this.#env;
    const work = nextWork(phase, await notesOf(database.db, this.id));
    return work === 'copy' && isMade !== undefined && !(await isMade(this.id)) ? 'rest' : work;
  }
}
