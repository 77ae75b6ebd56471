/** `mailferry refused`: messages of all accounts that are not on new, and another try for them. A client of the API. */
import { Command } from 'commander';
import type { RefusedAnswer } from '../portal/presenters/refused.ts';
import { refusedText } from './account-text.ts';
import { addApiOptions, type ApiOptions, apiClient } from './api-client.ts';
import type { CommandEnv } from './command-env.ts';
import { exitCode } from './exit-code.ts';
import { counted } from './format.ts';
import { addSelection, changeMany, type SelectionOptions } from './sync.ts';
import { apiExitCodes, more } from './help-text.ts';

interface ListOptions extends ApiOptions {
  readonly team?: string;
  readonly domain?: string;
}

export function refusedCommand(env: CommandEnv, done: (code: number) => void): Command {
  const command = new Command('refused').description('list messages that are not on new, or try them again');
  addApiOptions(
    command
      .command('list')
      .description('list messages that are not on new, with the reason of each')
      .argument('[account]', 'only of this account')
      .option('--team <name>', 'only of this team')
      .option('--domain <name>', 'only of this domain'),
  )
    .addHelpText(
      'after',
      more(`
Examples:
  mailferry refused list
  mailferry refused list anna@example.org --json

${apiExitCodes}`),
    )
    .action(async (account: string | undefined, options: ListOptions) => {
      const client = await apiClient(env, options);
      const { team, domain } = options;
      let found = 0;
      for await (const row of client.rows<RefusedAnswer>('/refused', 'refused', { account, team, domain })) {
        found += 1;
        env.stdout.write(
          options.json === true ? `${JSON.stringify({ type: 'refused', ...row })}\n` : refusedText(row),
        );
      }
      if (options.json !== true) env.stderr.write(`${counted(found, 'message')} not on new.\n`);
      done(exitCode.ok);
    });
  addSelection(command.command('retry').description('try refused messages again'))
    .addHelpText(
      'after',
      more(`
Examples:
  mailferry refused retry anna@example.org
  mailferry refused retry --domain example.org

Exit codes: 0 done; 1 done, but some names are not known; 2 wrong usage; 3 no API.`),
    )
    .action(async (accounts: string[], options: SelectionOptions) =>
      done(await changeMany(env, '/refused/retry', accounts, options)),
    );
  command.addHelpText(
    'after',
    more(`
Examples:
  mailferry refused list --team "Müller GmbH"
  mailferry refused retry --all

mailferry refused VERB --help shows the options of each.`),
  );
  return command;
}
