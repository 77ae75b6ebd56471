/**
 * A program of the operator's: JSON on its standard input, an answer on standard output, words for people on standard error.
 * What it prints is bounded, its time as well, and what it started ends with it. No shell reads its arguments, and of the
 * daemon's environment it gets nothing.
 */
import { spawn } from 'node:child_process';

export interface ProgramCall {
  /** The program, and its arguments. */
  readonly argv: readonly string[];
  readonly input: object;
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
  /** Octets of the answer; a program that prints more is ended. */
  readonly answerAtMost?: number;
}

export type ProgramEnd =
  | { readonly kind: 'ended'; readonly code: number; readonly stdout: string; readonly stderr: string }
  /** It cannot be run at all. */
  | { readonly kind: 'not-started'; readonly why: string }
  | { readonly kind: 'too-slow' | 'too-much' | 'killed'; readonly stderr: string };

const standardAnswerAtMost = 64 * 1024;
const stderrAtMost = 8 * 1024;
const environment = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LANG: 'C.UTF-8' };

/** Never rejects. */
export function runProgram(call: ProgramCall): Promise<ProgramEnd> {
  const { argv, input, deadlineMs, signal, answerAtMost = standardAnswerAtMost } = call;
  const [program = '', ...args] = argv;
  return new Promise((resolve) => {
    // A group of its own: a shell script's children end with it.
    const child = spawn(program, args, { detached: true, env: environment, stdio: ['pipe', 'pipe', 'pipe'] });
    let ended: ProgramEnd['kind'] | null = null;
    const out: Buffer[] = [];
    let size = 0;
    let stderr = '';
    const end = (kind: 'too-slow' | 'too-much') => {
      ended ??= kind;
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      } catch {
        // It has ended by itself.
      }
      // What it left behind may hold the pipes open.
      child.stdout.destroy();
      child.stderr.destroy();
    };
    const late = setTimeout(() => end('too-slow'), deadlineMs);
    const over = () => end('too-slow');
    signal.addEventListener('abort', over, { once: true });
    if (signal.aborted) over();
    const done = (result: ProgramEnd) => {
      clearTimeout(late);
      signal.removeEventListener('abort', over);
      resolve(result);
    };
    child.on('error', (error) => done({ kind: 'not-started', why: error.message }));
    // It may end without having read.
    child.stdin.on('error', () => {});
    child.stdin.end(`${JSON.stringify(input)}\n`);
    child.stdout.on('data', (part: Buffer) => {
      size += part.length;
      if (size > answerAtMost) end('too-much');
      else out.push(part);
    });
    child.stderr.on('data', (part: Buffer) => {
      if (stderr.length < stderrAtMost) stderr = (stderr + part.toString('utf8')).slice(0, stderrAtMost);
    });
    child.on('close', (code) => {
      if (ended === 'too-slow' || ended === 'too-much') done({ kind: ended, stderr });
      else if (code === null) done({ kind: 'killed', stderr });
      else done({ kind: 'ended', code, stdout: Buffer.concat(out).toString('utf8'), stderr });
    });
  });
}

/** What it said went wrong, in its own words or in ours. */
export function endText(end: ProgramEnd): string {
  switch (end.kind) {
    case 'not-started':
      return `cannot be started (${end.why})`;
    case 'too-slow':
      return 'has not answered in time';
    case 'too-much':
      return 'printed too much';
    case 'killed':
      return `was ended by a signal: ${end.stderr}`;
    default:
      return end.stderr.trim() === '' ? `ended with ${end.code}` : `ended with ${end.code}: ${end.stderr}`;
  }
}
