/** `mailferry operator`: who may run the portal. A client of the API; asks for passwords on a terminal. */
import { Command } from 'commander';
import { MailferryError } from '../base/errors.ts';
import type { Secret } from '../base/secret.ts';
import type { OperatorAnswer } from '../portal/presenters/session.ts';
import { addApiOptions, type ApiOptions, apiClient } from './api-client.ts';
import type { CommandEnv } from './command-env.ts';
import { readSecret } from './credentials.ts';
import { exitCode } from './exit-code.ts';
import { table } from './format.ts';
import { promptPassword } from './prompt.ts';
import { apiExitCodes, more } from './help-text.ts';

interface PasswordOptions extends ApiOptions {
  readonly passwordFile?: string;
}

interface AddOptions extends PasswordOptions {
  readonly name?: string;
  readonly totp: boolean;
}

export function operatorCommand(env: CommandEnv, done: (code: number) => void): Command {
  const command = new Command('operator').description('who may run the portal');
  const tell = (options: ApiOptions, object: object, text: string) =>
    env.stdout.write(options.json === true ? `${JSON.stringify(object)}\n` : text);

  addApiOptions(
    command
      .command('add')
      .description('make an operator; prints the second factor this once')
      .argument('<login>', 'a mail address or a name')
      .option('--name <name>', 'as people read it')
      .option('--password-file <file>', 'the password; else it is asked for')
      .option('--no-totp', 'the second factor is set up at the first login instead'),
  )
    .addHelpText(
      'after',
      more(`
Examples:
  mailferry operator add anna@example.org --name "Anna Berg"
  mailferry operator add anna@example.org --password-file anna.password --json

${apiExitCodes}`),
    )
    .action(async (login: string, options: AddOptions) => {
      const client = await apiClient(env, options);
      const password = await passwordFor(env, login, options);
      const made = await client.post<Added>('/operators', {
        login,
        password: password.reveal(),
        displayName: options.name ?? null,
        enrol: options.totp,
      });
      const factor =
        made.totp === null ? 'The second factor is set up at the first login.\n' : totpText(made.totp);
      tell(options, { type: 'operator', ...made }, `${made.login} is an operator.\n${factor}`);
      done(exitCode.ok);
    });

  addApiOptions(command.command('list').description('list operators'))
    .addHelpText(
      'after',
      more(`
Examples:
  mailferry operator list

${apiExitCodes}`),
    )
    .action(async (options: ApiOptions) => {
      const client = await apiClient(env, options);
      const { operators } = await client.get<{ readonly operators: readonly OperatorAnswer[] }>('/operators');
      const lines = operators.map((one) => `${JSON.stringify({ type: 'operator', ...one })}\n`).join('');
      const rows = operators.map(({ login, displayName, totp }) => [login, displayName ?? '', totp]);
      env.stdout.write(options.json === true ? lines : table(['login', 'name', 'second factor'], rows, []));
      done(exitCode.ok);
    });

  addApiOptions(
    command
      .command('remove')
      .description('take the right away; the sessions end')
      .argument('<login>', 'as `operator list` shows it'),
  )
    .addHelpText(
      'after',
      more(`
Examples:
  mailferry operator remove anna@example.org

${apiExitCodes}`),
    )
    .action(async (login: string, options: ApiOptions) => {
      await (await apiClient(env, options)).remove(`/operators/${encodeURIComponent(login)}`);
      tell(options, { type: 'removed', login }, `${login} is no operator any more.\n`);
      done(exitCode.ok);
    });

  addApiOptions(
    command
      .command('password')
      .description('give another password; the sessions end')
      .argument('<login>', 'as `operator list` shows it')
      .option('--password-file <file>', 'the password; else it is asked for'),
  )
    .addHelpText(
      'after',
      more(`
Examples:
  mailferry operator password anna@example.org

${apiExitCodes}`),
    )
    .action(async (login: string, options: PasswordOptions) => {
      const client = await apiClient(env, options);
      const password = await passwordFor(env, login, options);
      await client.put(`/operators/${encodeURIComponent(login)}/password`, { password: password.reveal() });
      tell(options, { type: 'password', login }, `${login} has another password.\n`);
      done(exitCode.ok);
    });

  addApiOptions(
    command
      .command('totp-reset')
      .description('have another second factor set up at the next login; the sessions end')
      .argument('<login>', 'as `operator list` shows it'),
  )
    .addHelpText(
      'after',
      more(`
Examples:
  mailferry operator totp-reset anna@example.org

${apiExitCodes}`),
    )
    .action(async (login: string, options: ApiOptions) => {
      await (await apiClient(env, options)).remove(`/operators/${encodeURIComponent(login)}/totp`);
      tell(options, { type: 'totp-reset', login }, `${login} sets up a second factor at the next login.\n`);
      done(exitCode.ok);
    });
  command.addHelpText(
    'after',
    more(`
Examples:
  mailferry operator add anna@example.org
  mailferry operator list

mailferry operator VERB --help shows the options of each.`),
  );
  return command;
}

interface Added {
  readonly login: string;
  readonly totp: { readonly secret: string; readonly uri: string } | null;
}

function totpText({ secret, uri }: { readonly secret: string; readonly uri: string }): string {
  return `For the authenticator, shown this once:\n  secret  ${secret}\n  uri     ${uri}\n`;
}

/** Twice on a terminal: nobody sees what was typed. */
async function passwordFor(env: CommandEnv, login: string, options: PasswordOptions): Promise<Secret> {
  if (options.passwordFile !== undefined) return readSecret(options.passwordFile, '--password-file');
  if (!env.stdin.isTTY || !env.stderr.isTTY) {
    throw new MailferryError('usage', '--password-file: without a terminal the password comes from a file');
  }
  const password = await promptPassword(env, `Password for ${login} (at least 12 characters): `);
  const again = await promptPassword(env, 'Once more: ');
  if (password.reveal() === again.reveal()) return password;
  throw new MailferryError('usage', 'the two passwords differ');
}
