/** One worker of the daemon over servers in memory, in a process that can be killed and stopped. */
import type { Clock } from '../../src/base/clock.ts';
import { retryAfterMs } from '../../src/domain/trouble.ts';
import type { OpenedEngine, RunnerTiming } from '../../src/fleet/runner-env.ts';
import { BothLimiters } from '../../src/fleet/both-limiters.ts';
import { BudgetedStore } from '../../src/fleet/budgeted-store.ts';
import { copiesAllowed } from '../../src/fleet/copy-pace.ts';
import { Outage } from '../../src/fleet/outage.ts';
import { ServerBudget } from '../../src/fleet/server-budget.ts';
import { Turns } from '../../src/fleet/turns.ts';
import { Worker } from '../../src/fleet/worker.ts';
import type { Account } from '../../src/state/database/accounts.ts';
import { DatabaseJournal } from '../../src/state/database/journal.ts';
import type { Lease } from '../../src/state/database/leases.ts';
import type { Database } from '../../src/state/database/open-database.ts';
import { FakeMailStore } from '../fakes/fake-mail-store.ts';
import { fieldOf } from '../interruption/letters.ts';
import { testOptions } from '../interruption/run.ts';
import type { World } from '../interruption/world.ts';
import { SimulatedProcess } from './simulated-process.ts';

export interface SimulatedWorkerOptions {
  readonly name: string;
  readonly clock: Clock;
  readonly database: Database;
  readonly random: () => number;
  /** By account. */
  readonly worlds: ReadonlyMap<string, World>;
  readonly log: (text: string, detail: Readonly<Record<string, unknown>>) => void;
  /** As in simulated fleets, which hurry, where it is left out. */
  readonly timing?: Omit<RunnerTiming, 'retryAfterMs'>;
}

export interface SimulatedWorker {
  readonly name: string;
  readonly process: SimulatedProcess;
  close(): Promise<void>;
}

/** Few, so that accounts compete for them. */
const connections = 10;
const connectionsPerAccount = 3;
const copiesAtOnce = 2;
/** Of a copy's turn, in simulated time: short, so that turns are given back. */
const quantumMs = 400;
const limits = { copiesAtOnce, window: null, bytesPerDay: null, latencyBrakeMs: 500 };
/** Notifications are not lost here, and this timer is the machine's. */
const neverMs = 2_000_000_000;

export async function startSimulatedWorker(options: SimulatedWorkerOptions): Promise<SimulatedWorker> {
  const { name, random, worlds, log } = options;
  const process = new SimulatedProcess(options.clock);
  const { clock } = process;
  const database = process.database(options.database);
  const budgets = {
    old: new ServerBudget(clock, random, connections),
    new: new ServerBudget(clock, random, connections),
  };
  const outages = { old: new Outage(budgets.old, random), new: new Outage(budgets.new, random) };
  const limiter = new BothLimiters(clock);
  const copyTurns = new Turns(() => clock.monotonic(), copiesAtOnce, quantumMs);
  const stepTurns = new Turns(() => clock.monotonic(), 1, quantumMs);
  let copies = copiesAtOnce;
  const tick = (workers: number) => {
    for (const outage of Object.values(outages)) outage.look();
    for (const budget of Object.values(budgets)) budget.setConnections(Math.floor(connections / workers));
    stepTurns.setLimit(budgets.old.passes);
    const { latencyMs } = budgets.old;
    copies = copiesAllowed(copies, limits, { minute: 0, bytesToday: 0, latencyMs });
    copyTurns.setLimit(copies);
  };
  const engineDeps = async (
    account: Account,
    lease: Lease,
    mayWrite: () => boolean,
  ): Promise<OpenedEngine> => {
    const world = worlds.get(account.id);
    if (world === undefined) throw new RangeError(`no world for ${account.address}`);
    const store = (side: 'old' | 'new', listens: boolean) => {
      const server = side === 'old' ? world.old : world.fresh;
      const inner = process.store(new FakeMailStore(server, side, { user: account.address }));
      const use = {
        listens,
        maxConnections: connectionsPerAccount,
        mayWrite,
        master: false,
        opened: () => {},
      };
      return new BudgetedStore(inner, budgets[side], clock, use);
    };
    const stores = { old: store('old', false), fresh: store('new', false), listening: store('old', true) };
    return {
      ...stores,
      cut: () => {
        for (const one of Object.values(stores)) one.cut();
      },
      limiter,
      journal: process.journal(new DatabaseJournal(database, account.id, lease)),
      clock,
      random,
      describeHeader: async (header) => ({
        subject: fieldOf(header, 'subject'),
        from: fieldOf(header, 'from'),
        date: fieldOf(header, 'date'),
      }),
      rests: (close) => {
        const inUse = [budgets.old.rests(close), budgets.new.rests(close)];
        return () => {
          for (const end of inUse) end();
        };
      },
    };
  };
  const worker = new Worker(
    {
      database,
      clock,
      random,
      copyTurns,
      stepTurns,
      outages,
      // As a worker has it: who pauses for longer gives its turn away.
      engine: { ...testOptions, maxSleepMs: 5_000 },
      timing: {
        ...(options.timing ?? { pollMs: 10_000, distrustMs: 25_000, lookedMs: 25_000, restMs: 6_000 }),
        retryAfterMs,
      },
      actor: `worker:${name}`,
      engineDeps,
      log: (_, text, detail) => log(`${name}: ${text}`, detail),
      carried: () => {},
    },
    { name, feedPollMs: neverMs, tick },
  );
  await worker.start();
  return { name, process, close: () => worker.close() };
}
