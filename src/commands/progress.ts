/** Live progress: a bar on a terminal; elsewhere one plain line a mailbox, so that a log stays readable. */
import { displayName } from '../domain/mailbox-mapping.ts';
import type { EngineEvent } from '../sync/index.ts';
import type { CommandEnv } from './command-env.ts';
import { count, counted, duration, fit, size, width } from './format.ts';

export interface Progress {
  event(event: EngineEvent): void;
  /** A line above the bar. */
  line(text: string): void;
  stop(): void;
}

/** A terminal is redrawn four times a second: enough to look alive. */
const redrawMs = 250;

/** Erases from the cursor on; right after a bar that is all of it, also when the terminal has broken it into lines. */
export const eraseBelow = '\r\u001b[J';

/** The progress of a copy on standard error, by what that is. */
export function startProgress(env: CommandEnv): Progress {
  return canRedraw(env) ? barProgress(env) : lineProgress(env);
}

/** Whether standard error is a terminal on which a line can be drawn again. */
export function canRedraw(env: CommandEnv): boolean {
  return env.stderr.isTTY && env.env.TERM !== 'dumb';
}

/** In a log, silence looks like a hang; a line a second would fill it. */
const lineEveryMs = 30_000;

function lineProgress(env: CommandEnv): Progress {
  let toldAt = env.clock.monotonic();
  return {
    event: (event) => {
      const now = env.clock.monotonic();
      if (event.type === 'progress' && now - toldAt >= lineEveryMs) {
        const { copied, bytes } = event.counts;
        env.stderr.write(
          `${displayName(event.mailbox)}: ${counted(copied, 'message')} copied so far, ${size(bytes)}\n`,
        );
        toldAt = now;
      }
      if (event.type !== 'mailbox-started' || event.missing === 0) return;
      env.stderr.write(
        `${displayName(event.mailbox)}: ${count(event.missing)} of ${counted(event.messages, 'message')} to copy\n`,
      );
    },
    line: (text) => env.stderr.write(`${text}\n`),
    stop: () => {},
  };
}

function barProgress(env: CommandEnv): Progress {
  /** When copying began: a slow login says nothing about the time that is left. */
  let startedAt = env.clock.monotonic();
  const there = new Map<string, number>();
  let listed = false;
  let total = 0;
  let unchanged = 0;
  let copied = 0;
  let bytes = 0;
  let mailbox = '';
  let shown = false;

  const draw = () => {
    const present = [...there.values()].reduce((sum, n) => sum + n, unchanged);
    const done = Math.min(total, present + copied);
    const seconds = (env.clock.monotonic() - startedAt) / 1000;
    const columns = env.stderr.columns || 80;
    const text = listed
      ? barText({ done, total, copied, bytes, seconds, mailbox }, columns)
      : fit('connecting and listing mailboxes', columns - 1);
    // The cursor waits at the beginning: a terminal that is made narrower breaks the bar into lines below it, and all
    // of them go with the next redraw.
    env.stderr.write(`\r${text}\u001b[J\r`);
    shown = true;
  };
  const clear = () => {
    if (shown) env.stderr.write(eraseBelow);
    shown = false;
  };
  const timer = setInterval(draw, redrawMs);
  timer.unref();
  return {
    event: (event) => {
      if (event.type === 'listed') {
        if (!listed) startedAt = env.clock.monotonic();
        listed = true;
        total = Math.max(total, event.messages);
        unchanged = Math.max(unchanged, event.unchanged);
        if (copied === 0) there.clear();
      } else if (event.type === 'mailbox-started') {
        mailbox = displayName(event.mailbox);
        if (!there.has(event.mailbox)) there.set(event.mailbox, event.messages - event.missing);
      } else if (event.type === 'progress') {
        mailbox = displayName(event.mailbox);
        copied = event.counts.copied;
        bytes = event.counts.bytes;
      }
    },
    line: (text) => {
      clear();
      env.stderr.write(`${text}\n`);
    },
    stop: () => {
      clearInterval(timer);
      clear();
    },
  };
}

/** What a bar shows. */
export interface BarState {
  readonly done: number;
  readonly total: number;
  readonly copied: number;
  readonly bytes: number;
  readonly seconds: number;
  readonly mailbox: string;
}

/** So much of a mailbox's name is worth a shorter way of saying the rest. */
const nameCells = 6;

/** One line for a terminal of that many columns. The last column stays free: writing there begins a new line on some. */
export function barText(state: BarState, columns: number): string {
  const { done, total, copied, bytes, seconds, mailbox } = state;
  const cells = columns - 1;
  const share = total === 0 ? 1 : done / total;
  const percent = `${Math.floor(share * 100)} %`;
  const messages = `${count(done)}/${count(total)}`;
  const perSecond = copied / Math.max(seconds, 0.001);
  const rate = `${count(Math.round(perSecond))}/s`;
  const left = perSecond > 0 ? duration((total - done) / perSecond) : '?';
  const ways = [
    [percent.padStart(5), `${messages} messages`, size(bytes), rate, `${left} left`].join('  '),
    [percent, messages, size(bytes), rate, `${left} left`].join(' '),
    [messages, size(bytes), rate, left].join(' '),
    [percent, left].join(' '),
  ];
  const needed = Math.min(nameCells, width(mailbox));
  const said = ways.find((way) => width(way) + 1 + needed <= cells) ?? percent;
  const barCells = Math.min(30, cells - width(said) - width(mailbox) - 3);
  if (said !== ways[0] || barCells < 5) return fit(`${said} ${mailbox}`, cells);
  const full = Math.round(share * barCells);
  return `${'█'.repeat(full)}${'░'.repeat(barCells - full)} ${said}  ${mailbox}`;
}
