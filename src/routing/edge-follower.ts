/**
 * An edge's work: pull rows from control, write the replica, keep Postfix's table, and say how far all of it is in force.
 * Where control is away, the last replica goes on serving; where a table cannot be written, the epoch before it stays the
 * one that is told, and it is tried again.
 *
 *   control --rows--> replica (SQLite) --routes--> table (LMDB) --> acknowledge
 */
import { rmSync } from 'node:fs';
import type { Clock } from '../base/clock.ts';
import { MailferryError } from '../base/errors.ts';
import type { HostReport } from '../domain/host-report.ts';
import type { ServerSide } from '../domain/placement.ts';
import type { EdgeFinding } from '../state/database/edges.ts';
import type { EdgeRows } from '../state/database/edge-rows.ts';
import { Replica, type RouteChanges } from '../state/replica/replica.ts';
import { PostmapTable } from './postmap.ts';
import { allRows, changedRows } from './table-rows.ts';

/** Control, as an edge sees it. All reject when it is away. */
export interface EdgeControl {
  /** Rows after an epoch; where there are none it may take up to `waitMs` to say so. */
  rowsAfter(after: number, limit: number, waitMs: number, signal: AbortSignal): Promise<EdgeRows>;
  acknowledge(epoch: number, health: readonly EdgeFinding[], signal: AbortSignal): Promise<void>;
  /** What the doctor of the host found. */
  report(report: HostReport, signal: AbortSignal): Promise<void>;
  /** Its newest change, and how far its clock is ahead of ours; null where it has the same one. */
  look(signal: AbortSignal): Promise<{ readonly latest: number; readonly clockAheadMs: number | null }>;
}

export interface EdgeFollowerOptions {
  readonly side: ServerSide;
  readonly control: Pick<EdgeControl, 'rowsAfter' | 'acknowledge'>;
  /** The replica's file. */
  readonly file: string;
  readonly groupReads: boolean;
  /** Null where Postfix does not read a table here. */
  readonly table: PostmapTable | null;
  /** The value of each row of the table. */
  readonly nexthop: string;
  readonly clock: Clock;
  readonly log: (text: string, error?: unknown) => void;
  /** What is wrong with other parts of the edge: told with what is wrong here. */
  readonly alsoWrong?: () => readonly EdgeFinding[];
}

/** A page of about half a megabyte. */
const pageRows = 1_000;
/** Control answers earlier where something changes. Below what proxies in between allow. */
const waitMs = 25_000;
const firstRetryMs = 500;
const longestRetryMs = 30_000;
/** Who looks at an edge wants to know that it lives, also where nothing changes. */
const sayAnywayMs = 60_000;

export class EdgeFollower {
  readonly #options: EdgeFollowerOptions;
  #replica: Replica;
  /** Whose rows are in the table; those of the side new have them. */
  #domains = new Set<string>();
  /** Null: the table may be anything, and is made anew from the replica. */
  #tableEpoch: number | null = null;
  #acknowledged: { readonly epoch: number; readonly health: string; readonly at: number } | null = null;
  #findings = new Map<string, string>();

  constructor(options: EdgeFollowerOptions) {
    this.#options = options;
    this.#replica = Replica.openOrRenew(options.file, options.side, options);
  }

  get replica(): Replica {
    return this.#replica;
  }

