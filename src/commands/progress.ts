/** Live progress: a bar on a terminal; elsewhere one plain line a mailbox, so that a log stays readable. */
import { displayName } from '../domain/mailbox-mapping.ts';
import type { EngineEvent } from '../sync/index.ts';
import type { CommandEnv } from './command-env.ts';
import { count, duration, size } from './format.ts';

export interface Progress {
  event(event: EngineEvent): void;
  /** A line above the bar. */
  line(text: string): void;
  stop(): void;
}

/** A terminal is redrawn four times a second: enough to look alive. */
const redrawMs = 250;

export function startProgress(env: CommandEnv): Progress {
  return env.stderr.isTTY ? barProgress(env) : lineProgress(env);
}

function lineProgress(env: CommandEnv): Progress {
  return {
    event: (event) => {
      if (event.type !== 'mailbox-started' || event.missing === 0) return;
      env.stderr.write(
        `${displayName(event.mailbox)}: ${count(event.missing)} of ${count(event.messages)} messages to copy\n`,
      );
    },
    line: (text) => env.stderr.write(`${text}\n`),
    stop: () => {},
  };
}

function barProgress(env: CommandEnv): Progress {
  const startedAt = env.clock.monotonic();
  const there = new Map<string, number>();
  let total = 0;
  let unchanged = 0;
  let copied = 0;
  let bytes = 0;
  let mailbox = '';
  let shown = false;

  const draw = () => {
    const present = [...there.values()].reduce((sum, n) => sum + n, unchanged);
    const value = Math.min(total, present + copied);
    const seconds = (env.clock.monotonic() - startedAt) / 1000;
    const rate = copied / Math.max(seconds, 0.001);
    const left = rate > 0 ? duration((total - value) / rate) : '?';
    const share = total === 0 ? 1 : value / total;
    const text =
      ` ${Math.floor(share * 100)
        .toString()
        .padStart(3)} %  ${count(value)}/${count(total)} messages  ${size(bytes)}  ` +
      `${count(Math.round(rate))}/s  ${left} left  ${mailbox}`;
    const columns = env.stderr.columns || 80;
    const barWidth = Math.max(0, Math.min(30, columns - text.length - 3));
    const full = Math.round(share * barWidth);
    const bar = barWidth < 5 ? '' : `${'█'.repeat(full)}${'░'.repeat(barWidth - full)}`;
    env.stderr.write(`\r\u001b[2K${(bar + text).slice(0, columns - 1)}`);
    shown = true;
  };
  const clear = () => {
    if (shown) env.stderr.write('\r\u001b[2K');
    shown = false;
  };
  const timer = setInterval(draw, redrawMs);
  timer.unref();
  return {
    event: (event) => {
      if (event.type === 'listed') {
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
