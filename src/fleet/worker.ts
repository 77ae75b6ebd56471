/**
 * One worker: holds shards, runs an account's work in each, tells how far it is. Built by a service, which hands in
 * how accounts are reached.
 *
 *   ShardKeeper -> shards -> AccountRunner for each account that copies or is in step
 *   EventFeed   -> wakes the runner of the account that somebody changed
 */
import type { Clock } from '../base/clock.ts';
import { shardOf } from '../domain/shard.ts';
import type { LiveEventRow } from '../state/database/events.ts';
import { EventFeed } from '../state/database/event-feed.ts';
import type { Lease } from '../state/database/leases.ts';
import { type DetailRow, detailsOf, saveDetails } from '../state/database/account-detail.ts';
import { progressOf, saveProgress } from '../state/database/progress.ts';
import { accountCounts, accountsInShard, accountsInShards } from '../state/database/shards.ts';
import { AccountReport } from './account-report.ts';
import { AccountRunner } from './account-runner.ts';
import type { RunnerEnv } from './runner-env.ts';
import { type KeeperTiming, type ShardHolder, ShardKeeper } from './shard-keeper.ts';

export interface WorkerOptions {
  /** Unique among those that share the database; people read it. */
  readonly name: string;
  readonly keeper?: KeeperTiming;
  /** How late a change may be noticed whose notification was lost. */
  readonly feedPollMs: number;
  /** About once a second, with the number of workers that share the servers' limits. */
  readonly tick: (workers: number) => Promise<void> | void;
}

/** Progress is saved, and the pace looked at, this often. */
const tickMs = 1_000;
const rowsAtOnce = 500;
/** All accounts are compared with those that are worked for so often: an event may be lost, a runner may break down. */
const rescanMs = 60_000;
/** Else only in those shards whose number of accounts is not that of the runners. */
const wholeScanEvery = 10;
/** Of accounts whose mailboxes and speed are written at one tick: some 3 KB each. */
const maxDetails = 100;
/** Questions to the database are asked again after so long, twice as long each time, up to the second. */
const firstAgainMs = 1_000;
const maxAgainMs = 30_000;
/** Of a graceful end; what has not come to rest by then is cut off and settled by the next worker. */
const drainMs = 7_000;

export class Worker implements ShardHolder {
  readonly #env: RunnerEnv;
  readonly #clock: Clock;
  readonly #options: WorkerOptions;
  readonly #keeper: ShardKeeper;
  readonly #feed: EventFeed;
  readonly #shards = new Map<number, Map<string, AccountRunner>>();
  /** Of shards that are being given away. */
  readonly #ending = new Map<number, Map<string, AccountRunner>>();
  readonly #reports = new Set<AccountReport>();
  #workers = 1;
  #scannedAt = 0;
  #scans = 0;
  readonly #over = new AbortController();
  #ticking: Promise<void> = Promise.resolve();

  constructor(env: RunnerEnv, options: WorkerOptions) {
    this.#env = env;
    this.#clock = env.clock;
    this.#options = options;
    this.#keeper = new ShardKeeper(env.database, env.clock, options.name, this, options.keeper);
    this.#feed = new EventFeed(env.database, (error) => this.failed(error));
  }

