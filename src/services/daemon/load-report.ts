/** Says every few seconds what this worker asks of the two servers, for who watches them. */
import type { Clock } from '../../base/clock.ts';
import type { Carried } from '../../fleet/both-limiters.ts';
import type { ServerBudget } from '../../fleet/server-budget.ts';
import type { Database } from '../../state/database/open-database.ts';
import { forgetLoad, reportEveryMs, reportLoad } from '../../state/database/server-load.ts';
import type { Side } from '../../state/database/servers.ts';

export class LoadReport {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #worker: string;
  readonly #budgets: Readonly<Record<Side, ServerBudget>>;
  #messages = 0;
  #bytes = 0;
  #saidAt: number;

  constructor(
    database: Database,
    clock: Clock,
    worker: string,
    budgets: Readonly<Record<Side, ServerBudget>>,
  ) {
    this.#database = database;
    this.#clock = clock;
    this.#worker = worker;
    this.#budgets = budgets;
    this.#saidAt = clock.monotonic();
  }

  /** At each beat: what was carried since the last one, and what all workers carried today. */
  async beat(carried: Carried, bytesToday: Readonly<Record<Side, number>>): Promise<void> {
    this.#messages += carried.messages;
    this.#bytes += carried.bytes;
    const now = this.#clock.monotonic();
    const seconds = (now - this.#saidAt) / 1000;
    if (seconds * 1000 < reportEveryMs) return;
    const messagesPerSecond = this.#messages / seconds;
    const bytesPerSecond = this.#bytes / seconds;
    this.#messages = this.#bytes = 0;
    this.#saidAt = now;
    for (const side of ['old', 'new'] as const) {
      const { use, latencyMs } = this.#budgets[side];
      await reportLoad(this.#database.db, this.#worker, side, {
        ...use,
        messagesPerSecond,
        bytesPerSecond,
        latencyMs: latencyMs === 0 ? null : latencyMs,
        bytesToday: bytesToday[side],
      });
    }
  }

  async end(): Promise<void> {
    // It would count for a quarter of a minute longer: no reason to fail at the end.
    await forgetLoad(this.#database.db, this.#worker).catch(() => {});
  }
}
