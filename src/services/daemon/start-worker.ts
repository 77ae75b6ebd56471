/** Builds one worker from the configuration: budgets for both servers, turns, engines. */
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { type Clock, systemClock } from '../../base/clock.ts';
import { retryAfterMs } from '../../domain/trouble.ts';
import { BothLimiters } from '../../fleet/both-limiters.ts';
import { copiesAllowed, minuteOf, type PaceLimits } from '../../fleet/copy-pace.ts';
import { Outage } from '../../fleet/outage.ts';
import { ServerBudget } from '../../fleet/server-budget.ts';
import type { KeeperTiming } from '../../fleet/shard-keeper.ts';
import { Turns } from '../../fleet/turns.ts';
import { Worker } from '../../fleet/worker.ts';
import { budgetChanges, type ServerBudgetChanges } from '../../state/database/server-budgets.ts';
import { isMade } from '../../state/database/provisions.ts';
import { addUsage } from '../../state/database/shards.ts';
import { defaultEngineOptions } from '../../sync/index.ts';
import type { Log } from '../../telemetry/log.ts';
import type { Configuration, ServerConfiguration } from '../configuration/schema.ts';
import { AccountEngines, type EnginesOptions } from './account-engines.ts';
import { LoadReport } from './load-report.ts';

export interface WorkerSetup
  extends Pick<
    EnginesOptions,
    'database' | 'configuration' | 'secrets' | 'appPasswordOf' | 'secretOf' | 'accessTokenOf' | 'masterOf'
  > {
  readonly log: Log;
  readonly keeper?: KeeperTiming;
  /** Of each time from the server's word to the message on new, milliseconds. */
  readonly carried?: (ms: number) => void;
  readonly clock?: Clock;
  /** From a failure to the next try of an account, after so many in a row; as domain/trouble.ts says where left out. */
  readonly retryAfterMs?: typeof retryAfterMs;
}

export interface StartedWorker {
  readonly name: string;
  readonly accounts: number;
  readonly shards: number;
  /** False when it hangs: then it is better started anew. */
  readonly alive: boolean;
  close(): Promise<void>;
}

const sides = ['old', 'new'] as const;
/** A pass that has to pause for longer gives its turn to another, and its account tells why it waits. */
const longestPauseMs = 5_000;
/** A first copy gives its turn back after so long where another waits. */
const quantumMs = 60_000;
/** Connections of an account in step are closed after so long without use. */
const restMs = 60_000;
/** How often an account is looked at although its server tells of everything. */
const distrustMs = 10 * 60_000;
/** Where the connection that listens looks at all mailboxes by itself, every nine minutes. */
const lookedMs = 6 * 3_600_000;
/** How late a lost notification may make a change be noticed. */
const feedPollMs = 5_000;

