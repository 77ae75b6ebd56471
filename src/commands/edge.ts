/** `mailferry edge`: enrols and runs the edge of a mail host, and shows operators all edges. */
import { Command, InvalidArgumentError, Option } from 'commander';
import { MailferryError } from '../base/errors.ts';
import { Secret } from '../base/secret.ts';
import { doveadmForm, doveadmOf, standardDoveadm } from '../domain/doveadm-command.ts';
import { type HostPlace, hostPlaceOf, type LocalPlace, localPlaceOf } from '../domain/host-place.ts';
import { addApiOptions, type ApiOptions, apiClient } from './api-client.ts';
import type { CommandEnv } from './command-env.ts';
import { readSecret, type TlsWishes, trustOf } from './credentials.ts';
import { exitCode } from './exit-code.ts';
import { table } from './format.ts';
import { apiExitCodes, more } from './help-text.ts';

export interface EdgeEnrolment {
  readonly control: string;
  readonly code: Secret;
  readonly trust: TlsWishes;
  readonly directory: string;
}

export interface EdgeRun {
  readonly side: 'old' | 'new';
  readonly directory: string;
  /** Where mail of the other side's accounts goes. */
  readonly peer: HostPlace;
  /** The table that Postfix reads, without `.lmdb`; null where it reads none. */
  readonly table: string | null;
  readonly socketmap: LocalPlace | null;
  /** Null: as Postfix on this host has it. */
  readonly delimiters: string | null;
  readonly groupReads: boolean;
  /** Of Postfix and Dovecot on this host: where they are configured. */
  readonly postfix: string;
  readonly dovecot: string;
  /** Between two looks at the host; 0 for none. */
  readonly doctorMinutes: number;
  /** Called to cut sessions of revoked app passwords; null: they are left open. */
  readonly doveadm: readonly string[] | null;
  readonly logFormat: 'json' | 'text';
}

interface EdgeAnswer {
  readonly id: string;
  readonly side: string;
  readonly name: string;
  readonly enrolledAt: string | null;
  readonly epoch: number;
  readonly seenAt: string | null;
  readonly findings: readonly { readonly part: string; readonly text: string }[];
  readonly doctor: {
    readonly findings: readonly { readonly code: string; readonly severity: string }[];
  } | null;
}

const standardDirectory = '/var/lib/mailferry-edge';
const directoryOption = [
  '--directory <dir>',
  'where it keeps its token and what it knows',
  standardDirectory,
] as const;
const sideOption = () => new Option('--side <side>', 'which server this host is').choices(['old', 'new']);

export function edgeCommand(env: CommandEnv, done: (code: number) => void): Command {
  const command = new Command('edge').description('what runs on the mail hosts: routes for Postfix');
  command.addHelpText(
    'after',
    more(`
Examples:
  mailferry edge add mx1.example.org --side old
  mailferry edge enrol --control https://move.example.org --code-file code.txt
  mailferry edge run --side old --peer new.example.org`),
  );
  command.addCommand(addCommand(env, done));
  command.addCommand(listCommand(env, done));
  command.addCommand(removeCommand(env, done));
  command.addCommand(enrolCommand(env, done));
  command.addCommand(runCommand(env, done));
  return command;
}

function addCommand(env: CommandEnv, done: (code: number) => void): Command {
  return addApiOptions(
    new Command('add')
      .description('prepare an edge, and print the code that it enrols with')
      .argument('<name>', 'as pages and the audit log name it: that of its host')
      .addOption(sideOption().makeOptionMandatory()),
  )
    .addHelpText(
      'after',
      more(`
The code is good once, for a day.

Examples:
  mailferry edge add mx1.example.org --side old

${apiExitCodes}`),
    )
    .action(async (name: string, options: ApiOptions & { readonly side: string }) => {
      const client = await apiClient(env, options);
      const made = await client.post<{
        readonly id: string;
        readonly code: string;
        readonly codeUntil: string;
      }>('/edges', {
        name,
        side: options.side,
      });
      if (options.json === true)
        env.stdout.write(`${JSON.stringify({ type: 'edge', name, side: options.side, ...made })}\n`);
      else {
        env.stdout.write(`${made.code}\n`);
        env.stderr.write(
          `Good once, until ${made.codeUntil}: on ${name}, mailferry edge enrol --code-file FILE\n`,
        );
      }
      done(exitCode.ok);
    });
}

