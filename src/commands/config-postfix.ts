/** `mailferry config postfix`: what Postfix on a mail host is told; printed, put in force, or taken back. */
import { Command, InvalidArgumentError, Option } from 'commander';
import { MailferryError } from '../base/errors.ts';
import { type HostPlace, hostPlaceOf } from '../domain/host-place.ts';
import type { Change } from '../routing/index.ts';
import type { CommandEnv } from './command-env.ts';
import { exitCode } from './exit-code.ts';
import { more } from './help-text.ts';
import { postfixStandards, type PostfixTold, postfixTold, settingsFor, tlsLevels } from './postfix-plan.ts';
import { postfixText } from './postfix-text.ts';

interface PostfixOptions extends PostfixTold {
  readonly configDirectory: string;
  readonly apply?: boolean;
  readonly undo?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

export function configPostfixCommand(env: CommandEnv, done: (code: number) => void): Command {
  return new Command('postfix')
    .description('print what Postfix on a mail host is told, put it in force, or take it back')
    .addOption(new Option('--side <side>', 'which server this host is').choices(['old', 'new']))
    .addOption(new Option('--peer <host[:port]>', 'the other server; its port is 25').argParser(hostAndPort))
    .addOption(
      new Option('--peer-address <address>', 'an IP address or network it sends from; may be given again')
        .argParser((one: string, all: readonly string[]) => [...all, one])
        .default([]),
    )
    .option('--directory <dir>', 'that of the edge, with the table for Postfix', postfixStandards.directory)
    .addOption(
      new Option(
        '--socketmap <address>',
        'ask the edge instead of the table: host:port, or a path',
      ).conflicts('pgsql'),
    )
    .option('--pgsql <url>', 'ask the PostgreSQL database instead: postgres://user@host/name')
    .option('--pgsql-password-file <file>', 'with the password of that user')
    .option('--deliver <transport>', 'how all mailboxes here get their mail; else as virtual_transport')
    .addOption(
      new Option('--tls <level>', 'towards the peer').choices(tlsLevels).default(postfixStandards.tls),
    )
    .option('--ca-file <file>', 'issuers of the peer’s certificate')
    .addOption(
      new Option('--connections <n>', 'to the peer at a time')
        .argParser(positive)
        .default(postfixStandards.connections),
    )
    .option('--no-soften', 'let the peer refuse mail for good; without it that is for now')
    .option('--open', 'new only: take mail from everybody, as after the cutover', false)
    .option('--config-directory <dir>', 'of Postfix', postfixStandards.configDirectory)
    .addOption(new Option('--apply', 'put it in force, up to the reload').conflicts('undo'))
    .option('--undo', 'take back what --apply did')
    .option('--dry-run', 'with --apply or --undo: only say what would change')
    .option('--json', 'one JSON object a line')
    .addHelpText(
      'after',
      more(`
Without --apply and --undo nothing is changed.

Examples:
  mailferry config postfix --side old --peer new.example.org \\
    --peer-address 192.0.2.7
  mailferry config postfix --side old --peer new.example.org \\
    --peer-address 192.0.2.7 --apply --dry-run
  mailferry config postfix --side old --peer new.example.org \\
    --peer-address 192.0.2.7 --apply --pgsql-password-file routes.password \\
    --pgsql postgres://mailferry_routes@db.example.org/mailferry
  mailferry config postfix --undo

Exit codes: 0 done; 2 the arguments are wrong; 3 Postfix refuses it, and all is
as before.`),
    )
    .action(async (options: PostfixOptions) => {
      const { PostfixHost } = await import('../routing/index.ts');
      const host = new PostfixHost(options.configDirectory);
      const acts = options.apply === true || options.undo === true;
      if (options.dryRun === true && !acts) throw usage('--dry-run goes with --apply or --undo');
      if (options.undo === true) {
        const changes = options.dryRun === true ? await host.undoing() : await host.undo();
        tell(env, options, changes);
      } else {
        const settings = await settingsFor(options, host);
        if (options.apply === true) {
          const changes =
            options.dryRun === true
              ? await host.changes(settings)
              : await host.apply(settings, postfixTold(options));
          tell(env, options, changes);
        } else if (options.json === true) {
          env.stdout.write(`${JSON.stringify({ type: 'postfix-settings', ...settings })}\n`);
        } else {
          env.stdout.write(postfixText(settings, host.files, host.configDirectory));
        }
      }
      done(exitCode.ok);
    });
}

function tell(env: CommandEnv, options: PostfixOptions, changes: readonly Change[]): void {
  const { configDirectory, dryRun = false } = options;
  if (options.json === true) {
    for (const change of changes)
      env.stdout.write(`${JSON.stringify({ type: 'change', dryRun, ...change })}\n`);
    env.stdout.write(`${JSON.stringify({ type: 'summary', dryRun, changes: changes.length })}\n`);
    return;
  }
  for (const change of changes) env.stdout.write(`${lineOf(change)}\n`);
  if (changes.length === 0) env.stdout.write('All of it is so already; nothing was changed.\n');
  else if (dryRun) env.stdout.write('Nothing was changed.\n');
  else env.stdout.write(`Changed. To put it in force: postfix -c ${configDirectory} reload\n`);
}

function lineOf(change: Change): string {
  if (change.kind === 'main') {
    const value = change.to === null ? 'as Postfix has it' : change.to;
    return `main.cf    ${change.name} = ${value}`;
  }
  const what = change.kind === 'service' ? 'master.cf ' : 'file      ';
  return `${what} ${change.name}${change.to === null ? ': removed' : ''}`;
}

function usage(text: string): MailferryError {
  return new MailferryError('usage', text);
}

function hostAndPort(value: string): HostPlace {
  const place = hostPlaceOf(value, 25);
  if (place === null) throw new InvalidArgumentError('a host, or host:port.');
  return place;
}

function positive(value: string): number {
  if (!/^[1-9]\d{0,3}$/.test(value)) throw new InvalidArgumentError('a number from 1 to 9999.');
  return Number(value);
}