  /** All changes up to here are in force on this host; 0 before everything was there once. */
  get epoch(): number {
    if (!this.#replica.isComplete) return 0;
    return this.#options.table === null ? this.#replica.epoch : (this.#tableEpoch ?? 0);
  }

  get findings(): readonly EdgeFinding[] {
    const own = [...this.#findings].map(([part, text]) => ({ part, text }));
    return [...own, ...(this.#options.alsoWrong?.() ?? [])];
  }

  /** Until `signal` aborts; rejects for nothing. */
  async run(signal: AbortSignal): Promise<void> {
    let retryMs = firstRetryMs;
    while (!signal.aborted) {
      try {
        await this.#round(signal);
        retryMs = firstRetryMs;
      } catch (error) {
        if (signal.aborted) break;
        this.#options.log('control or the replica is away: what is in force stays so', error);
        await this.#options.clock.sleep(retryMs, signal).catch(() => {});
        retryMs = Math.min(longestRetryMs, retryMs * 2);
      }
    }
  }

  close(): void {
    this.#replica.close();
  }

  async #round(signal: AbortSignal): Promise<void> {
    const { control } = this.#options;
    // Before anything is asked for: a table that was lost is there again though control is away.
    const problem = await this.#mendTable().then(
      () => null,
      (error: unknown) => error,
    );
    await this.#tell(signal);
    const known = this.#replica.epoch;
    const settled = this.#replica.isComplete && this.#findings.size === 0;
    const page = await control.rowsAfter(known, pageRows, settled ? waitMs : 0, signal);
    if (page.latest < known) return await this.#beginAnew(signal);
    const complete = page.upTo === page.latest;
    const wasComplete = this.#replica.isComplete;
    if (page.rows.length > 0 || page.upTo > known || (complete && !wasComplete)) {
      const changes = this.#noted('replica', () => this.#replica.apply(page.rows, page.upTo, complete));
      await this.#follow(wasComplete ? changes : null, page.upTo);
    }
    await this.#tell(signal);
    // Only now: who asks the edge itself gets what is new all the same.
    if (problem !== null && this.#findings.size > 0) throw problem;
  }

  /** Control's numbers are behind ours: its database was put back from a backup. */
  async #beginAnew(signal: AbortSignal): Promise<void> {
    const { file, side, control, log } = this.#options;
    log('control begins anew, so does the replica; what is in force stays so meanwhile');
    const beside = `${file}.anew`;
    const remove = () => {
      for (const name of [beside, `${beside}-journal`]) rmSync(name, { force: true });
    };
    remove();
    const fresh = Replica.open(beside, side);
    try {
      for (let upTo = 0; ; ) {
        const page = await control.rowsAfter(upTo, pageRows, 0, signal);
        const complete = page.upTo === page.latest;
        fresh.apply(page.rows, page.upTo, complete);
        upTo = page.upTo;
        if (complete) break;
      }
      fresh.close();
      this.#noted('replica', () => this.#replica.replaceBy(beside));
    } finally {
      fresh.close();
      remove();
    }
    this.#tableEpoch = null;
    await this.#mendTable();
  }

  /** `changes`: null where all may be different. */
  async #follow(changes: RouteChanges | null, upTo: number): Promise<void> {
    const { table, nexthop } = this.#options;
    if (table === null || !this.#replica.isComplete) return;
    const anew = async () => {
      this.#tableEpoch = null;
      await this.#mendTable();
    };
    // Two domains may have one key: what a domain that is gone leaves is not known without all others.
    if (changes === null || changes.domainsGone.length > 0 || this.#tableEpoch === null || !table.exists)
      return await anew();
    const keys = changedRows(this.#options.side, nexthop, changes, this.#domains);
    if (PostmapTable.isMany(keys)) return await anew();
    // From here on it is neither the one before nor the one after.
    this.#tableEpoch = null;
    await this.#notedAsync('transport', () => table.change(keys));
    this.#tableEpoch = upTo;
  }

  async #mendTable(): Promise<void> {
    const { table, nexthop, side } = this.#options;
    if (table === null || !this.#replica.isComplete) return;
    if (this.#tableEpoch !== null && table.exists) return;
    const { epoch } = this.#replica;
    this.#tableEpoch = null;
    this.#domains = new Set();
    await this.#notedAsync('transport', () =>
      table.rebuild(allRows(side, nexthop, this.#replica.addresses())),
    );
    this.#tableEpoch = epoch;
  }

  async #tell(signal: AbortSignal): Promise<void> {
    const { epoch, findings } = this;
    const health = JSON.stringify(findings);
    const at = this.#options.clock.monotonic();
    const last = this.#acknowledged;
    if (last?.epoch === epoch && last.health === health && at - last.at < sayAnywayMs) return;
    await this.#options.control.acknowledge(epoch, findings, signal);
    this.#acknowledged = { epoch, health, at };
  }

  #noted<T>(part: string, work: () => T): T {
    try {
      const result = work();
      this.#findings.delete(part);
      return result;
    } catch (error) {
      this.#findings.set(part, wordsOf(error));
      throw error;
    }
  }

  async #notedAsync(part: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
      this.#findings.delete(part);
    } catch (error) {
      this.#findings.set(part, wordsOf(error));
      throw error;
    }
  }
}

function wordsOf(error: unknown): string {
  return error instanceof MailferryError || error instanceof Error ? error.message : String(error);
}
