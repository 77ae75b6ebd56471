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
  readonly stop: () => Promise<void>;
}

export interface RealPortalOptions {
  readonly users: readonly LabUser[];
  /** Puts mail on old before anything else. */
  readonly fill: (old: Dovecot) => Promise<void>;
  /** Of all of them. */
  readonly team?: string;
}

export async function startRealPortal({ users, fill, team }: RealPortalOptions): Promise<RealPortal> {
  buildUi();
  const dir = newLabDirectory('portal');
  const [old, fresh] = await Promise.all([startDovecot({ users, lmtp: true }), startDovecot({ users })]);
  let child: ChildProcess | null = null;
  const stop = async (): Promise<void> => {
    if (child !== null && child.exitCode === null) {
      const ended = new Promise((resolve) => child?.once('exit', resolve));
      child.kill('SIGTERM');
      await ended;
    }
    await Promise.all([old.stop(), fresh.stop()]);
    removeLabDirectory(dir);
  };
  try {
    await fill(old);
    const { configFile, origin, tokenFile } = await makeInstallation({ dir, old, fresh });
    const token = readFileSync(tokenFile, 'utf8').trim();
    child = spawn(program[0] ?? '', [...program.slice(1), 'serve', '--config', configFile], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    await ready(child);
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
    return { origin, old, fresh, verb, api, stop };
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
