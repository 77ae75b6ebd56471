/** One stretch of work on an account: its mirror is open, and passes tell the account's report what comes of them. */
import type { Lease } from '../state/database/leases.ts';
import { closeRequest, type Requests, requestsOf } from '../state/database/requests.ts';
import { type CopyResult, type EngineDeps, Mirror } from '../sync/index.ts';
import type { AccountReport } from './account-report.ts';
import type { Alarm } from './alarm.ts';
import type { Work } from './next-work.ts';
import type { PassOutcome } from './pass-outcome.ts';
import type { OpenedEngine, RunnerEnv } from './runner-env.ts';
import type { Turn, Turns } from './turns.ts';

export interface WorkOptions {
  readonly env: RunnerEnv;
  readonly lease: Lease;
  readonly report: AccountReport;
  readonly outcome: PassOutcome;
  readonly alarm: Alarm;
  readonly deps: OpenedEngine;
  readonly kind: Exclude<Work, 'rest'>;
  /** Aborts when the work is over, or the row wants something else. */
  readonly now: AbortController;
  /** What the row wants by now. */
  readonly wanted: () => Promise<Work>;
}

type EngineEvent = Parameters<EngineDeps['onEvent']>[0];

export class AccountWork {
  readonly options: WorkOptions;
  readonly mirror: Mirror;

  private constructor(options: WorkOptions, mirror: Mirror) {
    this.options = options;
    this.mirror = mirror;
  }

  static async open(options: WorkOptions): Promise<AccountWork> {
    const { deps, env, now } = options;
    let work: AccountWork | null = null;
    const onEvent = (event: EngineEvent) => tell(options, event, work?.mirror.heardAtMs ?? null);
    const mirror = await Mirror.open({ ...deps, signal: now.signal, onEvent }, env.engine);
    work = new AccountWork(options, mirror);
    return work;
  }

  get signal(): AbortSignal {
    return this.options.now.signal;
  }

  asked(): Promise<Requests> {
    const { env, report } = this.options;
    return requestsOf(env.database.db, report.accountId);
  }

  /** Lower `priority` goes first. Rejects when the work is over before its turn comes. */
  async turn(turns: Turns, priority: 0 | 1 | 2): Promise<Turn> {
    this.options.report.activity('waiting');
    return await turns.take(priority, this.signal);
  }

  /** Waits for something with connections that others may have closed. */
  async resting<T>(wait: () => Promise<T>): Promise<T> {
    const inUse = this.options.deps.rests(() => void this.mirror.rest());
    try {
      return await wait();
    } finally {
      inUse();
    }
  }

  async pass(asked: Requests): Promise<CopyResult> {
    const { env, report, lease, outcome, kind: work } = this.options;
    const { database, clock } = env;
    const { detail } = report;
    report.begins();
    detail.begins();
    detail.tick(clock.monotonic(), work === 'copy');
    const result = await this.mirror.bringUpToDate({
      retryRefused: asked.has('retry-refused'),
      confirmDeletions: asked.has('confirm-deletions'),
    });
    detail.tick(clock.monotonic(), work === 'copy');
    report.passed(result, clock.now());
    for (const [kind, atMs] of asked) await closeRequest(database.db, report.accountId, kind, atMs, lease);
    await outcome.passed(result);
    return result;
  }
}

function tell(options: WorkOptions, event: EngineEvent, heardAtMs: number | null): void {
  const { env, report, kind } = options;
  report.event(event);
  report.detail.event(event, env.clock.now());
  if (event.type === 'carried') void tellCarried(options, event.mailbox, event.header);
  if (event.type === 'notice') env.log('info', event.text, { account: report.accountId, code: event.code });
  if (event.type !== 'progress' || heardAtMs === null || kind !== 'follow') return;
  const lagMs = Math.round(env.clock.monotonic() - heardAtMs);
  report.set({ lagMs });
  env.carried(report.accountId, lagMs);
}

/** Nothing depends on it: a header that cannot be read is a mail without a subject. */
async function tellCarried(options: WorkOptions, mailbox: string, header: Uint8Array): Promise<void> {
  const { env, report, deps } = options;
  const atMs = env.clock.now();
  const described = await deps.describeHeader(header).catch(() => null);
  report.detail.carried(mailbox, described?.subject ?? null, atMs);
}
