/** Programs of the mail host, as the doctor runs them: with a deadline, and never more of what they say than fits. */
import { spawn } from 'node:child_process';

export interface ToolRun {
  readonly name: string;
  readonly args: readonly string[];
  readonly input?: string;
  readonly signal: AbortSignal;
}

export interface ToolAnswer {
  /** Null where it was ended: by the deadline, or since it said too much. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Each of them answers within a second; one that hangs must not keep the others from being asked. */
const deadlineMs = 20_000;
/** A queue of a hundred thousand mails says some 40 MB: of that the first part tells enough. */
const mostBytes = 8_000_000;

/** Null where there is no such program. */
export function runTool({ name, args, input = '', signal }: ToolRun): Promise<ToolAnswer | null> {
  return new Promise((resolve, reject) => {
    const child = spawn(name, args, {
      stdio: ['pipe', 'pipe', 'pipe'],
      signal: AbortSignal.any([signal, AbortSignal.timeout(deadlineMs)]),
    });
    const parts: Buffer[] = [];
    let size = 0;
    let stderr = '';
    child.stdout.on('data', (part: Buffer) => {
      size += part.length;
      if (size > mostBytes) child.kill();
      else parts.push(part);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      if (stderr.length < 4_096) stderr += text;
    });
    const answer = (code: number | null) =>
      resolve({ code, stdout: Buffer.concat(parts).toString('utf8'), stderr: stderr.trim() });
    child.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'EACCES') resolve(null);
      else if (signal.aborted) reject(error);
      else {
        stderr ||= `${name} does not end`;
        answer(null);
      }
    });
    child.on('close', answer);
    // It may end before it has read all.
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}

/** What cannot be ended itself, as a question for a name, is not waited for. */
export async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  let stop = () => {};
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
    work.catch(() => {});
  }
}