  get accounts(): number {
    let sum = 0;
    for (const runners of this.#shards.values()) sum += runners.size;
    return sum;
  }

  /** Accounts that are in step and wait for news. */
  get following(): number {
    let sum = 0;
    for (const { progress } of this.#reports) if (progress.activity === 'following') sum++;
    return sum;
  }

  /** Its rounds with the database go on, well or badly: it does not hang. */
  get alive(): boolean {
    return this.#keeper.alive;
  }

  get shards(): number {
    return this.#shards.size;
  }

  async start(): Promise<void> {
    this.#feed.on((event) => this.#noticed(event));
    await this.#feed.start(this.#options.feedPollMs);
    this.#keeper.start();
    this.#scannedAt = this.#clock.monotonic();
    this.#ticking = this.#tick();
  }

  /** Ends within about 8 s: lets what is on the wire end, then cuts. */
  async close(): Promise<void> {
    await this.#feed.close();
    const inTime = new AbortController();
    this.#clock.sleep(drainMs, inTime.signal).then(
      () => this.#cutAll(),
      () => {},
    );
    await this.#keeper.close();
    inTime.abort();
    this.#over.abort();
    await this.#ticking;
    await this.#save().catch((error) => this.failed(error));
  }

  // --- shards ----------------------------------------------------------------------------------------------------

  taken(shard: number, lease: Lease): void {
    const runners = new Map<string, AccountRunner>();
    this.#shards.set(shard, runners);
    void this.#again(shard, runners, () => this.#begin(shard, lease, runners));
  }

  async given(shard: number): Promise<void> {
    const runners = this.#shards.get(shard);
    if (runners === undefined) return;
    this.#shards.delete(shard);
    this.#ending.set(shard, runners);
    await Promise.all([...runners.values()].map((runner) => this.#end(runner)));
    if (this.#ending.get(shard) === runners) this.#ending.delete(shard);
  }

  lost(shard: number): void {
    const runners = this.#shards.get(shard) ?? this.#ending.get(shard);
    this.#shards.delete(shard);
    this.#ending.delete(shard);
    if (runners !== undefined && runners.size > 0) {
      this.#env.log('warn', 'another worker may take over a shard', { shard, accounts: runners.size });
    }
    for (const runner of runners?.values() ?? []) {
      this.#reports.delete(runner.report);
      runner.destroy();
    }
  }

  workers(count: number): void {
    this.#workers = count;
  }

  failed(error: unknown): void {
    this.#env.log('error', error instanceof Error ? error.message : String(error), {});
  }

  /** Until it is done or the shard is gone: a database away for a moment must not leave accounts without a runner. */
  async #again(shard: number, runners: Map<string, AccountRunner>, work: () => Promise<void>): Promise<void> {
    for (let failures = 0; this.#shards.get(shard) === runners; failures++) {
      try {
        await work();
        return;
      } catch (error) {
        this.failed(error);
      }
      const most = Math.min(maxAgainMs, firstAgainMs * 2 ** failures);
      const ms = most * (0.5 + this.#env.random() / 2);
      await this.#clock.sleep(ms, this.#over.signal).catch(() => {});
    }
  }

  async #begin(shard: number, lease: Lease, runners: Map<string, AccountRunner>): Promise<void> {
    const { db } = this.#env.database;
    const ids = await accountsInShard(db, shard);
    const before = await progressOf(db, ids);
    const details = await detailsOf(db, ids);
    for (const id of ids) {
      this.#add(shard, lease, runners, new AccountReport(id, before.get(id), details.get(id)));
    }
  }

  #add(shard: number, lease: Lease, runners: Map<string, AccountRunner>, report: AccountReport): void {
    // Meanwhile the shard may be gone, or somebody else may have begun with the account.
    if (this.#shards.get(shard) !== runners || runners.has(report.accountId)) return;
    const runner = new AccountRunner(this.#env, lease, () => this.#keeper.mayWrite(shard, lease), report);
    runners.set(report.accountId, runner);
    this.#reports.add(report);
    runner.start();
  }

  async #end(runner: AccountRunner): Promise<void> {
    await runner.stop();
    this.#reports.delete(runner.report);
  }

  #cutAll(): void {
    for (const runners of [...this.#shards.values(), ...this.#ending.values()]) {
      for (const runner of runners.values()) runner.destroy();
    }
  }

  // --- what people change ----------------------------------------------------------------------------------------

  #noticed(event: LiveEventRow): void {
    if (!event.kind.startsWith('account.')) return;
    const shard = shardOf(event.subject);
    const runners = this.#shards.get(shard);
    if (runners === undefined) return;
    const runner = runners.get(event.subject);
    if (runner !== undefined) runner.wake();
    else if (event.kind === 'account.phase') {
      void this.#again(shard, runners, () => this.#addOne(shard, event.subject, runners));
    }
  }

  async #addOne(shard: number, id: string, runners: Map<string, AccountRunner>): Promise<void> {
    const { db } = this.#env.database;
    const before = (await progressOf(db, [id])).get(id);
    const detail = (await detailsOf(db, [id])).get(id);
    const lease = this.#keeper.lease(shard);
    if (lease !== undefined) this.#add(shard, lease, runners, new AccountReport(id, before, detail));
  }

  // --- the clock -------------------------------------------------------------------------------------------------

  async #tick(): Promise<void> {
    const { signal } = this.#over;
    while (!signal.aborted) {
      await this.#clock.sleep(tickMs, signal).catch(() => {});
      if (signal.aborted) return;
      try {
        await this.#save();
        await this.#options.tick(this.#workers);
        this.#env.copyTurns.look();
        this.#env.stepTurns.look();
        await this.#rescan();
      } catch (error) {
        this.failed(error);
      }
    }
  }

