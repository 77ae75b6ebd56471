/** Control as an edge sees it, in memory: it can go away, and tells what was acknowledged and reported. */
import type { HostReport } from '../../src/domain/host-report.ts';
import type { Phase } from '../../src/domain/phase.ts';
import type { EdgeControl } from '../../src/routing/index.ts';
import type { EdgeRow } from '../../src/state/database/edge-rows.ts';

export class MemoryControl implements EdgeControl {
  rows: EdgeRow[] = [];
  latest = 0;
  away = false;
  /** How often an edge asked for rows or acknowledged. */
  tries = 0;
  acknowledged: { readonly epoch: number; readonly parts: readonly string[] }[] = [];
  reports: HostReport[] = [];
  clockAheadMs: number | null = null;
  #changed: (() => void)[] = [];
  readonly #edges: { inForce: number }[] = [];

  /** The account changes: all edges hear of it. */
  put(
    name: string,
    phase: Phase,
    addresses: readonly string[] = [`${name}@example.org`],
    more: Partial<Pick<EdgeRow, 'appPasswords' | 'user'>> = {},
  ): void {
    this.latest++;
    const id = `id-${name}`;
    this.rows = this.rows.filter((row) => row.id !== id);
    this.rows.push({
      id,
      epoch: this.latest,
      phase,
      addresses,
      oldLogin: name,
      newLogin: name,
      appPasswords: [],
      ...more,
    });
    for (const wake of this.#changed.splice(0)) wake();
  }

  /** Questions that wait are answered, as after a while where nothing changes. */
  nudge(): void {
    for (const wake of this.#changed.splice(0)) wake();
  }

  async rowsAfter(after: number, limit: number, waitMs: number, signal: AbortSignal) {
    this.tries++;
    if (this.away) throw new Error('control is away');
    if (after === this.latest && waitMs > 0) {
      await new Promise<void>((resolve) => {
        this.#changed.push(resolve);
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
    }
    const rows = this.rows.filter(({ epoch }) => epoch > after).slice(0, limit);
    const upTo = rows.length < limit ? this.latest : (rows.at(-1)?.epoch ?? this.latest);
    return { rows, upTo, latest: this.latest };
  }

  async acknowledge(epoch: number, health: readonly { readonly part: string }[]) {
    this.tries++;
    if (this.away) throw new Error('control is away');
    this.acknowledged.push({ epoch, parts: health.map(({ part }) => part) });
  }

  async report(report: HostReport) {
    if (this.away) throw new Error('control is away');
    this.reports.push(report);
  }

  async look() {
    if (this.away) throw new Error('control is away');
    return { latest: this.latest, clockAheadMs: this.clockAheadMs };
  }

  /** Control for one of several edges: `inForce` is then that of the last of them. */
  forEdge(): EdgeControl {
    const edge = { inForce: -1 };
    this.#edges.push(edge);
    return {
      rowsAfter: async (...args) => await this.rowsAfter(...args),
      acknowledge: async (epoch, health) => {
        await this.acknowledge(epoch, health);
        edge.inForce = epoch;
      },
      report: async (report) => await this.report(report),
      look: async () => await this.look(),
    };
  }

  get inForce(): number {
    if (this.#edges.length > 0) return Math.min(...this.#edges.map(({ inForce }) => inForce));
    return this.acknowledged.at(-1)?.epoch ?? -1;
  }
}
