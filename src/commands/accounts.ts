/** `mailferry accounts`: takes in lists of accounts, and shows what is there. A client of the API. */
import { readFileSync } from 'node:fs';
import { Command, Option } from 'commander';
import { MailferryError } from '../base/errors.ts';
import { phases } from '../domain/phase.ts';
import type { AccountAnswer } from '../portal/presenters/account.ts';
import type { ImportAnswer } from '../portal/presenters/import.ts';
import { accountRow, accountText, noAccounts } from './account-text.ts';
import { appPasswordsCommand } from './app-passwords.ts';
import { addApiOptions, ApiError, type ApiClient, type ApiOptions, apiClient } from './api-client.ts';
import type { CommandEnv } from './command-env.ts';
import { exitCode } from './exit-code.ts';
import { count, counted, fitTo, table } from './format.ts';
import { positiveInteger } from './options.ts';
import { apiExitCodes, more } from './help-text.ts';

interface ImportOptions extends ApiOptions {
  readonly dryRun?: boolean;
}

interface ListOptions extends ApiOptions {
  readonly team?: string;
  readonly domain?: string;
  readonly phase?: string;
  readonly trouble?: string | true;
  readonly paused?: boolean;
  readonly search?: string;
  readonly limit?: string;
}

/** Faults that are told to a person; a script gets all. */
const faultsShown = 50;

export function accountsCommand(env: CommandEnv, done: (code: number) => void): Command {
  const command = new Command('accounts').description(
    'import accounts, list them, show one, and its app passwords',
  );
  addApiOptions(
    command
      .command('import')
      .description('take in a list of accounts: all of it, or nothing')
      .argument('<file>', 'CSV with a header row or a JSON array; - is standard input')
      .option('-n, --dry-run', 'say what would be done, and do nothing'),
  )
    .addHelpText(
      'after',
      more(`
Columns: address (required), team, old_login, new_login, quota, aliases (blanks between them), old_password,
new_password, team_admin. Logins are the address where none is given. The same list again changes nothing.

Examples:
  mailferry accounts import customers.csv --dry-run
  printf 'address,team\\nanna@example.org,Müller GmbH\\n' | mailferry accounts import -

Exit codes: 0 taken in; 2 the list has faults, each told with its line, and nothing was taken in; 3 no API.`),
    )
    .action(async (file: string, options: ImportOptions) => done(await importList(env, file, options)));
  addApiOptions(
    command
      .command('list')
      .description('list accounts in the order of their addresses')
      .option('--team <name>', 'only those of this team')
      .option('--domain <name>', 'only those of this domain')
      .addOption(new Option('--phase <phase>', 'only those that are so far').choices(phases))
      .option('--trouble [code]', 'only those that want attention, or do so with this code')
      .option('--paused', 'only paused ones')
      .option('--search <text>', 'only those whose address begins so')
      .option('--limit <n>', 'at most so many; default all'),
  )
    .addHelpText(
      'after',
      more(`
Examples:
  mailferry accounts list --team "Müller GmbH"
  mailferry accounts list --trouble --json

${apiExitCodes}`),
    )
    .action(async (options: ListOptions) => done(await list(env, options)));
  command.addCommand(appPasswordsCommand(env, done));
  addApiOptions(
    command
      .command('show')
      .description('show one account')
      .argument('<account>', 'its id or any of its addresses'),
  )
    .addHelpText(
      'after',
      more(`
Examples:
  mailferry accounts show anna@example.org

${apiExitCodes}`),
    )
    .action(async (account: string, options: ApiOptions) => {
      const client = await apiClient(env, options);
      const answer = await client.get<AccountAnswer>(`/accounts/${encodeURIComponent(account)}`);
      const line = `${JSON.stringify({ type: 'account', ...answer })}\n`;
      env.stdout.write(options.json === true ? line : accountText(answer));
      done(exitCode.ok);
    });
  command.addHelpText(
    'after',
    more(`
Examples:
  mailferry accounts import customers.csv --dry-run
  mailferry accounts list --trouble
  mailferry accounts show anna@example.org

mailferry accounts VERB --help shows the options of each.`),
  );
  return command;
}

