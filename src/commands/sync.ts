/** `mailferry sync`: starts, pauses, resumes and retries many accounts, and shows where all stand. A client of the API. */
import { Command } from 'commander';
import { MailferryError } from '../base/errors.ts';
import type { BulkAnswer } from '../portal/presenters/sync.ts';
import { addApiOptions, type ApiOptions, apiClient } from './api-client.ts';
import type { CommandEnv } from './command-env.ts';
import { exitCode } from './exit-code.ts';
import { count, counted } from './format.ts';
import { statusCommand } from './sync-status.ts';
import { more } from './help-text.ts';

export interface SelectionOptions extends ApiOptions {
  readonly team?: readonly string[];
  readonly domain?: readonly string[];
  readonly all?: boolean;
  readonly dryRun?: boolean;
}

interface ActionOptions extends SelectionOptions {
  readonly why?: string;
  readonly confirmDeletions?: boolean;
}

/** Accounts that are told to a person one by one, each with its reason. */
const reasonsShown = 20;

export function syncCommand(env: CommandEnv, done: (code: number) => void): Command {
  const command = new Command('sync').description(
    'start, pause, resume and retry accounts; show where all stand',
  );
  const action = (verb: string, what: string, extend: (command: Command) => Command = (same) => same) =>
    addSelection(extend(command.command(verb).description(what)))
      .addHelpText(
        'after',
        more(`
Examples:
  mailferry sync ${verb} anna@example.org
  mailferry sync ${verb} --team "Müller GmbH" --dry-run
  mailferry sync ${verb} --all

Exit codes: 0 done; 1 done, but some names are not known; 2 wrong usage; 3 no API.`),
      )
      .action(async (accounts: string[], options: ActionOptions) =>
        done(await changeMany(env, `/sync/${verb}`, accounts, options)),
      );
  action('start', 'copy accounts and keep them in step with old; nothing switches by itself');
  action('pause', 'do nothing for accounts until they are resumed', (same) =>
    same.option('--why <text>', 'the reason, for people'),
  );
  action('resume', 'go on with paused accounts');
  action('retry', 'try accounts again that want attention', (same) =>
    same.option('--confirm-deletions', 'also carry out an unusual mass of deletions that was stopped'),
  );
  command.addCommand(statusCommand(env, done));
  command.addHelpText(
    'after',
    more(`
Examples:
  mailferry sync start --all
  mailferry sync status --watch
  mailferry sync pause --domain example.org --why "the new server gets another disk"

mailferry sync VERB --help shows the options of each.`),
  );
  return command;
}

/** Which accounts are meant. */
export function addSelection(command: Command): Command {
  const collect = (value: string, before: readonly string[] = []): string[] => [...before, value];
  return addApiOptions(
    command
      .argument('[accounts...]', 'addresses or ids')
      .option('--team <name>', 'all accounts of this team (repeat for several)', collect)
      .option('--domain <name>', 'all accounts of this domain (repeat for several)', collect)
      .option('--all', 'all accounts')
      .option('-n, --dry-run', 'say what would be changed, and change nothing'),
  );
}

export async function changeMany(
  env: CommandEnv,
  path: string,
  accounts: readonly string[],
  options: ActionOptions,
): Promise<number> {
  const { team = [], domain = [], all = false, dryRun = false, why, confirmDeletions } = options;
  if (!all && accounts.length + team.length + domain.length === 0) {
    throw new MailferryError('usage', 'name accounts, or give --team, --domain or --all');
  }
  if (all && accounts.length + team.length + domain.length > 0) {
    throw new MailferryError('usage', '--all stands alone: beside it nothing else can be meant');
  }
  const client = await apiClient(env, options);
  const answer = await client.post<BulkAnswer>(path, {
    accounts,
    teams: team,
    domains: domain,
    all,
    dryRun,
    ...(why === undefined ? {} : { why }),
    ...(confirmDeletions === undefined ? {} : { confirmDeletions }),
  });
  if (options.json === true) env.stdout.write(`${JSON.stringify({ type: 'changed', ...answer })}\n`);
  else env.stdout.write(bulkText(answer));
  return answer.unknown.length > 0 ? exitCode.incomplete : exitCode.ok;
}

function bulkText(answer: BulkAnswer): string {
  const { dryRun, selected, changed, unchanged, reasons, unchangedAccounts, unknown } = answer;
  let text = `${counted(changed, 'account')} ${dryRun ? 'would be changed' : 'changed'}, ${count(unchanged)} not.\n`;
  if (selected === 0) text = 'No account is meant by this; nothing was changed.\n';
  // By reason where the names would hide it.
  if (unchanged > reasonsShown) {
    for (const { why, accounts } of reasons) text += `  ${counted(accounts, 'account')}: ${why}\n`;
    text += '  --json names them.\n';
  } else {
    for (const { account, why } of unchangedAccounts) text += `  ${account}: ${why}\n`;
  }
  for (const name of unknown) text += `Nothing is called ${name}.\n`;
  return text;
}
