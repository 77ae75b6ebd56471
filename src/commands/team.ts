/** `mailferry team`: the customers, and who may do what for each. A client of the API. */
import { Command } from 'commander';
import { MailferryError } from '../base/errors.ts';
import { addApiOptions, type ApiClient, type ApiOptions, apiClient } from './api-client.ts';
import type { CommandEnv } from './command-env.ts';
import { exitCode } from './exit-code.ts';
import { table } from './format.ts';
import { listOf } from './options.ts';
import { apiExitCodes, more } from './help-text.ts';

interface Team {
  readonly id: string;
  readonly name: string;
  readonly accounts: number;
}

interface Person {
  readonly login: string;
  readonly rights: readonly string[];
}

interface PeopleOptions extends ApiOptions {
  readonly set?: string;
  readonly right?: readonly string[];
  readonly remove?: string;
}

const allRights = ['view', 'move', 'plan', 'people'];

export function teamCommand(env: CommandEnv, done: (code: number) => void): Command {
  const command = new Command('team').description('the customers, and who may do what for each');
  addApiOptions(command.command('list').description('list teams'))
    .addHelpText(
      'after',
      more(`
Examples:
  mailferry team list

${apiExitCodes}`),
    )
    .action(async (options: ApiOptions) => {
      const client = await apiClient(env, options);
      const rows: string[][] = [];
      for await (const team of client.rows<Team>('/teams', 'teams')) {
        if (options.json === true) env.stdout.write(`${JSON.stringify({ type: 'team', ...team })}\n`);
        else rows.push([team.id, team.name, String(team.accounts)]);
      }
      if (options.json !== true) env.stdout.write(table(['id', 'name', 'accounts'], rows, []));
      done(exitCode.ok);
    });
  addApiOptions(
    command.command('add').description('make a team that has no accounts yet').argument('<name>', 'its name'),
  )
    .addHelpText(
      'after',
      more(`
Examples:
  mailferry team add "Example Ltd"

${apiExitCodes}`),
    )
    .action(async (name: string, options: ApiOptions) => {
      const client = await apiClient(env, options);
      const team = await client.post<Team>('/teams', { name });
      env.stdout.write(
        options.json === true
          ? `${JSON.stringify({ type: 'team', ...team })}\n`
          : `made the team ${team.name} (${team.id})\n`,
      );
      done(exitCode.ok);
    });
  addApiOptions(
    command
      .command('people')
      .description('show, set or take away who may do what for a team')
      .argument('<team>', 'its name or id')
      .option('--set <login>', 'the mail address of somebody who gets rights')
      .addOption(listOf('--right <right>', 'what they may (repeat for several)', allRights))
      .option('--remove <login>', 'takes all rights away'),
  )
    .addHelpText(
      'after',
      more(`
Examples:
  mailferry team people "Example Ltd"
  mailferry team people "Example Ltd" --set tom@example.org --right view --right move --right plan
  mailferry team people "Example Ltd" --remove tom@example.org

${apiExitCodes}`),
    )
    .action(async (name: string, options: PeopleOptions) => {
      const { set, right, remove } = options;
      if ((set === undefined) !== (right === undefined))
        throw new MailferryError('usage', '--set and --right go together: who gets which rights?');
      const client = await apiClient(env, options);
      const { id } = await teamNamed(client, name);
      const place = (login: string) => `/teams/${id}/people/${encodeURIComponent(login)}`;
      if (set !== undefined) await client.put(place(set), { rights: right });
      if (remove !== undefined) await client.remove(place(remove));
      const { people } = await client.get<{ readonly people: readonly Person[] }>(`/teams/${id}/people`);
      const lines = people.map((one) => `${JSON.stringify({ type: 'person', ...one })}\n`).join('');
      const rows = people.map(({ login, rights }) => [login, rights.join(' ')]);
      env.stdout.write(options.json === true ? lines : table(['login', 'rights'], rows, []));
      done(exitCode.ok);
    });
  command.addHelpText(
    'after',
    more(`
Examples:
  mailferry team list
  mailferry team people "Example Ltd"

mailferry team VERB --help shows the options of each.`),
  );
  return command;
}

/** Throws `team-unknown`. */
async function teamNamed(client: ApiClient, name: string): Promise<Team> {
  for await (const team of client.rows<Team>('/teams', 'teams')) {
    if (team.name === name || team.id === name) return team;
  }
  throw new MailferryError('team-unknown', `there is no team ${name}`);
}
