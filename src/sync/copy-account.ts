/**
 * Copies an account and brings it up to date: passes until the old side is quiet (F-30), then the account of what is
 * where. Run again, it carries over what changed since.
 */
import { MailferryError } from '../base/errors.ts';
import { displayName } from '../domain/mailbox-mapping.ts';
import { Account } from './account.ts';
import { ClaimPool } from './claim-pool.ts';
import { emptyCounts, type EngineDeps, type EngineOptions, type RunCounts } from './engine-options.ts';
import type { MailboxRow, RefusedRow } from './journal.ts';
import { type MailboxStats, type RunContext, statsOf } from './mailbox-work.ts';
import { openPair, type SessionPair } from './open-pair.ts';
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
  const account = await Account.load(deps.journal);
  const run: RunContext = {
    account,
    options,
    clock: deps.clock,
    signal: deps.signal,
    limiter: new RateLimiter(deps.clock, {
      messages: options.maxMessagesPerSecond,
      bytes: options.maxBytesPerSecond,
    }),
    counts: emptyCounts(),
    onEvent: deps.onEvent,
    vanished: new ClaimPool(),
    overQuota: { reached: false, text: '' },
    describeHeader: deps.describeHeader,
    stats: new Map(),
  };
  let pair = await openPair(deps);
  try {
    await refuseSameAccount(deps, pair);
    let last: PassResult | null = null;
    const problems = new Map<string, MailboxProblem>();
    for (let round = 0; round < maxRounds; round++) {
      pair = await reopened(deps, pair);
      last = await runPass({ ...run, vanished: new ClaimPool() }, deps, pair);
      problems.clear();
      for (const problem of last.problems) problems.set(problem.mailbox, problem);
      if (!last.worked || problems.size > 0 || run.overQuota.reached) break;
    }
    return resultOf(run, [...problems.values()], last?.deletionsStopped ?? null);
  } finally {
    await Promise.all([pair.old.close(), pair.fresh.close()]);
  }
}

/** The pair, or a new one where a connection ended meanwhile. */
async function reopened(deps: EngineDeps, pair: SessionPair): Promise<SessionPair> {
  if (!pair.old.closed && !pair.fresh.closed) return pair;
  await Promise.all([pair.old.close(), pair.fresh.close()]);
  return await openPair(deps);
}

function resultOf(run: RunContext, problems: readonly MailboxProblem[], stopped: string | null): CopyResult {
  const mailboxes: MailboxResult[] = [...run.account.mailboxes.values()]
    .filter((row) => row.place === 'active' && run.stats.has(row.id))
    .map((row) => ({ row, ...statsOf(run, row.id), refused: run.account.refusedOf(row.id).size }))
    .sort((a, b) => compareNames(a.row.oldName, b.row.oldName));
  const sum = (of: (m: MailboxResult) => number) => mailboxes.reduce((total, m) => total + of(m), 0);
  const refused = run.account.allRefused();
  const total = sum((m) => m.messages + m.vanished);
  const copied = sum((m) => m.copied);
  const vanished = sum((m) => m.vanished);
  const present = total - copied - vanished - sum((m) => m.refused);
  if (present < 0) throw new MailferryError('internal', 'the counts of this run contradict each other');
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