async function importList(env: CommandEnv, file: string, options: ImportOptions): Promise<number> {
  const client = await apiClient(env, options);
  const content = readList(file);
  const first = new TextDecoder()
    .decode(content.subarray(0, 64))
    .replace(/^\uFEFF/, '')
    .trimStart();
  const isJson = file.endsWith('.json') || /^[[{]/.test(first);
  const dryRun = options.dryRun === true;
  try {
    const answer = await client.send<ImportAnswer>(
      '/accounts/import',
      { dryRun: String(dryRun) },
      { type: isJson ? 'application/json' : 'text/csv', content },
    );
    env.stdout.write(
      options.json === true ? `${JSON.stringify({ type: 'import', ...answer })}\n` : importText(answer),
    );
    return exitCode.ok;
  } catch (error) {
    if (error instanceof ApiError) tellFaults(env, file, error, options.json === true, isJson);
    throw error;
  }
}

function readList(file: string): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(readFileSync(file === '-' ? 0 : file));
  } catch (cause) {
    throw new MailferryError(
      'usage',
      `${file} cannot be read (${(cause as NodeJS.ErrnoException).code ?? ''})`,
      {
        cause,
      },
    );
  }
}

function importText({ dryRun, added, updated, unchanged, updates }: ImportAnswer): string {
  const would = dryRun ? 'Would be ' : '';
  const lines = updates.map(({ account, columns }) => `  ${account}: ${columns.join(', ')}\n`);
  const sums = `${would}added ${count(added)}, updated ${count(updated)}, unchanged ${count(unchanged)}.\n`;
  return `${sums.charAt(0).toUpperCase()}${sums.slice(1)}${lines.join('')}`;
}

function tellFaults(
  env: CommandEnv,
  file: string,
  { faults }: ApiError,
  json: boolean,
  isJson: boolean,
): void {
  for (const [i, fault] of faults.entries()) {
    if (json) {
      env.stdout.write(`${JSON.stringify({ type: 'fault', ...fault })}\n`);
      continue;
    }
    const { line, column, text, allowed } = fault;
    const where = isJson ? `${file}, entry ${line}` : `${file}:${line}`;
    if (i < faultsShown) {
      env.stderr.write(`${where}: ${column === '' ? '' : `${column} `}${text}; allowed: ${allowed}\n`);
    } else if (i === faultsShown)
      env.stderr.write(`... and ${count(faults.length - i)} more; --json tells all\n`);
  }
}

async function list(env: CommandEnv, options: ListOptions): Promise<number> {
  const most = positiveInteger(options.limit, '--limit') ?? Number.POSITIVE_INFINITY;
  const client = await apiClient(env, options);
  const found: AccountAnswer[] = [];
  let told = 0;
  for await (const account of accountsOf(client, options)) {
    if (told >= most) break;
    told += 1;
    if (options.json === true) env.stdout.write(`${JSON.stringify({ type: 'account', ...account })}\n`);
    else found.push(account);
  }
  if (options.json === true) return exitCode.ok;
  if (found.length === 0) {
    const { team, domain, phase, trouble, paused, search } = options;
    const narrowed = [team, domain, phase, trouble, paused, search].some((one) => one !== undefined);
    env.stderr.write(narrowed ? 'No account fits.\n' : noAccounts);
  } else {
    const head = ['address', 'team', 'phase', 'messages', 'lag', 'state'];
    env.stdout.write(table(head, found.map(accountRow), [3, 4], fitTo(env.stdout, [0, 1, 5])));
    env.stdout.write(`${counted(found.length, 'account')}\n`);
  }
  return exitCode.ok;
}

function accountsOf(client: ApiClient, options: ListOptions): AsyncGenerator<AccountAnswer> {
  const { team, domain, phase, trouble, paused, search } = options;
  return client.rows<AccountAnswer>('/accounts', 'accounts', {
    team,
    domain,
    phase,
    trouble: trouble === true ? 'any' : trouble,
    paused: paused === true ? 'true' : undefined,
    search,
  });
}
