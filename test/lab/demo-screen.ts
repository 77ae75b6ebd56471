/** What the demo shows: live lines on a terminal, plain lines elsewhere, JSON lines for scripts. */

export interface AccountResult {
  readonly account: string;
  readonly mailboxes: number;
  readonly messages: number;
  readonly bytes: number;
  readonly seconds: number;
  readonly verified: boolean;
  /** What is wrong, in plain words; empty when verified. */
  readonly problem: string;
}

export interface DemoScreen {
  say(text: string): void;
  /** `done` of `total` messages of one account; called often. */
  progress(account: string, done: number, total: number, bytes: number, seconds: number): void;
  finished(result: AccountResult): void;
  table(results: readonly AccountResult[]): void;
  /** For scripts only. */
  data(value: Readonly<Record<string, unknown>>): void;
}

const number = new Intl.NumberFormat('en-US');
const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1);
const rate = (messages: number, seconds: number) =>
  number.format(Math.round(messages / Math.max(seconds, 0.001)));

/** `colours` false (NO_COLOR): a terminal is redrawn all the same. */
export function demoScreen(
  kind: 'terminal' | 'plain' | 'json',
  out: NodeJS.WritableStream,
  colours = true,
): DemoScreen {
  if (kind === 'json') return jsonScreen(out);
  return kind === 'terminal' ? liveScreen(out, colours) : plainScreen(out);
}

function jsonScreen(out: NodeJS.WritableStream): DemoScreen {
  const data = (value: Readonly<Record<string, unknown>>) => out.write(`${JSON.stringify(value)}\n`);
  return {
    say: () => undefined,
    progress: () => undefined,
    finished: (result) => data({ type: 'account', ...result, seconds: Number(result.seconds.toFixed(3)) }),
    table: () => undefined,
    data,
  };
}

function plainScreen(out: NodeJS.WritableStream): DemoScreen {
  const say = (text: string) => out.write(`${text}\n`);
  let saidAt = 0;
  return {
    say,
    progress: (account, done, total, bytes, seconds) => {
      // A line now and then is enough for a log.
      if (seconds < saidAt) saidAt = 0;
      if (seconds - saidAt < 5) return;
      saidAt = seconds;
      say(`  ${account}: ${number.format(done)} of ${number.format(total)} messages, ${megabytes(bytes)} MB`);
    },
    finished: (result) => {
      saidAt = 0;
      say(`  ${sentence(result)}`);
    },
    table: (results) => say(table(results, { bold: (text) => text })),
    data: () => undefined,
  };
}

function liveScreen(
  out: NodeJS.WritableStream & { readonly columns?: number },
  colours: boolean,
): DemoScreen {
  // A line that wraps could not be written over; the words around the bar take 68 columns at most.
  const barWidth = Math.max(6, Math.min(24, (out.columns ?? 80) - 69));
  const clear = '\r\x1b[2K';
  const sgr = (on: number, text: string, off: number) => (colours ? `\x1b[${on}m${text}\x1b[${off}m` : text);
  const bold = (text: string) => sgr(1, text, 22);
  const green = (text: string) => sgr(32, text, 39);
  const say = (text: string) => out.write(`${clear}${text}\n`);
  return {
    say,
    progress: (account, done, total, bytes, seconds) => {
      const share = total === 0 ? 1 : Math.min(1, done / total);
      const full = Math.round(share * barWidth);
      // Without colours the rest has to look different.
      const bar = green('━'.repeat(full)) + sgr(90, (colours ? '━' : '─').repeat(barWidth - full), 39);
      const percent = `${Math.floor(share * 100)} %`.padStart(5);
      out.write(
        `${clear}  ${account.padEnd(28)} ${bar} ${percent}  ${number.format(done)}/${number.format(total)}` +
          `  ${megabytes(bytes)} MB  ${rate(done, seconds)}/s`,
      );
    },
    finished: (result) => {
      const mark = result.verified ? green('✓') : sgr(31, '✗', 39);
      say(`${mark} ${sentence(result)}`);
    },
    table: (results) => say(table(results, { bold })),
    data: () => undefined,
  };
}

function sentence({ account, messages, bytes, seconds, problem }: AccountResult): string {
  const what = `${account}: ${number.format(messages)} messages, ${megabytes(bytes)} MB in ${seconds.toFixed(1)} s`;
  return problem === '' ? `${what}, verified` : `${what}; ${problem}`;
}

function table(results: readonly AccountResult[], { bold }: { bold: (text: string) => string }): string {
  const row = (one: AccountResult) => [
    one.account,
    number.format(one.mailboxes),
    number.format(one.messages),
    megabytes(one.bytes),
    one.seconds.toFixed(1),
    rate(one.messages, one.seconds),
    one.verified ? 'yes' : 'NO',
  ];
  const sum = (of: (one: AccountResult) => number) => results.reduce((total, one) => total + of(one), 0);
  const total: AccountResult = {
    account: 'total',
    mailboxes: sum((one) => one.mailboxes),
    messages: sum((one) => one.messages),
    bytes: sum((one) => one.bytes),
    seconds: sum((one) => one.seconds),
    verified: results.every((one) => one.verified),
    problem: '',
  };
  const head = ['account', 'mailboxes', 'messages', 'MB', 'seconds', 'msg/s', 'verified'];
  const rows = [head, ...results.map(row), row(total)];
  const widths = head.map((_, column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ');
  const rule = widths.map((width) => '─'.repeat(width)).join('  ');
  const body = rows.slice(1, -1).map(line);
  return ['', bold(line(head)), rule, ...body, rule, bold(line(rows.at(-1) ?? [])), ''].join('\n');
}
