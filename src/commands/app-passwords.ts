/** `mailferry accounts app-passwords`: the passwords that the sync logs in with for an account. A client of the API. */
import { Command, Option } from 'commander';
import { addApiOptions, type ApiOptions, apiClient } from './api-client.ts';
import type { CommandEnv } from './command-env.ts';
import { exitCode } from './exit-code.ts';
import { table } from './format.ts';
import { apiExitCodes, more } from './help-text.ts';

interface AppPasswordOptions extends ApiOptions {
  readonly renew?: 'old' | 'new';
  readonly revoke?: string;
}

interface AppPasswordAnswer {
  readonly id: string;
  readonly side: string;
  readonly state: 'in-force' | 'expired' | 'revoked';
  readonly nets: readonly string[];
  readonly createdAt: string;
  readonly createdBy: string | null;
  readonly expiresAt: string;
  readonly revokedAt: string | null;
  readonly revokedBy: string | null;
  readonly lastUsedAt: string | null;
  readonly lastUsedBy: string | null;
}

export function appPasswordsCommand(env: CommandEnv, done: (code: number) => void): Command {
  return addApiOptions(
    new Command('app-passwords')
      .description('list the passwords that the sync logs in with for an account, renew or revoke one')
      .argument('<account>', 'its address or id')
      .addOption(
        new Option('--renew <side>', 'make another one; those before run out within a minute')
          .choices(['old', 'new'])
          .conflicts('revoke'),
      )
      .option(
        '--revoke <id>',
        'good for nothing within seconds, what is open is cut within a minute; the sync gets another',
      ),
  )
    .addHelpText(
      'after',
      more(`
Examples:
  mailferry accounts app-passwords anna@example.org
  mailferry accounts app-passwords anna@example.org --renew old
  mailferry accounts app-passwords anna@example.org --revoke mf7k2q9xw3tz

${apiExitCodes}`),
    )
    .action(async (account: string, options: AppPasswordOptions) =>
      done(await appPasswords(env, account, options)),
    );
}

async function appPasswords(env: CommandEnv, account: string, options: AppPasswordOptions): Promise<number> {
  const client = await apiClient(env, options);
  const path = `/accounts/${encodeURIComponent(account)}/app-passwords`;
  if (options.renew !== undefined) await client.post(path, { side: options.renew });
  if (options.revoke !== undefined) await client.remove(`${path}/${encodeURIComponent(options.revoke)}`);
  const { appPasswords: all } = await client.get<{ appPasswords: readonly AppPasswordAnswer[] }>(path);
  if (options.json === true) {
    for (const one of all) env.stdout.write(`${JSON.stringify({ type: 'app-password', ...one })}\n`);
    return exitCode.ok;
  }
  const rows = all.map((one) => [
    one.id,
    one.side,
    one.nets.join(' '),
    stateText(one),
    `${one.createdAt}${by(one.createdBy)}`,
    one.lastUsedAt === null ? 'never' : `${one.lastUsedAt}${by(one.lastUsedBy)}`,
  ]);
  env.stdout.write(
    rows.length === 0
      ? 'The sync has no password of its own for this account.\n'
      : table(['id', 'side', 'good from', 'state', 'made', 'last used'], rows, []),
  );
  return exitCode.ok;
}

function stateText({ state, expiresAt, revokedAt, revokedBy }: AppPasswordAnswer): string {
  if (state === 'revoked') return `revoked ${revokedAt ?? ''}${by(revokedBy)}`;
  return state === 'expired' ? `ran out ${expiresAt}` : `until ${expiresAt}`;
}

const by = (actor: string | null): string => (actor === null ? '' : ` by ${actor}`);
