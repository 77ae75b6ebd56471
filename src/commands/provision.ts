/** `mailferry provision`: makes accounts on new, or says what would be made. A client of the API. */
import { Command } from 'commander';
import { MailferryError } from '../base/errors.ts';
import type { ProvisionAnswer } from '../portal/presenters/provisioning.ts';
import { apiClient } from './api-client.ts';
import type { CommandEnv } from './command-env.ts';
import { exitCode } from './exit-code.ts';
import { counted } from './format.ts';
import { more } from './help-text.ts';
import { addSelection, type SelectionOptions } from './sync.ts';

export function provisionCommand(env: CommandEnv, done: (code: number) => void): Command {
  return addSelection(
    new Command('provision').description('make accounts on new, with quota, aliases and password'),
  )
    .addHelpText(
      'after',
      more(`
Who makes them says new.provisioning.adapter of the configuration. Accounts that
are started are made by themselves; this makes them before, or looks again.

Examples:
  mailferry provision anna@example.org
  mailferry provision --team "Müller GmbH" --dry-run
  mailferry provision --all

Exit codes: 0 all are as they are to be; 1 some are not, each with the answer of
the new side, or a name is not known; 2 wrong usage; 3 no API.`),
    )
    .action(async (accounts: string[], options: SelectionOptions) => {
      const { team = [], domain = [], all = false, dryRun = false } = options;
      const named = accounts.length + team.length + domain.length;
      if (!all && named === 0)
        throw new MailferryError('usage', 'name accounts, or give --team, --domain or --all');
      if (all && named > 0)
        throw new MailferryError('usage', '--all stands alone: beside it nothing else can be meant');
      const client = await apiClient(env, options);
      const body = { accounts, teams: team, domains: domain, all, dryRun };
      const answer = await client.post<ProvisionAnswer>('/provision', body);
      const text = options.json === true ? lines(answer) : words(answer);
      env.stdout.write(text);
      const wrong = answer.accounts.some(({ outcome }) => outcome === 'refused' || outcome === 'later');
      done(wrong || answer.unknown.length > 0 ? exitCode.incomplete : exitCode.ok);
    });
}

function lines({ accounts, ...summary }: ProvisionAnswer): string {
  const all = [...accounts.map((one) => ({ type: 'account', ...one })), { type: 'summary', ...summary }];
  return all.map((line) => `${JSON.stringify(line)}\n`).join('');
}

function words({ dryRun, selected, queued, accounts, unknown }: ProvisionAnswer): string {
  if (selected === 0 && unknown.length === 0) return 'No account is meant by this; nothing was made.\n';
  let text = accounts.map((one) => lineOf(one, dryRun)).join('');
  const beyond = selected - accounts.length;
  if (queued > 0) text += `${counted(queued, 'further account')} made one after another from now on.\n`;
  else if (beyond > 0) text += `${counted(beyond, 'further account')} not looked at.\n`;
  for (const name of unknown) text += `Nothing is called ${name}.\n`;
  return text;
}

type One = ProvisionAnswer['accounts'][number];

const fromText: Readonly<Record<string, string>> = {
  none: 'no password known',
  locked: 'locked on old, no password',
};

function lineOf({ account, outcome, changes, password, reason }: One, dryRun: boolean): string {
  if (outcome === 'refused' || outcome === 'later') {
    const again = outcome === 'later' ? ' (tried again by itself)' : '';
    return `${account}: ${reason ?? outcome}${again}\n`;
  }
  const what = changes.length === 0 ? 'all is so already' : changes.join(', ');
  const from = fromText[password] ?? `password ${password}`;
  return `${account}: ${dryRun && changes.length > 0 ? 'would do: ' : ''}${what}; ${from}\n`;
}