function listCommand(env: CommandEnv, done: (code: number) => void): Command {
  return addApiOptions(new Command('list').description('list edges: how far each is, and what is wrong'))
    .addHelpText(
      'after',
      more(`
Examples:
  mailferry edge list

${apiExitCodes}`),
    )
    .action(async (options: ApiOptions) => {
      const client = await apiClient(env, options);
      const { edges, epoch } = await client.get<{ edges: readonly EdgeAnswer[]; epoch: number }>('/edges');
      if (options.json === true) {
        for (const edge of edges)
          env.stdout.write(`${JSON.stringify({ type: 'edge', ...edge, latest: epoch })}\n`);
      } else {
        const rows = edges.map((edge) => [
          edge.id,
          edge.name,
          edge.side,
          edge.enrolledAt === null ? 'not enrolled' : `${edge.epoch} of ${epoch}`,
          edge.seenAt ?? 'never',
          wrongOf(edge).join('; '),
        ]);
        env.stdout.write(table(['id', 'name', 'side', 'changes in force', 'seen', 'wrong'], rows, []));
      }
      done(exitCode.ok);
    });
}

/** What it says of itself, and by their codes what its doctor found that is more than a note. */
function wrongOf({ findings, doctor }: EdgeAnswer): string[] {
  const found = doctor?.findings.filter(({ severity }) => severity !== 'note').map(({ code }) => code) ?? [];
  return [...findings.map(({ part, text }) => `${part}: ${text}`), ...found];
}

function removeCommand(env: CommandEnv, done: (code: number) => void): Command {
  return addApiOptions(
    new Command('remove')
      .description('remove an edge; what it has stays in force on its host')
      .argument('<id>', 'as `mailferry edge list` shows it'),
  )
    .addHelpText(
      'after',
      more(`
Examples:
  mailferry edge remove 01890000-0000-7000-8000-000000000000

${apiExitCodes}`),
    )
    .action(async (id: string, options: ApiOptions) => {
      const client = await apiClient(env, options);
      await client.remove(`/edges/${encodeURIComponent(id)}`);
      if (options.json === true) env.stdout.write(`${JSON.stringify({ type: 'removed', id })}\n`);
      done(exitCode.ok);
    });
}

interface EnrolOptions {
  readonly control: string;
  readonly codeFile: string;
  readonly caFile?: string;
  readonly tlsFingerprint?: readonly string[];
  readonly directory: string;
  readonly json?: boolean;
}

function enrolCommand(env: CommandEnv, done: (code: number) => void): Command {
  return new Command('enrol')
    .description('on a mail host: exchange a code for a token, once')
    .requiredOption('--control <url>', 'where the portal and the API are: https://move.example.org')
    .requiredOption('--code-file <file>', 'a file with the code; - reads standard input')
    .option('--ca-file <file>', 'certificates of the issuer (PEM), instead of those the system trusts')
    .option(
      '--tls-fingerprint <sha256:hex>',
      'accept only this certificate (repeat for several)',
      (one, all: readonly string[] | undefined) => [...(all ?? []), one],
    )
    .option(...directoryOption)
    .option('--json', 'JSON on standard output, one object a line')
    .addHelpText(
      'after',
      more(`
Examples:
  mailferry edge enrol --control https://move.example.org --code-file code.txt

Exit codes: 0 enrolled; 2 wrong usage, or the code is not in force; 3 control does not answer.`),
    )
    .action(async ({ control, codeFile, caFile, tlsFingerprint, directory, json }: EnrolOptions) => {
      const code = readSecret(codeFile === '-' ? '/dev/stdin' : codeFile, '--code-file')
        .reveal()
        .trim();
      const { protocol, hostname } = urlOf(control);
      if (protocol !== 'https:' && !['127.0.0.1', '[::1]', 'localhost'].includes(hostname))
        throw new MailferryError(
          'usage',
          '--control: without https the token would cross the network in clear text',
        );
      const made = await env.enrolEdge({
        control,
        code: new Secret(code),
        trust: trustOf(caFile, tlsFingerprint ?? []),
        directory,
      });
      env.stdout.write(
        json === true
          ? `${JSON.stringify({ type: 'enrolled', ...made })}\n`
          : `enrolled as ${made.name} on the ${made.side} side; run it with: mailferry edge run --side ${made.side} --peer HOST\n`,
      );
      done(exitCode.ok);
    });
}

