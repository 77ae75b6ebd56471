/** `mailferry token`: makes, lists and revokes tokens of the API. A new one is shown this once. A client of the API. */
import { Command } from 'commander';
import type { TokenAnswer } from '../portal/presenters/lists.ts';
import { addApiOptions, type ApiOptions, apiClient } from './api-client.ts';
import type { CommandEnv } from './command-env.ts';
import { exitCode } from './exit-code.ts';
import { table } from './format.ts';
import { dateMs, listOf } from './options.ts';
import { apiExitCodes, more } from './help-text.ts';

interface CreateOptions extends ApiOptions {
  readonly scope: readonly string[];
  readonly expires?: string;
}

const allScopes = ['accounts:read', 'accounts:write', 'sync:write', 'audit:read', 'tokens:write', 'admin'];

export function tokenCommand(env: CommandEnv, done: (code: number) => void): Command {
  const command = new Command('token').description('make, list and revoke tokens of the API');
  addApiOptions(
    command
      .command('create')
      .description('make a token, and print it this once')
      .argument('<name>', 'as the audit log will name who used it')
      .addOption(
        listOf('--scope <scope>', 'what it lets do (repeat for several)', allScopes).makeOptionMandatory(),
      )
      .option(
        '--expires <date>',
        'when it runs out: 2027-05-31 (its beginning in UTC) or a full ISO 8601 time',
      ),
  )
    .addHelpText(
      'after',
      more(`
Examples:
  mailferry token create monitoring --scope accounts:read --expires 2027-05-31 > monitoring.token

${apiExitCodes}`),
    )
    .action(async (name: string, options: CreateOptions) => {
      const expiresAt = expiry(options.expires);
      const client = await apiClient(env, options);
      const made = await client.post<{ readonly id: string; readonly token: string }>('/tokens', {
        name,
        scopes: options.scope,
        expiresAt,
      });
      const line = `${JSON.stringify({ type: 'token', ...made })}\n`;
      env.stdout.write(options.json === true ? line : `${made.token}\n`);
      if (options.json !== true) env.stderr.write(`Token ${made.id}; it is not shown again.\n`);
      done(exitCode.ok);
    });
  addApiOptions(command.command('list').description('list tokens, newest first, revoked ones too'))
    .addHelpText(
      'after',
      more(`
Examples:
  mailferry token list

${apiExitCodes}`),
    )
    .action(async (options: ApiOptions) => {
      const client = await apiClient(env, options);
      const rows: string[][] = [];
      for await (const token of client.rows<TokenAnswer>('/tokens', 'tokens')) {
        if (options.json === true) env.stdout.write(`${JSON.stringify({ type: 'token', ...token })}\n`);
        else rows.push(tokenRow(token));
      }
      if (options.json !== true) {
        env.stdout.write(table(['id', 'name', 'scopes', 'used', 'state'], rows, []));
      }
      done(exitCode.ok);
    });
  addApiOptions(
    command
      .command('revoke')
      .description('revoke a token for good')
      .argument('<id>', 'as `token list` shows it'),
  )
    .addHelpText(
      'after',
      more(`
Examples:
  mailferry token revoke 01a20d80-4633-7163-ab3d-76a762bd6582

${apiExitCodes}`),
    )
    .action(async (id: string, options: ApiOptions) => {
      const client = await apiClient(env, options);
      await client.remove(`/tokens/${encodeURIComponent(id)}`);
      env.stdout.write(
        options.json === true ? `${JSON.stringify({ type: 'revoked', id })}\n` : `Revoked ${id}.\n`,
      );
      done(exitCode.ok);
    });
  command.addHelpText(
    'after',
    more(`
Examples:
  mailferry token create monitoring --scope accounts:read
  mailferry token list

mailferry token VERB --help shows the options of each.`),
  );
  return command;
}

function tokenRow({ id, name, scopes, lastUsedAt, expiresAt, revokedAt }: TokenAnswer): string[] {
  const state =
    revokedAt === null ? (expiresAt === null ? 'in force' : `until ${expiresAt}`) : `revoked ${revokedAt}`;
  return [id, name, scopes.join(' '), lastUsedAt ?? 'never', state];
}

function expiry(text: string | undefined): string | null {
  const ms = dateMs(text, '--expires');
  return ms === null ? null : new Date(ms).toISOString();
}
