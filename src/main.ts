/** The entry: reads arguments and environment, which nothing else does, and calls a command. */
import { readFileSync } from 'node:fs';
import { CommanderError } from 'commander';
import { systemClock } from './base/clock.ts';
import { errorTable, MailferryError } from './base/errors.ts';
import type { CommandEnv } from './commands/command-env.ts';
import type { DaemonMode } from './commands/daemon.ts';
import { exitCode, tellError } from './commands/exit-code.ts';
import { buildProgram } from './commands/program.ts';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

async function main(argv: readonly string[]): Promise<number> {
  const json = argv.includes('--json');
  const env: CommandEnv = {
    clock: systemClock,
    env: process.env,
    stdout: process.stdout,
    stderr: process.stderr,
    stdin: process.stdin,
    signal: interruptSignal(isDaemon(argv[2]) ? daemonGraceMs : interruptGraceMs),
    openRun: async (from, to, state) =>
      (await import('./services/one-shot.ts')).openRun(process.env, from, to, state),
    openSession: async (account) => (await import('./services/one-shot.ts')).openSession(account),
    apiPlace: async (file) => (await import('./services/configuration/index.ts')).apiPlace(process.env, file),
    checkConfiguration: async (file, options) =>
      (await import('./services/configuration/index.ts')).checkConfiguration(process.env, file, options),
    exampleConfiguration: async () =>
      (await import('./services/configuration/index.ts')).exampleConfiguration(),
    runDaemon,
    enrolEdge: async (enrolment) => (await import('./services/edge/run.ts')).enrolEdge(enrolment, version),
    runEdge: async (run, signal) => {
      const { stdout, env: environment, pid } = process;
      const { runEdge: start } = await import('./services/edge/run.ts');
      await start({ run, version, environment, stdout, clock: systemClock, pid, signal });
    },
    runDoctor: async (request, signal) => {
      const { doctorByHand } = await import('./services/edge/doctor-by-hand.ts');
      const { env: environment } = process;
      return doctorByHand({ request, environment, version, clock: systemClock, signal });
    },
    initialise: async (installation) => (await import('./services/initialise.ts')).initialise(installation),
  };
  let code: number = exitCode.ok;
  try {
    const done = (result: number) => {
      code = result;
    };
    const program = await buildProgram(env, { version, called: argv[2], done });
    await program.parseAsync(argv);
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return told(env, error, json);
    const pair = argv[2] === 'copy' || argv[2] === 'verify';
    return tellError(env, env.signal.aborted ? interrupted(error, pair) : error, json, pair);
  }
}

async function runDaemon(mode: DaemonMode, file: string | null, signal: AbortSignal): Promise<void> {
  const { openConfiguration } = await import('./services/configuration/index.ts');
  const opened = openConfiguration(process.env, file);
  const { runDaemon: run } = await import('./services/daemon/run.ts');
  const { stdout, env: environment, pid } = process;
  await run({ mode, opened, environment, stdout, clock: systemClock, pid, version, signal });
}

/** Commander has told a person already; a script gets its line. */
function told(env: CommandEnv, error: CommanderError, json: boolean): number {
  if (error.exitCode === 0) return exitCode.ok;
  const message = error.message.replace(/^error: /, '');
  if (json)
    env.stdout.write(
      `${JSON.stringify({ type: 'error', code: 'usage', side: null, message, action: errorTable.usage.action })}\n`,
    );
  return exitCode.usage;
}

function interrupted(error: unknown, copies: boolean): MailferryError {
  const kept = copies ? '; what was copied so far is kept' : '';
  return new MailferryError('interrupted', `interrupted${kept}`, { cause: error });
}

/** How long a batch on the wire gets to end after Ctrl-C; what is cut off then is settled by the next run. */
const interruptGraceMs = 5000;

/** One Ctrl-C may come twice, from the terminal and from a launcher; nobody presses it twice as fast. */
const sameSignalMs = 150;

/** A daemon's own end is a little earlier. */
const daemonGraceMs = 10_000;

const isDaemon = (verb: string | undefined) => ['serve', 'control', 'worker'].includes(verb ?? '');

function interruptSignal(graceMs: number): AbortSignal {
  const controller = new AbortController();
  let firstAt = 0;
  const onSignal = () => {
    const now = systemClock.monotonic();
    if (controller.signal.aborted) {
      if (now - firstAt > sameSignalMs) process.exit(exitCode.interrupted);
      return;
    }
    firstAt = now;
    controller.abort(new MailferryError('interrupted', 'interrupted'));
    setTimeout(() => process.exit(exitCode.interrupted), graceMs).unref();
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return controller.signal;
}

// Whoever read our output went away (`| head`): nobody is left to tell anything to, and the state is kept.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(exitCode.interrupted);
});
process.stderr.on('error', () => {});

process.exitCode = await main(process.argv);
// Connections that are still saying goodbye must not keep the process, nor those of a server that says nothing any more, nor
// questions for names that nobody waits for.
const stays = isDaemon(process.argv[2]) || (process.argv[2] === 'edge' && process.argv[3] === 'run');
if (process.exitCode !== exitCode.ok || stays) process.exit();
