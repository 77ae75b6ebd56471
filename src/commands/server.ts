/** `mailferry server`: both servers, and who logs in there on behalf of all accounts. A client of the API. */
import { Argument, Command } from 'commander';
import { MailferryError } from '../base/errors.ts';
import type { Secret } from '../base/secret.ts';
import type { MasterUserAnswer, ServerAnswer } from '../portal/presenters/lists.ts';
import { addApiOptions, type ApiOptions, apiClient } from './api-client.ts';
import type { CommandEnv } from './command-env.ts';
import { readSecret } from './credentials.ts';
import { exitCode } from './exit-code.ts';
import { table } from './format.ts';
import { promptPassword } from './prompt.ts';
import { apiExitCodes, more } from './help-text.ts';

interface SetOptions extends ApiOptions {
  readonly passwordFile?: string;
}

const side = () => new Argument('<side>', 'which server').choices(['old', 'new']);

export function serverCommand(env: CommandEnv, done: (code: number) => void): Command {
  const command = new Command('server').description('both servers, and their master users');
  const tell = (options: ApiOptions, object: object, text: string) =>
    env.stdout.write(options.json === true ? `${JSON.stringify(object)}\n` : text);

  addApiOptions(command.command('list').description('where they are, and who logs in for all accounts'))
    .addHelpText(
      'after',
      more(`
Examples:
  mailferry server list

${apiExitCodes}`),
    )
    .action(async (options: ApiOptions) => {
      const client = await apiClient(env, options);
      const { servers } = await client.get<{ readonly servers: readonly ServerAnswer[] }>('/servers');
      const { masterUsers } = await client.get<{ readonly masterUsers: readonly MasterUserAnswer[] }>(
        '/servers/master-users',
      );
      const rows = servers.map((server) => ({
        ...server,
        masterUser: masterUsers.find((one) => one.side === server.side) ?? null,
      }));
      if (options.json === true) {
        for (const row of rows) env.stdout.write(`${JSON.stringify({ type: 'server', ...row })}\n`);
      } else {
        const cells = rows.map(({ side: which, host, port, masterUser }) => [
          which,
          `${host}:${port}`,
          masterText(masterUser),
        ]);
        env.stdout.write(table(['side', 'server', 'master user'], cells, []));
      }
      done(exitCode.ok);
    });

  addApiOptions(
    command
      .command('set-master-user')
      .description('who logs in for accounts that have no password of their own')
      .addArgument(side())
      .argument('<login>', 'the master user, as the mail server knows it')
      .option('--password-file <file>', 'the password; else it is asked for'),
  )
    .addHelpText(
      'after',
      more(`
Examples:
  mailferry server set-master-user old migration
  mailferry server set-master-user new migration --password-file new.password
Accounts that wait for a password go on with: mailferry sync retry --all

${apiExitCodes}`),
    )
    .action(async (which: string, login: string, options: SetOptions) => {
      const client = await apiClient(env, options);
      const password = await passwordFor(env, login, options);
      await client.put(`/servers/${which}/master-user`, { login, password: password.reveal() });
      tell(
        options,
        { type: 'master-user', side: which, login },
        `${login} logs in for accounts on ${which}.\n`,
      );
      done(exitCode.ok);
    });

  addApiOptions(
    command
      .command('remove-master-user')
      .description('forget who logs in for all accounts; a master user of the configuration stays')
      .addArgument(side()),
  )
    .addHelpText(
      'after',
      more(`
Examples:
  mailferry server remove-master-user old

${apiExitCodes}`),
    )
    .action(async (which: string, options: ApiOptions) => {
      await (await apiClient(env, options)).remove(`/servers/${which}/master-user`);
      tell(
        options,
        { type: 'removed', side: which },
        `Nobody is kept any more who logs in for all on ${which}.\n`,
      );
      done(exitCode.ok);
    });
  command.addHelpText(
    'after',
    more(`
Examples:
  mailferry server list
  mailferry server set-master-user old migration

mailferry server VERB --help shows the options of each.`),
  );
  return command;
}

function masterText(master: MasterUserAnswer | null): string {
  if (master === null || master.login === null) return 'none: each account needs a password';
  return `${master.login} (${master.from === 'configuration' ? 'of the configuration' : 'kept sealed'})`;
}

async function passwordFor(env: CommandEnv, login: string, options: SetOptions): Promise<Secret> {
  if (options.passwordFile !== undefined) return readSecret(options.passwordFile, '--password-file');
  if (!env.stdin.isTTY || !env.stderr.isTTY) {
    throw new MailferryError('usage', '--password-file: without a terminal the password comes from a file');
  }
  const password = await promptPassword(env, `Password of ${login}: `);
  if (password.reveal() === '') throw new MailferryError('usage', 'no password was typed');
  return password;
}
