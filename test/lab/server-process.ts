/**
 * One server process of the lab: started in the foreground, ended by its pid, and ended by the kernel when the
 * process that started it dies in whatever way. Never looks for processes by name.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';

export interface ServerProcess {
  readonly pid: number;
  /** What it printed to stdout and stderr. */
  output(): string;
  /** Null while it runs. */
  exitStatus(): string | null;
  /** SIGTERM, then SIGKILL after a while; resolves when the process and its descendants are gone. */
  stop(): Promise<void>;
  /** SIGKILL to the process and all its descendants: the machine lost its power. */
  kill(): Promise<void>;
}

export interface ServerCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Sent by the kernel when we die; default SIGTERM. */
  readonly orphanSignal?: NodeJS.Signals;
  /** Who runs it, where that is not who we are. */
  readonly identity?: { readonly uid: number; readonly gid: number };
}

/** Dovecot ends its children within a second; Cyrus may write a checkpoint first. */
const stopDeadlineMs = 10_000;

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGTERM');
});

export function startServerProcess(command: ServerCommand): ServerProcess {
  // setpriv (util-linux, on every Debian) has the kernel send the signal when we die, even by SIGKILL. It gives up
  // root as well, because a server that does so itself would lose that promise of the kernel.
  const identity = process.getuid?.() === 0 ? command.identity : undefined;
  const setpriv = [
    `--pdeathsig=${(command.orphanSignal ?? 'SIGTERM').slice(3)}`,
    ...(identity === undefined
      ? []
      : [`--reuid=${identity.uid}`, `--regid=${identity.gid}`, '--clear-groups']),
  ];
  const child = spawn('setpriv', [...setpriv, '--', command.command, ...command.args], {
    env: { PATH: process.env['PATH'] ?? '/usr/sbin:/usr/bin:/sbin:/bin', ...command.env },
    cwd: command.cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    // A process group of its own: Cyrus ends by a signal to its whole group, and Ctrl-C is ours to deal with.
    detached: true,
  });
  running.add(child);
  let output = '';
  const keep = (chunk: Buffer) => {
    output = (output + chunk.toString('latin1')).slice(-65_536);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  let status: string | null = null;
  const ended = new Promise<void>((resolve) => {
    child.once('error', (error) => {
      status = error.message;
      running.delete(child);
      resolve();
    });
    child.once('exit', (code, by) => {
      status = by ?? `exit code ${code}`;
      running.delete(child);
      resolve();
    });
  });

  const end = async (first: NodeJS.Signals) => {
    // Held still, so that it cannot fork between our looking at its children and its end.
    if (first === 'SIGKILL' && status === null) child.kill('SIGSTOP');
    const family = child.pid === undefined ? [] : descendants(child.pid);
    if (status === null) {
      child.kill(first);
      const late = setTimeout(() => child.kill('SIGKILL'), stopDeadlineMs);
      await ended;
      clearTimeout(late);
    }
    await reap(family, first === 'SIGKILL' ? 0 : 2_000);
  };
  return {
    pid: child.pid ?? 0,
    output: () => output,
    exitStatus: () => status,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
  };
}

/** Waits for processes to end by themselves for `graceMs`, then kills those that are still the same process. */
async function reap(family: readonly Descendant[], graceMs: number): Promise<void> {
  const until = performance.now() + graceMs;
  for (;;) {
    const left = family.filter(({ pid, startTime }) => processStat(pid)?.startTime === startTime);
    if (left.length === 0) return;
    if (performance.now() >= until) {
      for (const { pid } of left) {
        try {
          process.kill(pid, 'SIGKILL');
        } catch {
          // It ended meanwhile.
        }
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

interface Descendant {
  readonly pid: number;
  /** Field 22 of /proc/PID/stat: with the pid it names a process for ever, even when the pid is used again. */
  readonly startTime: string;
}

/** All processes below `pid` at this moment, children before grandchildren. */
export function descendants(pid: number): Descendant[] {
  const all: (Descendant & { parent: number })[] = [];
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const stat = processStat(Number(entry));
    if (stat !== null) all.push({ pid: Number(entry), ...stat });
  }
  const found: Descendant[] = [];
  let parents = new Set([pid]);
  while (parents.size > 0) {
    const children = all.filter((one) => parents.has(one.parent));
    found.push(...children.map(({ pid: child, startTime }) => ({ pid: child, startTime })));
    parents = new Set(children.map((one) => one.pid));
  }
  return found;
}

function processStat(pid: number): { parent: number; startTime: string } | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The command in parentheses may hold anything; the fields after it are numbers.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z') return null;
    return { parent: Number(fields[1]), startTime: fields[19] ?? '' };
  } catch {
    return null;
  }
}

/** Waits until the server greets on `port`; gives the greeting. Rejects early when `failed` gives a reason. */
export async function waitForGreeting(
  port: number,
  deadlineMs: number,
  failed: () => string | null = () => null,
  host = '127.0.0.1',
): Promise<string> {
  const until = performance.now() + deadlineMs;
  for (;;) {
    const reason = failed();
    if (reason !== null) throw new Error(reason);
    const greeting = await readGreeting(host, port);
    if (greeting !== null) return greeting;
    if (performance.now() > until) throw new Error(`no greeting on port ${port} within ${deadlineMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function readGreeting(host: string, port: number): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (greeting: string | null) => {
      socket.destroy();
      resolve(greeting);
    };
    socket.setTimeout(2_000, () => end(null));
    socket.once('error', () => end(null));
    socket.once('close', () => end(null));
    socket.once('data', (bytes) => end(bytes.toString('latin1').trimEnd()));
  });
}
