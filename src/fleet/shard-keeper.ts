/**
 * Which shards this worker holds. Shards are shared out evenly among the workers that live: who has too many gives
 * some away, who has too few takes what is free. A worker that cannot renew in time gives up its shards by itself before
 * anybody may take them.
 */
import type { Clock } from '../base/clock.ts';
import { fairShare } from '../domain/shard.ts';
import {
  acquireLease,
  acquireLeases,
  type Lease,
  releaseLease,
  renewLeases,
} from '../state/database/leases.ts';
import type { Database } from '../state/database/open-database.ts';
import { freeShards, liveWorkers, shardLeaseName, workerLeaseName } from '../state/database/shards.ts';

export interface ShardHolder {
  taken(shard: number, lease: Lease): void;
  /** To be given away: resolves when nothing of it is being worked on. */
  given(shard: number): Promise<void>;
  /** Lost: cut at once. */
  lost(shard: number): void;
  /** How many workers share the work, this one included. */
  workers(count: number): void;
  failed(error: unknown): void;
}

export interface KeeperTiming {
  /** A lease lasts so long after its last renewal; then another worker takes over. */
  readonly leaseMs: number;
  readonly renewMs: number;
}

const watchMs = 500;
/** A round is a handful of short questions; each of them gives up on a silent database before that. */
const hangsAfterMs = 60_000;

/** A worker that died is replaced within lease + renewal, about 15 s. */
export const defaultKeeperTiming: KeeperTiming = { leaseMs: 12_000, renewMs: 3_000 };

export class ShardKeeper {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #worker: string;
  readonly #holder: ShardHolder;
  readonly #timing: KeeperTiming;
  readonly #held = new Map<number, Lease>();
  /** Being given away, until its accounts have come to rest. */
  readonly #leaving = new Map<Lease, Promise<void>>();
  #self: Lease | null = null;
  #renewedAt = 0;
  /** Of the last round, however it ended. */
  #endedAt = 0;
  readonly #over = new AbortController();
  #task: Promise<void> = Promise.resolve();

  constructor(
    database: Database,
    clock: Clock,
    worker: string,
    holder: ShardHolder,
    timing: KeeperTiming = defaultKeeperTiming,
  ) {
    this.#database = database;
    this.#clock = clock;
    this.#worker = worker;
    this.#holder = holder;
    this.#timing = timing;
  }

  get shards(): readonly number[] {
    return [...this.#held.keys()];
  }

  /** False when a round neither succeeds nor fails any more. */
  get alive(): boolean {
    return this.#clock.monotonic() - this.#endedAt <= hangsAfterMs;
  }

  lease(shard: number): Lease | undefined {
    return this.#held.get(shard);
  }

  /**
   * Whether the lease holds by this machine's own clock. A process that slept finds out here, before any timer of its
   * own has told it.
   */
  mayWrite(shard: number, lease: Lease): boolean {
    return this.#held.get(shard) === lease && !this.#isLate;
  }

  start(): void {
    this.#renewedAt = this.#endedAt = this.#clock.monotonic();
    this.#task = Promise.all([this.#keep(), this.#watch()]).then(() => {});
  }

  /** Gives all shards away, as soon as their accounts have come to rest. */
  async close(): Promise<void> {
    this.#over.abort();
    await this.#task;
    await Promise.all([...this.#held.keys()].map((shard) => this.#give(shard)));
    if (this.#self !== null) await releaseLease(this.#database.urgent, this.#self).catch(() => {});
  }

  async #keep(): Promise<void> {
    const { signal } = this.#over;
    while (!signal.aborted) {
      try {
        await this.#round();
      } catch (error) {
        this.#holder.failed(error);
      }
      this.#endedAt = this.#clock.monotonic();
      await this.#clock.sleep(this.#timing.renewMs, signal).catch(() => {});
    }
  }

  /** Whoever slept longer than its lease, or cannot reach the database, has lost all of it. */
  async #watch(): Promise<void> {
    const { signal } = this.#over;
    while (!signal.aborted) {
      this.#dropIfLate();
      await this.#clock.sleep(watchMs, signal).catch(() => {});
    }
  }

  #dropIfLate(): void {
    if (!this.#isLate) return;
    for (const shard of this.#held.keys()) this.#lose(shard);
    this.#self = null;
  }

  /** A renewal has to be there well before the end of the lease. */
  get #isLate(): boolean {
    const { leaseMs, renewMs } = this.#timing;
    return this.#clock.monotonic() - this.#renewedAt > leaseMs - renewMs / 2;
  }

  async #round(): Promise<void> {
    const { urgent: db } = this.#database;
    const { leaseMs } = this.#timing;
    const begun = this.#clock.monotonic();
    this.#dropIfLate();
    const all = [...this.#held.values(), ...(this.#self === null ? [] : [this.#self])];
    const kept = new Set(await renewLeases(db, all, leaseMs));
    this.#renewedAt = begun;
    for (const [shard, lease] of this.#held) if (!kept.has(lease)) this.#lose(shard);
    if (this.#self === null || !kept.has(this.#self)) {
      this.#self = await acquireLease(db, workerLeaseName(this.#worker), this.#worker, leaseMs);
    }
    const workers = await liveWorkers(db);
    this.#holder.workers(Math.max(1, workers.length));
    const index = workers.indexOf(this.#worker);
    if (index === -1) return;
    await this.#balance(fairShare(workers.length, index));
  }

  async #balance(share: number): Promise<void> {
    const mine = [...this.#held].flatMap(([shard, lease]) => (this.#leaving.has(lease) ? [] : [shard]));
    for (const shard of mine.slice(share)) void this.#give(shard);
    const missing = share - mine.length;
    if (missing <= 0) return;
    const wanted = shuffled(await freeShards(this.#database.urgent), this.#worker).slice(0, missing);
    const names = new Map(wanted.map((shard) => [shardLeaseName(shard), shard]));
    const { leaseMs } = this.#timing;
    for (const lease of await acquireLeases(
      this.#database.urgent,
      [...names.keys()],
      this.#worker,
      leaseMs,
    )) {
      const shard = names.get(lease.name);
      if (shard === undefined) continue;
      this.#held.set(shard, lease);
      this.#holder.taken(shard, lease);
    }
  }

  /** Resolves when it is given away, whoever began with it. */
  #give(shard: number): Promise<void> {
    const lease = this.#held.get(shard);
    if (lease === undefined) return Promise.resolve();
    const given = this.#leaving.get(lease) ?? this.#giveAway(shard, lease);
    this.#leaving.set(lease, given);
    return given;
  }

  async #giveAway(shard: number, lease: Lease): Promise<void> {
    try {
      await this.#holder.given(shard);
      await releaseLease(this.#database.urgent, lease);
    } catch (error) {
      this.#holder.failed(error);
    } finally {
      this.#leaving.delete(lease);
      // Lost meanwhile, it may have been taken anew.
      if (this.#held.get(shard) === lease) this.#held.delete(shard);
    }
  }

  #lose(shard: number): void {
    this.#held.delete(shard);
    this.#holder.lost(shard);
  }
}

/** In an order of each worker's own, so that those that begin together do not all ask for the same shard. */
function shuffled(shards: readonly number[], worker: string): number[] {
  const start = [...worker].reduce((sum, char) => (sum * 31 + char.charCodeAt(0)) % 9973, 7);
  return shards
    .map((shard) => ({ shard, key: ((shard + 1) * 7919 + start * 104_729) % 65_521 }))
    .sort((a, b) => a.key - b.key)
    .map(({ shard }) => shard);
}
