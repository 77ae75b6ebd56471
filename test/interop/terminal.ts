/**
 * Runs bin/mailferry on a terminal of its own, as a person sees it: `script` (bsdutils, on every Debian) gives the pty.
 * What it prints is also drawn on a screen of that many columns, so that a test sees what is left standing there.
 */
import { execFileSync, spawn } from 'node:child_process';
import { readlinkSync } from 'node:fs';
import { width } from '../../src/commands/format.ts';
import { bin } from './mailferry.ts';

export interface TerminalRun {
  /** Resolves when what was printed so far holds the text; rejects when the program ends without it. */
  printed(text: string | RegExp): Promise<void>;
  /** Presses keys. */
  type(keys: string): void;
  /** The window gets another width, as by a mouse, right after something was drawn: the program then has heard of it. */
  resize(columns: number): Promise<void>;
  /** Resolves when it has printed once more. */
  drawn(): Promise<void>;
  /** To the program itself, not through the terminal. */
  kill(signal: NodeJS.Signals): void;
  /** Whether the terminal shows what is typed. */
  echoes(): boolean;
  /** All bytes so far. */
  output(): string;
  readonly screen: Screen;
  readonly done: Promise<{ readonly code: number; readonly output: string }>;
}

const running = new Map<number, TerminalRun>();

/** Ends what a failed test has left running. */
export function endTerminals(): void {
  for (const run of running.values()) run.kill('SIGKILL');
}