interface RunOptions {
  readonly side: 'old' | 'new';
  readonly peer: string;
  readonly table?: string | false;
  readonly socketmap?: string;
  readonly delimiters?: string;
  readonly groupReads?: boolean;
  readonly postfix: string;
  readonly dovecot: string;
  readonly doctorMinutes: number;
  readonly doveadm: string;
  readonly directory: string;
  readonly log: 'json' | 'text';
}

function runCommand(env: CommandEnv, done: (code: number) => void): Command {
  return new Command('run')
    .description('on a mail host: follow control and keep the routes, until a signal ends it')
    .addOption(sideOption().makeOptionMandatory())
    .requiredOption('--peer <host[:port]>', "the other side's server for mail (port 25)")
    .option(
      '--table <file>',
      'the LMDB table for Postfix, without .lmdb (default: transport in the directory)',
    )
    .option('--no-table', 'Postfix reads no table here')
    .option('--socketmap <where>', 'answer Postfix at 127.0.0.1:PORT or on this unix socket')
    .option('--delimiters <letters>', 'for --socketmap, instead of recipient_delimiter of Postfix')
    .option('--group-reads', 'the group of the replica may read it, as Dovecot has to')
    .option('--postfix <dir>', 'where Postfix is configured, for the doctor', '/etc/postfix')
    .option('--dovecot <dir>', 'where Dovecot is configured, for the doctor', '/etc/dovecot')
    .addOption(
      new Option('--doctor-minutes <n>', 'how often the doctor looks at this host; 0: never')
        .argParser(minutes)
        .default(5),
    )
    .option(
      '--doveadm <command>',
      'cuts sessions of revoked app passwords at Dovecot here; none leaves them open',
      standardDoveadm,
    )
    .option(...directoryOption)
    .addOption(new Option('--log <format>', 'of what it prints').choices(['json', 'text']).default('json'))
    .addHelpText(
      'after',
      more(`
While control is away the last routes stay in force, and mail goes on.

Examples:
  mailferry edge run --side old --peer new.example.org
  mailferry edge run --side new --peer old.example.org --no-table --socketmap 127.0.0.1:8425
  mailferry edge run --side old --peer new.example.org --doveadm "sudo -n /usr/bin/doveadm"

Exit codes: 0 ended by a signal; 2 wrong usage, not enrolled, or another edge runs there.`),
    )
    .action(async (options: RunOptions) => {
      const { side, directory } = options;
      await env.runEdge(
        {
          side,
          directory,
          delimiters: options.delimiters ?? null,
          peer: peerOf(options.peer),
          table: options.table === false ? null : (options.table ?? `${directory}/transport`),
          socketmap: options.socketmap === undefined ? null : socketmapOf(options.socketmap),
          groupReads: options.groupReads === true,
          postfix: options.postfix,
          dovecot: options.dovecot,
          doctorMinutes: options.doctorMinutes,
          doveadm: doveadmOfOption(options),
          logFormat: options.log,
        },
        env.signal,
      );
      done(exitCode.ok);
    });
}

function minutes(text: string): number {
  if (!/^\d{1,4}$/.test(text) || Number(text) > 1_440)
    throw new InvalidArgumentError('a number from 0 to 1440.');
  return Number(text);
}

function urlOf(text: string): URL {
  try {
    return new URL(text);
  } catch {
    throw new MailferryError('usage', `--control: ${text} is no address like https://move.example.org`);
  }
}

function peerOf(text: string): EdgeRun['peer'] {
  const place = hostPlaceOf(text, 25);
  if (place !== null) return place;
  throw new MailferryError('usage', `--peer: ${text} is no host, or host and port`);
}

function doveadmOfOption({ doveadm, dovecot }: RunOptions): EdgeRun['doveadm'] {
  if (doveadmForm.test(doveadm)) return doveadmOf(doveadm, dovecot);
  throw new MailferryError('usage', `--doveadm: ${doveadm} is no command; one blank parts its words`);
}

function socketmapOf(text: string): LocalPlace {
  const place = localPlaceOf(text);
  if (place !== null) return place;
  throw new MailferryError(
    'usage',
    `--socketmap: ${text} is neither a path nor a port of this machine (127.0.0.1:8425)`,
  );
}
