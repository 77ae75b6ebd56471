/** `mailferry copy`: one account from old to new; run again, what changed since. */
import { Command } from 'commander';
import { MailferryError } from '../base/errors.ts';
import {
  type CopyResult,
  copyAccount,
  defaultEngineOptions,
  dryRun,
  type EngineEvent,
  type EngineOptions,
  followAccount,
} from '../sync/index.ts';
import type { CommandEnv, StateChoice } from './command-env.ts';
import { copyReport } from './copy-report.ts';
import { reportDryRun } from './dry-run-report.ts';
import { exitCode } from './exit-code.ts';
import { followReport } from './follow-report.ts';
import {
  addPairOptions,
  dateMs,
  mailboxFilter,
  maxRate,
  type PairOptions,
  positiveInteger,
} from './options.ts';
import { pairAccess } from './side-options.ts';
import { more } from './help-text.ts';

interface CopyOptions extends PairOptions {
  readonly dryRun?: boolean;
  readonly follow?: boolean;
  readonly poll?: string;
  readonly since?: string;
  readonly connections?: string;
  readonly maxRate?: string;
  readonly keepDeleted?: boolean;
  readonly confirmDeletions?: boolean;
  readonly retryRefused?: boolean;
  readonly settleGrace?: string;
}

export function copyCommand(env: CommandEnv, done: (code: number) => void): Command {
  const command = new Command('copy')
    .description('copy an account from the old server to the new one; run again to bring it up to date')
    .addHelpText(
      'after',
      more(`
Examples:
  mailferry copy --from imaps://anna%40example.org@old.example.org --to imaps://anna%40example.org@new.example.org
  mailferry copy --from imap://anna@127.0.0.1:1143 --from-password-file pw --to imaps://anna@new.example.org
  mailferry copy --from ... --to ... --dry-run
  mailferry copy --from ... --to ... --follow
  mailferry copy --from ... --to ... --mailbox INBOX Gesendet --map "Gesendet=Sent" --since 2024-01-01
  mailferry copy --from ... --to ... --from-auth-user master --from-password-file master.pw

The old side is only read. Nothing that people did on the new side is undone.

Exit codes: 0 all is on the new side; 1 some messages were refused (listed); 2 usage or state file; 3 could not connect or log in; 130 interrupted (run again to go on).`),
    );
  return addPairOptions(command)
    .option('-n, --dry-run', 'show what would be copied and what stands in the way; change nothing')
    .option('--follow', 'stay in step with the old side until Ctrl-C')
    .option('--poll <seconds>', 'with --follow: look at least this often (default: 30)')
    .option('--since <date>', 'only messages that arrived on or after this date')
    .option('--connections <n>', 'connections to each side (default: found out, at most 4)')
    .option('--max-rate <rate>', 'at most so much: 20/s (messages), 2MB/s, or both with a comma')
    .option('--keep-deleted', 'do not remove on new what was removed on old since the last run')
    .option('--confirm-deletions', 'carry out an unusual mass of deletions after all')
    .option('--retry-refused', 'try again messages that the new server refused')
    .option('--settle-grace <seconds>', 'how long a message of unknown fate may take to appear (default: 30)')
    .action(async (options: CopyOptions) => done(await copy(env, options)));
}

/** Often enough for a mailbox of which the server tells nothing, and no burden. */
const standardPollSeconds = 30;

async function copy(env: CommandEnv, options: CopyOptions): Promise<number> {
  const engine = engineOptions(options);
  const pollSeconds = positiveInteger(options.poll, '--poll') ?? standardPollSeconds;
  if (options.follow === true && options.dryRun === true)
    throw new MailferryError('usage', '--follow and --dry-run do not go together');
  if (options.poll !== undefined && options.follow !== true)
    throw new MailferryError('usage', '--poll belongs to --follow');
  const { from, to } = await pairAccess(env, options);
  const run = await env.openRun(from, to, stateChoice(options));
  const report = copyReport(env, options.json === true);
  const deps = { ...run.deps, signal: env.signal, onEvent: report.event };
  env.signal.addEventListener('abort', report.stopping);
  try {
    if (options.dryRun === true) {
      const result = await dryRun(deps, engine);
      report.close();
      reportDryRun(env, result, options.json === true);
      return exitCode.ok;
    }
    if (options.follow === true) {
      const tell = followReport(env, options.json === true, pollSeconds, report.summary);
      let following = false;
      // Rounds come as often as mail does: each is told by its result, not by its steps.
      const onEvent = (event: EngineEvent) => {
        if (!following || event.type === 'waiting' || event.type === 'notice') report.event(event);
      };
      return await followAccount({ ...deps, onEvent }, engine, {
        pollMs: pollSeconds * 1000,
        onRound: (result, heard) => {
          following = true;
          tell(result, heard);
        },
      });
    }
    const result = await copyAccount(deps, engine);
    report.summary(result);
    return isComplete(result) ? exitCode.ok : exitCode.incomplete;
  } finally {
    env.signal.removeEventListener('abort', report.stopping);
    report.close();
    await run.close();
  }
}

function isComplete(result: CopyResult): boolean {
  return result.refused.length === 0 && result.problems.length === 0;
}

function stateChoice(options: CopyOptions): StateChoice {
  if (options.dryRun === true) return { kind: 'existing', path: options.state ?? null };
  return options.state === undefined ? { kind: 'default' } : { kind: 'file', path: options.state };
}

function engineOptions(options: CopyOptions): EngineOptions {
  const rate = maxRate(options.maxRate);
  const grace = positiveInteger(options.settleGrace, '--settle-grace');
  return {
    ...defaultEngineOptions,
    filter: mailboxFilter(options),
    sinceMs: dateMs(options.since, '--since'),
    deletions: options.keepDeleted === true ? 'keep' : 'follow',
    confirmDeletions: options.confirmDeletions === true,
    retryRefused: options.retryRefused === true,
    connections: positiveInteger(options.connections, '--connections'),
    maxMessagesPerSecond: rate.messages,
    maxBytesPerSecond: rate.bytes,
    ...(grace === null ? {} : { settleGraceMs: grace * 1000 }),
  };
}