export async function startWorker(setup: WorkerSetup): Promise<StartedWorker> {
  const { database, configuration, log } = setup;
  const { clock = systemClock } = setup;
  const name = `${hostname()}-${process.pid}-${randomBytes(3).toString('hex')}`;
  const budgets = {
    old: new ServerBudget(clock, Math.random, configuration.old.limits.connections),
    new: new ServerBudget(clock, Math.random, configuration.new.limits.connections),
  };
  const outages = {
    old: new Outage(budgets.old, Math.random),
    new: new Outage(budgets.new, Math.random),
  };
  const limiter = new BothLimiters(clock);
  const loads = new LoadReport(database, clock, name, budgets);
  const engines = new AccountEngines({ ...setup, budgets, limiter, clock });
  const copyTurns = new Turns(() => clock.monotonic(), 0, quantumMs);
  const stepTurns = new Turns(() => clock.monotonic(), 1, quantumMs);
  let copies = configuration.worker.copies_at_once;

  /** Once a second: this worker's share of what the servers may bear. */
  const tick = async (workers: number) => {
    const set = await budgetChanges(database.db);
    for (const side of sides) {
      outages[side].look();
      const connections = set[side].connections ?? configuration[side].limits.connections;
      budgets[side].setConnections(Math.floor(connections / workers));
    }
    const rates = sides.map((side) => ratesOf(configuration[side].limits, set[side], workers));
    limiter.setRates(rates[0] as Rates, rates[1] as Rates);
    const passes = Math.min(budgets.old.passes, budgets.new.passes);
    stepTurns.setLimit(passes);
    const carried = limiter.takeCarried();
    const now = new Date(clock.now());
    const day = dayOf(now);
    const bytesToday = {
      old: await addUsage(database.db, 'old', day, carried.bytes),
      new: await addUsage(database.db, 'new', day, carried.bytes),
    };
    copies = Math.min(...sides.map(allowed), passes);
    copyTurns.setLimit(copies);
    await loads.beat(carried, bytesToday);

    function allowed(side: 'old' | 'new'): number {
      const minute = now.getHours() * 60 + now.getMinutes();
      const { latencyMs } = budgets[side];
      const pace = paceOf(configuration, set[side], side);
      return copiesAllowed(copies, pace, { minute, bytesToday: bytesToday[side], latencyMs });
    }
  };

  const worker = new Worker(
    {
      database,
      clock,
      random: Math.random,
      copyTurns,
      stepTurns,
      outages,
      engine: { ...defaultEngineOptions, maxSleepMs: longestPauseMs },
      timing: {
        pollMs: configuration.worker.polling_seconds * 1000,
        distrustMs,
        lookedMs,
        restMs,
        retryAfterMs: setup.retryAfterMs ?? retryAfterMs,
      },
      actor: `worker:${name}`,
      engineDeps: (account, lease, mayWrite) => engines.open(account, lease, mayWrite),
      ...(configuration.new.provisioning.adapter === 'none'
        ? {}
        : { isMade: (id: string) => isMade(database.db, id) }),
      log: (level, text, detail) => log[level](detail, text),
      carried: (accountId, ms) => {
        log.debug({ account: accountId, ms }, 'carried over');
        setup.carried?.(ms);
      },
    },
    { name, feedPollMs, tick, ...(setup.keeper === undefined ? {} : { keeper: setup.keeper }) },
  );
  await tick(1);
  await worker.start();
  const health = watchHealth(worker, log);
  log.info({ worker: name }, 'worker started');
  return {
    name,
    get accounts() {
      return worker.accounts;
    },
    get shards() {
      return worker.shards;
    },
    get alive() {
      return worker.alive;
    },
    close: async () => {
      clearInterval(health);
      await worker.close();
      await loads.end();
    },
  };
}

/** Every ten seconds, at the level debug: how many accounts, how much memory, how long the event loop was held. */
function watchHealth(worker: Worker, log: Log): NodeJS.Timeout {
  const loop = monitorEventLoopDelay({ resolution: 10 });
  loop.enable();
  const ms = (nanoseconds: number) => Math.round(nanoseconds / 1e6);
  const timer = setInterval(() => {
    const { accounts, following, shards } = worker;
    const held = { loopP99Ms: ms(loop.percentile(99)), loopMostMs: ms(loop.max) };
    const { rss, heapUsed, external } = process.memoryUsage();
    const mb = (bytes: number) => Math.round(bytes / 2 ** 20);
    const memory = {
      rssMb: mb(rss),
      heapMb: mb(heapUsed),
      externalMb: mb(external),
      totalMb: mb(process.memoryUsage().heapTotal),
    };
    log.debug({ pid: process.pid, accounts, following, shards, ...held, ...memory }, 'worker');
    loop.reset();
  }, 10_000);
  timer.unref();
  return timer;
}

interface Rates {
  readonly messages: number | null;
  readonly bytes: number | null;
}

function ratesOf(limits: ServerConfiguration['limits'], set: ServerBudgetChanges, workers: number): Rates {
  const share = (changed: number | null | undefined, configured: number | undefined) => {
    const rate = changed === undefined ? configured : changed;
    return rate == null ? null : rate / workers;
  };
  return {
    messages: share(set.messagesPerSecond, limits.messages_per_second),
    bytes: share(set.bytesPerSecond, limits.bytes_per_second),
  };
}

function paceOf(
  { old, new: fresh, worker }: Configuration,
  set: ServerBudgetChanges,
  side: 'old' | 'new',
): PaceLimits {
  const { limits } = side === 'old' ? old : fresh;
  const { window_from: from, window_to: to, bytes_per_day: perDay, latency_brake_ms: brake } = limits;
  return {
    copiesAtOnce: worker.copies_at_once,
    window:
      from === undefined || to === undefined ? null : { fromMinute: minuteOf(from), toMinute: minuteOf(to) },
    bytesPerDay: set.bytesPerDay === undefined ? (perDay ?? null) : set.bytesPerDay,
    latencyBrakeMs: brake,
  };
}

/** By this machine's calendar, as `bytes_per_day` says. */
function dayOf(now: Date): string {
  const two = (n: number) => String(n).padStart(2, '0');
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
}
