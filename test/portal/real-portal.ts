/** The whole product for a test: two Dovecots with mail, `mailferry serve` as a process, accounts imported, pages built. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildUi } from '../../scripts/build-ui.mjs';
import { type JsonLine, runProgram } from '../lab/demo-program.ts';
import { type Dovecot, type LabUser, startDovecot } from '../lab/dovecot.ts';
import { accountsCsv, makeInstallation } from '../lab/installation.ts';
import { newLabDirectory, removeLabDirectory } from '../lab/lab-directory.ts';

const program = [process.execPath, fileURLToPath(new URL('../../src/main.ts', import.meta.url))];
const startDeadlineMs = 30_000;

export interface RealPortal {
  readonly origin: string;
  readonly old: Dovecot;
  readonly fresh: Dovecot;
  /** Runs a verb of the program and gives its last line of JSON. */
  readonly verb: (...args: string[]) => Promise<JsonLine>;
  /** A request with the operator's token, as a provider's panel makes. */
  readonly api: (method: string, path: string, body?: unknown) => Promise<Response>;
  /** Ends the daemon by SIGKILL; `up` starts it again at the same place. */
  readonly down: () => Promise<void>;
  readonly up: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

export interface RealPortalOptions {
  readonly users: readonly LabUser[];
  /** Puts mail on old before anything else. */
  readonly fill: (old: Dovecot) => Promise<void>;
  /** Of all of them. */
  readonly team?: string;
  /** The daemon trusts this issuer, and goes on with STARTTLS; without it nothing is encrypted. */
  readonly caFile?: string;
  /** Of new, in octets: larger messages are refused. */
  readonly maxMailSize?: number;
  /** More lines of the configuration, in TOML. */
  readonly more?: (old: Dovecot) => string;
}

export async function startRealPortal(options: RealPortalOptions): Promise<RealPortal> {
  const { users, fill, team, caFile, maxMailSize, more } = options;
  buildUi();
  const dir = newLabDirectory('portal');
  const [old, fresh] = await Promise.all([
    startDovecot({ users, lmtp: true }),
    startDovecot({ users, ...(maxMailSize === undefined ? {} : { maxMailSize }) }),
  ]);
  let child: ChildProcess | null = null;
  const end = async (signal: 'SIGTERM' | 'SIGKILL'): Promise<void> => {
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child?.once('exit', resolve));
    child.kill(signal);
    await ended;
  };
  const stop = async (): Promise<void> => {
    await end('SIGTERM');
    await Promise.all([old.stop(), fresh.stop()]);
    removeLabDirectory(dir);
  };
  try {
    await fill(old);
    const { configFile, origin, tokenFile } = await makeInstallation({
      dir,
      old,
      fresh,
      ...(caFile === undefined ? {} : { caFile }),
      ...(more === undefined ? {} : { more: more(old) }),
    });
    const token = readFileSync(tokenFile, 'utf8').trim();
    const up = async (): Promise<void> => {
      child = spawn(program[0] ?? '', [...program.slice(1), 'serve', '--config', configFile], {
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      await ready(child);
    };
    await up();
    const verb = async (...args: string[]): Promise<JsonLine> => {
      let last: JsonLine = {};
      const command = [...program, ...args, '--config', configFile, '--json'];
      const { code, errors } = await runProgram(command, {}, (line) => (last = line));
      if (code !== 0) throw new Error(`mailferry ${args.join(' ')} ended with code ${code}: ${errors}`);
      return last;
    };
    const list = join(dir, 'accounts.csv');
    writeFileSync(list, accountsCsv(users, team), { mode: 0o600 });
    await verb('accounts', 'import', list);
    rmSync(list);
    const api = (method: string, path: string, body?: unknown): Promise<Response> =>
      fetch(`${origin}/api/v1${path}`, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        body: body === undefined ? null : JSON.stringify(body),
      });
    return { origin, old, fresh, verb, api, down: () => end('SIGKILL'), up, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function ready(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let printed = '';
    const failed = (): void => reject(new Error(`the daemon does not start: ${printed}`));
    const late = setTimeout(failed, startDeadlineMs);
    const look = (chunk: Buffer): void => {
      printed = (printed + chunk.toString()).slice(-4_000);
      if (!printed.includes('"ready"')) return;
      clearTimeout(late);
      resolve();
    };
    child.stdout?.on('data', look);
    child.stderr?.on('data', look);
    child.once('exit', failed);
  });
}
