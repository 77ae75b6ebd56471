/**
 * `mailferry init`: writes the daemon's configuration with a comment at every key, the key file and the operator's token.
 * Asks on a terminal for what was not given.
 */
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { Command } from 'commander';
import { MailferryError } from '../base/errors.ts';
import type { Secret } from '../base/secret.ts';
import type { CommandEnv, Installation } from './command-env.ts';
import { readSecret } from './credentials.ts';
import { exitCode } from './exit-code.ts';
import { promptPassword } from './prompt.ts';
import { more } from './help-text.ts';

/** Where the daemon and its clients look without being told. */
const standardDirectory = '/etc/mailferry';
const standardListen = '127.0.0.1:8420';

interface InitOptions {
  readonly directory: string;
  readonly oldHost?: string;
  readonly newHost?: string;
  readonly oldMasterUser?: string;
  readonly newMasterUser?: string;
  readonly oldMasterPasswordFile?: string;
  readonly newMasterPasswordFile?: string;
  readonly database?: string;
  readonly listen?: string;
  readonly force?: boolean;
  readonly json?: boolean;
}

export function initCommand(env: CommandEnv, done: (code: number) => void): Command {
  return new Command('init')
    .description('write a configuration, a key file and the operator’s token')
    .option('--directory <dir>', 'where to', standardDirectory)
    .option('--old-host <host[:port]>', 'the old mail server')
    .option('--new-host <host[:port]>', 'the new mail server')
    .option('--old-master-user <name>', 'logs in to old on behalf of each account')
    .option('--old-master-password-file <file>', 'its password, which is copied')
    .option('--new-master-user <name>', 'logs in to new on behalf of each account')
    .option('--new-master-password-file <file>', 'its password, which is copied')
    .option(
      '--database <url>',
      'a path of a SQLite file, or postgres://user@host/database; default in /var/lib/mailferry, with --directory there',
    )
    .option('--listen <address>', 'where the API listens; default 127.0.0.1:8420')
    .option('--force', 'overwrite what is there; a key file stays')
    .option('--json', 'one JSON object')
    .addHelpText(
      'after',
      more(`
Examples:
  mailferry init
  mailferry init --old-host old.example.org --new-host new.example.org --directory ./mailferry

Exit codes: 0 written; 2 something is missing, or is there already; 130 interrupted.`),
    )
    .action(async (options: InitOptions) => {
      const installation = await chosen(env, options);
      const { files, kept } = await env.initialise(installation);
      if (options.json === true)
        env.stdout.write(`${JSON.stringify({ type: 'initialised', files, kept })}\n`);
      else env.stdout.write(nextSteps(files, kept, installation.listen ?? standardListen));
      done(exitCode.ok);
    });
}

async function chosen(env: CommandEnv, options: InitOptions): Promise<Installation> {
  const asks = env.stdin.isTTY && env.stderr.isTTY && options.json !== true;
  const sides = {
    old: { host: options.oldHost, user: options.oldMasterUser, file: options.oldMasterPasswordFile },
    new: { host: options.newHost, user: options.newMasterUser, file: options.newMasterPasswordFile },
  };
  const side = async (name: 'old' | 'new') => {
    const given = sides[name];
    const text = given.host ?? (asks ? await ask(env, `Host of the ${name} mail server: `) : '');
    if (text === '')
      throw new MailferryError('usage', `--${name}-host: which host is the ${name} mail server?`);
    const { host, port } = hostAndPort(text, `--${name}-host`);
    // Whoever gives the host on the command line has decided on the rest as well.
    const open = asks && given.host === undefined && given.user === undefined;
    const question = `Master user of ${host} (empty: each account has a password of its own): `;
    const masterUser = given.user ?? (open ? await ask(env, question) : '');
    const masterPassword =
      masterUser === '' ? null : await passwordOf(env, name, masterUser, given.file, asks);
    return { host, port, masterUser: masterUser === '' ? null : masterUser, masterPassword };
  };
  const old = await side('old');
  const fresh = await side('new');
  const standard =
    resolve(options.directory) === standardDirectory
      ? '/var/lib/mailferry/mailferry.sqlite'
      : join(resolve(options.directory), 'mailferry.sqlite');
  const database =
    options.database ??
    (asks && options.oldHost === undefined ? await ask(env, `Database (empty: ${standard}): `) : '');
  return {
    directory: options.directory,
    old,
    new: fresh,
    // Whoever tries it in a directory of their own may not write to that of the service.
    database: database === '' ? standard : database,
    listen: options.listen ?? null,
    force: options.force === true,
  };
}

function hostAndPort(text: string, option: string): { readonly host: string; readonly port: number | null } {
  const match = /^(?:\[([^\]\s]+)\]|([^:\s]+))(?::(\d{1,5}))?$/.exec(text);
  const host = match?.[1] ?? match?.[2];
  if (host === undefined)
    throw new MailferryError('usage', `${option}: write a host, or host:port, not "${text}"`);
  const port = match?.[3] === undefined ? null : Number(match[3]);
  if (port !== null && (port < 1 || port > 65_535))
    throw new MailferryError('usage', `${option}: ${port} is no port; write one from 1 to 65535`);
  return { host, port };
}

async function passwordOf(
  env: CommandEnv,
  side: 'old' | 'new',
  user: string,
  file: string | undefined,
  asks: boolean,
): Promise<Secret> {
  const option = `--${side}-master-password-file`;
  if (file !== undefined) return readSecret(file, option);
  if (!asks) throw new MailferryError('usage', `${option}: the password of ${user} is missing`);
  return promptPassword(env, `Password of ${user} on ${side}: `);
}

async function ask(env: CommandEnv, question: string): Promise<string> {
  // The terminal itself shows and edits the line.
  const lines = createInterface({ input: env.stdin, output: env.stderr, terminal: false });
  try {
    return (await lines.question(question, { signal: env.signal })).trim();
  } catch (cause) {
    throw new MailferryError('interrupted', 'interrupted', { cause });
  } finally {
    lines.close();
  }
}

function nextSteps(files: readonly string[], kept: readonly string[], listen: string): string {
  const [configuration = ''] = files;
  // What every verb reads without being told needs not be told.
  const option =
    configuration === join(standardDirectory, 'mailferry.toml') ? '' : ` --config ${word(configuration)}`;
  return `${files.map((file) => `wrote ${file}\n`).join('')}${kept.map((file) => `kept ${file}\n`).join('')}
Keep a copy of the key file apart from the database: without it, stored passwords cannot be read.

Next:
  mailferry config check${option}
  mailferry serve${option}
and, while that runs, in another terminal:
  mailferry operator add you@example.org${option}
  mailferry accounts import customers.csv${option}
  mailferry sync start --all${option}
  mailferry sync status --watch${option}

The portal will be at http://${hereOf(listen)}/, for browsers on this machine; a proxy with TLS offers it to others.
`;
}

/** As a browser on this machine says it: what is listened on everywhere is also here. */
function hereOf(listen: string): string {
  return listen.replace(/^(0\.0\.0\.0|\[::\])(?=:)/, 'localhost');
}

/** As one word of a shell. */
function word(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
