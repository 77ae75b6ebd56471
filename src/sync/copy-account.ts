/**
 * Copies an account and brings it up to date: passes until the old side is quiet (F-30), then the account of what is
 * where. Run again, it carries over what changed since.
 */
import { displayName } from '../domain/mailbox-mapping.ts';
import { Account } from './account.ts';
import { ClaimPool } from './claim-pool.ts';
import { emptyCounts, type EngineDeps, type EngineOptions, type RunCounts } from './engine-options.ts';
import type { MailboxRow, RefusedRow } from './journal.ts';
import { tellKeptMappings } from './kept-mappings.ts';
import { type MailboxStats, type RunContext, statsOf } from './mailbox-work.ts';
import { PairKeeper } from './open-pair.ts';
import { Patience } from './patience.ts';
import { type PassResult, runPass } from './pass.ts';
import { RateLimiter } from './rate-limiter.ts';
import { refuseSameAccount } from './same-account.ts';
import type { MailboxProblem } from './workers.ts';

export interface CopyResult {
  readonly counts: RunCounts;
  readonly messages: {
    readonly total: number;
    readonly copied: number;
    readonly present: number;
    readonly refused: number;
    readonly vanished: number;
  };
  readonly mailboxes: readonly MailboxResult[];
  readonly refused: readonly RefusedRow[];
  readonly problems: readonly MailboxProblem[];
  readonly deletionsStopped: string | null;
}

export interface MailboxResult extends MailboxStats {
  readonly row: MailboxRow;
  readonly refused: number;
}

/** New mail keeps arriving on a busy account; what comes after this many rounds is the next run's. */
const maxRounds = 5;

export async function copyAccount(deps: EngineDeps, options: EngineOptions): Promise<CopyResult> {
  const account = await Account.load(deps.journal, deps.clock);
  const run = newRun(deps, options, account);
  tellKeptMappings(account, options.filter, deps.onEvent);
  const keeper = new PairKeeper(deps);
  try {
    await meet(run, deps, keeper);
    return await bringUpToDate(run, deps, keeper);
  } finally {
    await keeper.close();
  }
}

/** What one run over the account begins with. `limiter`, `servers` and `leftOut` outlast a run where another follows it. */
export function newRun(
  deps: EngineDeps,
  options: EngineOptions,
  account: Account,
  before?: Pick<RunContext, 'limiter' | 'servers' | 'leftOut'>,
): RunContext {
  const rates = { messages: options.maxMessagesPerSecond, bytes: options.maxBytesPerSecond };
  return {
    account,
    options,
    clock: deps.clock,
    signal: deps.signal,
    limiter: before?.limiter ?? deps.limiter ?? new RateLimiter(deps.clock, rates),
    counts: emptyCounts(),
    onEvent: deps.onEvent,
    vanished: new ClaimPool(),
    overQuota: { reached: false, text: '' },
    describeHeader: deps.describeHeader,
    stats: new Map(),
    told: { carriedMs: Number.NEGATIVE_INFINITY },
    leftOut: before?.leftOut ?? new Map(),
    refusedNow: new Set(),
    servers: before?.servers ?? { appendUid: 'unproven', condStoreBroken: false },
    temporary: {
      onNew: new Map(),
      onOld: { times: new Map(), givenUp: new Set(), progress: 0 },
      newInRow: 0,
      oldInRow: 0,
    },
    trouble: new Map(),
    losses: new Map(),
  };
}

/** The first connections. What fails at them is told at once: host, port or password are likely to be wrong. */
export async function meet(run: RunContext, deps: EngineDeps, keeper: PairKeeper): Promise<void> {
  await keeper.open();
  await patiently(new Patience(run, deps), keeper, async () => refuseSameAccount(deps, await keeper.open()));
}

/** Passes until one finds nothing to do, or stands before what no further pass would mend. */
export async function bringUpToDate(
  run: RunContext,
  deps: EngineDeps,
  keeper: PairKeeper,
): Promise<CopyResult> {
  const patience = new Patience(run, deps);
  let last: PassResult | null = null;
  for (let round = 0; round < maxRounds; round++) {
    // What a person confirmed is what the first round finds; what vanishes later is asked about again.
    const options = round === 0 ? run.options : { ...run.options, confirmDeletions: false };
    last = await patiently(patience, keeper, () =>
      runPass({ ...run, options, vanished: new ClaimPool() }, deps, keeper, patience),
    );
    if (!last.worked || last.problems.length > 0 || run.overQuota.reached) break;
  }
  return resultOf(run, last?.problems ?? [], last?.deletionsStopped ?? null);
}

/** Begins again, with other connections, where one ended outside the work on a mailbox. */
async function patiently<T>(patience: Patience, keeper: PairKeeper, work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      keeper.drop();
      await patience.afterFailure(error);
    }
  }
}

function resultOf(run: RunContext, problems: readonly MailboxProblem[], stopped: string | null): CopyResult {
  const mailboxes: MailboxResult[] = [...run.account.mailboxes.values()]
    .filter((row) => row.place === 'active' && run.stats.has(row.id))
    .map((row) => ({ row, ...statsOf(run, row.id), refused: run.account.refusedOf(row.id).size }))
    .sort((a, b) => compareNames(a.row.oldName, b.row.oldName));
  const sum = (of: (m: MailboxResult) => number) => mailboxes.reduce((total, m) => total + of(m), 0);
  const refused = run.account.allRefused();
  const listed = sum((m) => m.messages + m.vanished);
  const copied = sum((m) => m.copied);
  const vanished = sum((m) => m.vanished);
  // Below zero where something was copied and then went on old before it was counted there.
  const present = Math.max(0, listed - copied - vanished - sum((m) => m.refused));
  const total = present + copied + vanished + sum((m) => m.refused);
  return {
    counts: run.counts,
    messages: { total, copied, present, refused: refused.length, vanished },
    mailboxes,
    refused,
    problems,
    deletionsStopped: stopped,
  };
}

/** INBOX first, then by name: the order in which people look for a mailbox. */
function compareNames(a: string, b: string): number {
  if (a === 'INBOX' || b === 'INBOX') return a === b ? 0 : a === 'INBOX' ? -1 : 1;
  return displayName(a).localeCompare(displayName(b));
}
