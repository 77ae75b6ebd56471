/** Runs a program for the demo, and reads what it prints as JSON lines. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export type JsonLine = Readonly<Record<string, unknown>>;

export interface Ended {
  readonly code: number;
  /** The end of its standard error. */
  readonly errors: string;
}

/** `onLine` gets each line that is a JSON object. The signal ends it by SIGTERM, and is thrown. */
export async function runProgram(
  command: readonly string[],
  env: Readonly<Record<string, string>>,
  onLine: (line: JsonLine) => void,
  signal?: AbortSignal,
): Promise<Ended> {
  const [program = '', ...args] = command;
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  const abort = () => child.kill('SIGTERM');
  signal?.addEventListener('abort', abort);
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => {
    errors = (errors + chunk.toString()).slice(-4_000);
  });
  const ended = exitCode(child);
  for await (const line of createInterface({ input: child.stdout })) {
    const value = parseLine(line);
    if (value !== null) onLine(value);
  }
  const code = await ended;
  signal?.removeEventListener('abort', abort);
  signal?.throwIfAborted();
  return { code, errors };
}

function parseLine(line: string): JsonLine | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as JsonLine) : null;
  } catch {
    return null;
  }
}

function exitCode(child: ChildProcess): Promise<number> {
  return new Promise((done, fail) => {
    child.once('error', fail);
    child.once('exit', (code) => done(code ?? 1));
  });
}