  async #rescan(): Promise<void> {
    const now = this.#clock.monotonic();
    if (now - this.#scannedAt < rescanMs) return;
    this.#scannedAt = now;
    this.#scans++;
    const { db } = this.#env.database;
    const held = new Map(this.#shards);
    for (const { id, shard } of await accountsInShards(db, await this.#shardsToScan(held))) {
      const runners = held.get(shard);
      const runner = runners?.get(id);
      if (runners === undefined || (runner !== undefined && !runner.ended)) continue;
      if (runner !== undefined) {
        runners.delete(id);
        this.#reports.delete(runner.report);
      }
      await this.#addOne(shard, id, runners);
    }
  }

  /** To read ten thousand ids takes a tenth of a second, to count them a hundredth; one in place of another is seldom. */
  async #shardsToScan(held: ReadonlyMap<number, Map<string, AccountRunner>>): Promise<readonly number[]> {
    const shards = [...held.keys()];
    if (this.#scans % wholeScanEvery === 0) return shards;
    const counts = await accountCounts(this.#env.database.db, shards);
    return shards.filter((shard) => {
      const runners = [...(held.get(shard)?.values() ?? [])];
      return runners.filter((runner) => !runner.ended).length !== (counts.get(shard) ?? 0);
    });
  }

  async #save(): Promise<void> {
    const taken = [...this.#reports].flatMap((report) => {
      const row = report.take();
      return row === null ? [] : [{ report, row }];
    });
    let saved = 0;
    try {
      // A statement takes so many values on both databases.
      for (; saved < taken.length; saved += rowsAtOnce) {
        const rows = taken.slice(saved, saved + rowsAtOnce).map(({ row }) => row);
        await saveProgress(this.#env.database.db, rows);
      }
    } finally {
      for (const { report } of taken.slice(saved)) report.notSaved();
    }
    await this.#saveDetails();
  }

  /** So many a second: who comes later in the row is written with the next tick, as it is then. */
  async #saveDetails(): Promise<void> {
    const now = this.#clock.monotonic();
    const rows: DetailRow[] = [];
    const written: AccountReport[] = [];
    for (const report of this.#reports) {
      report.detail.tick(now, report.progress.activity === 'copying');
      const row = rows.length < maxDetails ? report.detail.take(now) : null;
      if (row === null) continue;
      rows.push(row);
      written.push(report);
      if (rows.length === maxDetails) break;
    }
    // To the end of the row.
    for (const report of written) if (this.#reports.delete(report)) this.#reports.add(report);
    try {
      await saveDetails(this.#env.database.db, rows);
    } catch (error) {
      for (const report of written) report.detail.notSaved();
      throw error;
    }
  }
}