/** Starts it and waits until it runs. After the program's end the shell prints the terminal's settings. */
export async function onTerminal(
  args: readonly string[],
  options: {
    readonly columns: number;
    readonly rows?: number;
    readonly env?: Readonly<Record<string, string>>;
  },
): Promise<TerminalRun> {
  const quoted = [process.execPath, bin, ...args].map((word) => `'${word.replaceAll("'", `'\\''`)}'`);
  // The shell says who runs (exec keeps its pid), and, once that has ended, whether the terminal still echoes.
  const inner = `echo pid $$; exec ${quoted.join(' ')}`;
  const shell =
    // Ctrl-C goes to the shell as well, and is not meant for it.
    `trap : INT; stty cols ${options.columns} rows ${options.rows ?? 24}; sh -c "$INNER"; code=$?; ` +
    `stty -a | grep -o '[-]*echo\\b' | sed 's/^/settings /'; exit $code`;
  const child = spawn('script', ['-q', '-e', '-E', 'always', '-c', shell, '/dev/null'], {
    env: {
      PATH: process.env.PATH ?? '',
      HOME: '/nonexistent',
      SHELL: '/bin/sh',
      INNER: inner,
      ...options.env,
    },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  // A window of no size is no window: lines wrap where the program thinks they do.
  const screen = new Screen(options.columns || 80);
  let output = '';
  let ended = false;
  let pid = 0;
  const waiting = new Set<() => void>();
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    screen.write(text);
    for (const look of waiting) look();
  });
  const done = new Promise<{ code: number; output: string }>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      ended = true;
      running.delete(pid);
      for (const look of waiting) look();
      resolve({ code: code ?? -1, output });
    });
  });
  const printed = (text: string | RegExp) =>
    new Promise<void>((resolve, reject) => {
      const look = () => {
        const found = typeof text === 'string' ? output.includes(text) : text.test(output);
        if (!found && !ended) return;
        waiting.delete(look);
        if (found) resolve();
        else reject(new Error(`ended without ${text}: ${JSON.stringify(output)}`));
      };
      waiting.add(look);
      look();
    });
  await printed(/pid \d+\r\n/);
  pid = Number(/pid (\d+)/.exec(output)?.[1]);
  const tty = readlinkSync(`/proc/${pid}/fd/0`);
  const stty = (...words: string[]) => execFileSync('stty', ['-F', tty, ...words], { encoding: 'utf8' });
  const run: TerminalRun = {
    printed,
    type: (keys) => child.stdin.write(keys),
    resize: (columns) =>
      new Promise((resolve) => {
        child.stdout.once('data', () => {
          screen.resize(columns);
          stty('cols', String(columns));
          resolve();
        });
      }),
    drawn: () => new Promise((resolve) => child.stdout.once('data', () => resolve())),
    kill: (signal) => process.kill(pid, signal),
    echoes: () => / echo\b/.test(stty('-a')),
    output: () => output,
    screen,
    done,
  };
  running.set(pid, run);
  return run;
}

/** A terminal of endless height: lines, a cursor, and the few sequences that Mailferry uses. Any other one throws. */
export class Screen {
  #columns: number;
  /** A row ends where the next one begins by wrapping (`wraps`) or by a line end. */
  readonly #rows: { cells: string[]; wraps: boolean }[] = [{ cells: [], wraps: false }];
  #row = 0;
  #column = 0;
  #pending = '';

  constructor(columns: number) {
    this.#columns = columns;
  }

  /** What stands there, without blanks at the ends of lines and without empty lines at the end. */
  lines(): string[] {
    const lines = this.#rows.map(({ cells }) =>
      Array.from(cells, (cell) => cell ?? ' ')
        .join('')
        .trimEnd(),
    );
    while (lines.at(-1) === '') lines.pop();
    return lines;
  }

  /** Breaks lines anew, with the cursor staying at its character, as most terminals do. */
  resize(columns: number): void {
    const rows = this.#rows.splice(0);
    let place: [number, number] = [0, 0];
    for (let i = 0; i < rows.length; i++) {
      const cells: string[] = [];
      let cursor = -1;
      for (; ; i++) {
        if (i === this.#row) cursor = cells.length + this.#column;
        cells.push(...Array.from(rows[i]?.cells ?? [], (cell) => cell ?? ' '));
        if (rows[i]?.wraps !== true) break;
      }
      const first = this.#rows.length;
      for (let at = 0; at === 0 || at < cells.length; at += columns)
        this.#rows.push({ cells: cells.slice(at, at + columns), wraps: at + columns < cells.length });
      if (cursor >= 0) place = [first + Math.floor(cursor / columns), cursor % columns];
    }
    [this.#row, this.#column] = place;
    this.#columns = columns;
  }

  write(text: string): void {
    let rest = this.#pending + text;
    this.#pending = '';
    while (rest !== '') {
      const sequence = /^\u001b\[([0-9;?]*)([@-~])/.exec(rest);
      if (sequence === null && rest.startsWith('\u001b')) {
        if (rest.length > 20)
          throw new Error(`not known to this screen: ${JSON.stringify(rest.slice(0, 20))}`);
        this.#pending = rest;
        return;
      }
      if (sequence !== null) this.#control(sequence[0], sequence[1] ?? '', sequence[2] ?? '');
      const char = sequence?.[0] ?? String.fromCodePoint(rest.codePointAt(0) ?? 0);
      if (sequence === null) this.#char(char);
      rest = rest.slice(char.length);
    }
  }

  #control(sequence: string, argument: string, final: string): void {
    const cells = this.#rows[this.#row]?.cells ?? [];
    if (final === 'K' && argument === '2') cells.length = 0;
    else if (final === 'K' && argument === '') cells.length = Math.min(cells.length, this.#column);
    else if (final === 'J' && argument === '') {
      cells.length = Math.min(cells.length, this.#column);
      this.#rows.length = this.#row + 1;
    } else if (final === 'A') this.#row = Math.max(0, this.#row - Number(argument));
    else throw new Error(`not known to this screen: ${JSON.stringify(sequence)}`);
  }

  #char(char: string): void {
    if (char === '\r') this.#column = 0;
    else if (char === '\n') this.#down();
    else if (char >= ' ') {
      const cells = width(char);
      if (this.#column + cells > this.#columns) {
        const row = this.#rows[this.#row];
        if (row !== undefined) row.wraps = true;
        this.#down();
        this.#column = 0;
      }
      const row = this.#rows[this.#row]?.cells ?? [];
      if (cells === 0) row[this.#column - 1] = `${row[this.#column - 1] ?? ''}${char}`;
      else row[this.#column] = char;
      if (cells === 2) row[this.#column + 1] = '';
      this.#column += cells;
    }
  }

  #down(): void {
    this.#row++;
    if (this.#row === this.#rows.length) this.#rows.push({ cells: [], wraps: false });
  }
}
