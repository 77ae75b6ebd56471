/** Runs bin/mailferry as a person or a script would: another process, its streams and its exit code. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { type AccountSnapshot, RawImap, readAccount } from '../judge/imap-raw.ts';
import type { LabUser } from '../lab/dovecot.ts';

/** The program as it is installed. */
export const bin = join(import.meta.dirname, '..', '..', 'bin', 'mailferry');

export interface Ran {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Standard output as JSON, a value a line; only for --json. */
  lines(): Record<string, unknown>[];
  /** The last line of --json. */
  last(): Record<string, unknown>;
}

export interface Running {
  readonly done: Promise<Ran>;
  kill(signal: NodeJS.Signals): void;
  /** Resolves when standard output or standard error holds the text, so many times; rejects when the program ends without it. */
  printed(text: string, times?: number): Promise<void>;
}

export function startMailferry(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  /** Gets each whole line of standard output. */
  onLine: ((line: string) => void) | null = null,
): Running {
  // The test's own Node is on PATH first, so that no second process is started for an older one.
  const child = spawn(process.execPath, [bin, ...args], {
    env: { PATH: process.env.PATH ?? '', HOME: '/nonexistent', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  const waiting: { text: string; times: number; resolve: () => void; reject: (why: Error) => void }[] = [];
  const look = () => {
    for (const { text, times, resolve } of waiting)
      if ((stdout + stderr).split(text).length > times) resolve();
  };
  let unended = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    if (onLine !== null) {
      const lines = (unended + text).split('\n');
      unended = lines.pop() ?? '';
      for (const line of lines) onLine(line);
    }
    look();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    look();
  });
  const done = new Promise<Ran>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      for (const { text, reject: giveUp } of waiting)
        giveUp(new Error(`ended without "${text}": ${stdout}${stderr}`));
      const lines = () =>
        stdout
          .split('\n')
          .filter((line) => line !== '')
          .map((line) => JSON.parse(line) as Record<string, unknown>);
      resolve({ code, signal, stdout, stderr, lines, last: () => lines().at(-1) ?? {} });
    });
  });
  return {
    done,
    kill: (signal) => child.kill(signal),
    printed: (text, times = 1) =>
      new Promise((resolve, reject) => {
        waiting.push({ text, times, resolve, reject });
        look();
      }),
  };
}

export function mailferry(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ran> {
  return startMailferry(args, env).done;
}

/** A server of the lab, of whatever maker. */
export interface LabImap {
  readonly imapPort: number;
}

/** URL of a user on a lab server without TLS. */
export function plainUrl(server: LabImap, user: LabUser): string {
  return `imap://${encodeURIComponent(user.name)}@127.0.0.1:${server.imapPort}`;
}

/** A session of the judge's client, as the user's own mail program would have one. */
export function actAs(server: LabImap, user: LabUser): Promise<RawImap> {
  return RawImap.login({ port: server.imapPort, user: user.name, password: user.password });
}

/** Every message that the user has there. */
export function accountOf(server: LabImap, user: LabUser): Promise<AccountSnapshot> {
  return readAccount({ port: server.imapPort, user: user.name, password: user.password });
}

/** The options that name one user's account on both sides, and the state file. */
export function pairOptions(old: LabImap, fresh: LabImap, user: LabUser, state: string): string[] {
  return ['--from', plainUrl(old, user), '--to', plainUrl(fresh, user), '--state', state];
}

/** Passwords for `copy` and `verify`. */
export function passwordsOf(user: LabUser): Record<string, string> {
  return { MAILFERRY_FROM_PASSWORD: user.password, MAILFERRY_TO_PASSWORD: user.password };
}
