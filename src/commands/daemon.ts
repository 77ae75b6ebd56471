/** `mailferry serve`, `control` and `worker`: the daemon, until a signal ends it. */
import { Command } from 'commander';
import type { CommandEnv } from './command-env.ts';
import { exitCode } from './exit-code.ts';
import { more } from './help-text.ts';

export type DaemonMode = 'serve' | 'control' | 'worker';

const texts: Readonly<Record<DaemonMode, { readonly what: string; readonly more: string }>> = {
  serve: {
    what: 'run everything on this machine: the API and a worker',
    more: `
SIGTERM and Ctrl-C end it within ten seconds: messages under way arrive first, and the next start goes on from there.

Examples:
  mailferry init
  mailferry serve
  mailferry serve --config ./mailferry.toml`,
  },
  control: {
    what: 'run the API alone; workers run apart and share its PostgreSQL',
    more: `
Examples:
  mailferry control --config ./mailferry.toml`,
  },
  worker: {
    what: 'run a worker alone; any number may share one PostgreSQL',
    more: `
Workers share the accounts evenly, and take over from one that dies within half a minute.

Examples:
  mailferry worker --config ./mailferry.toml`,
  },
};

const exitCodes =
  'Exit codes: 0 ended by a signal; 2 the configuration, one of its files, the database or the address to listen on; 130 a second signal, or its end took too long.';

export function daemonCommand(env: CommandEnv, done: (code: number) => void, mode: DaemonMode): Command {
  return new Command(mode)
    .description(texts[mode].what)
    .option(
      '--config <file>',
      'configuration, as `mailferry init` writes it (else MAILFERRY_CONFIG, else /etc/mailferry/mailferry.toml)',
    )
    .addHelpText('after', more(`${texts[mode].more}\n\n${exitCodes}`))
    .action(async ({ config }: { readonly config?: string }) => {
      await env.runDaemon(mode, config ?? null, env.signal);
      done(exitCode.ok);
    });
}
