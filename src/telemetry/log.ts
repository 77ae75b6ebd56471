/** The daemon's log: one line of JSON for each entry, or of text for a person. Secrets print as `***`. */
import { type DestinationStream, type Logger, pino } from 'pino';

export type Log = Logger;

export interface LogOptions {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly format: 'json' | 'text';
}

/** Names under which a secret could come in by mistake. */
const secretNames = ['password', 'token', 'secret', 'authorization', 'master_password'];

export function openLog({ level, format }: LogOptions, stdout: DestinationStream): Log {
  const options = {
    level,
    base: null,
    redact: { paths: secretNames.flatMap((name) => [name, `*.${name}`]), censor: '***' },
    formatters: { level: (label: string) => ({ level: label }) },
    timestamp: pino.stdTimeFunctions.isoTime,
  };
  return pino(options, format === 'json' ? stdout : { write: (line) => stdout.write(textOf(line)) });
}

function textOf(line: string): string {
  const { level, time, msg, ...rest } = JSON.parse(line) as Record<string, unknown>;
  const more = Object.entries(rest)
    .filter(([, value]) => value !== undefined && value !== null)
    .map(([name, value]) => ` ${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
  return `${String(time)} ${String(level).padEnd(5)} ${String(msg)}${more.join('')}\n`;
}
