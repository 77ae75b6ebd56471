/**
 * Reads a dialogue file: what the client is asked to do and what comes of it, and what passes on each connection, byte
 * for byte. README.md in this directory describes the format for people.
 */
import { readFileSync } from 'node:fs';
import { bytesOfLatin1, latin1Of } from '../../src/base/bytes.ts';

/** One call of the session; `expected` are lines with `...` for what does not matter. */
export interface ClientStep {
  readonly line: number;
  readonly words: readonly string[];
  readonly expected: readonly string[];
}

/** One step of a connection: `S`, `C`, `S-CLOSE` and so on with the rest of its line. */
export interface WireStep {
  readonly line: number;
  readonly verb: string;
  readonly text: string;
}

export interface Dialogue {
  /** The first comment line. */
  readonly title: string;
  readonly settings: Readonly<Record<string, string>>;
  readonly client: readonly ClientStep[];
  readonly connections: readonly (readonly WireStep[])[];
}

const wireVerbs = new Set([
  'S',
  'S-',
  'C',
  'C-',
  'C-ANY',
  'C-SILENT',
  'C-CLOSE',
  'C-FILL',
  'S-FILL',
  'S-DRIP',
  'S-WAIT',
  'S-CLOSE',
  'S-RESET',
  'S-TLS',
  'LOGGED-IN',
]);

export function readDialogue(path: string): Dialogue {
  const lines = readFileSync(path, 'utf8').split('\n');
  const title = lines
    .find((line) => line.startsWith('#'))
    ?.slice(1)
    .trim();
  if (title === undefined) throw new Error(`${path}: the first line is a comment that says what is shown`);
  const settings: Record<string, string> = {};
  const client: { line: number; words: string[]; expected: string[] }[] = [];
  const connections: WireStep[][] = [];
  let part: 'none' | 'client' | 'connection' = 'none';
  for (const [i, raw] of lines.entries()) {
    const line = i + 1;
    const text = raw.trimStart();
    if (text === '' || text.startsWith('#')) continue;
    const fault = (what: string) => new Error(`${path}:${line}: ${what}`);
    if (text === 'client') part = 'client';
    else if (text === 'connection') {
      part = 'connection';
      connections.push([]);
    } else if (part === 'none') {
      const [word, ...pairs] = wordsOf(text);
      if (word !== 'settings') throw fault('`settings`, `client` or `connection` expected');
      for (const pair of pairs) {
        const at = pair.indexOf('=');
        settings[pair.slice(0, at)] = pair.slice(at + 1);
      }
    } else if (part === 'client') {
      if (text.startsWith('=>')) {
        const step = client.at(-1);
        if (step === undefined) throw fault('`=>` without a call before it');
        step.expected.push(text.slice(2).trim());
      } else client.push({ line, words: wordsOf(text), expected: [] });
    } else {
      const match = /^([A-Z]+(?:-[A-Z]+)?-?)(?::| |$)/.exec(text);
      const verb = match?.[1];
      if (match === null || verb === undefined || !wireVerbs.has(verb)) throw fault(`unknown: ${text}`);
      connections.at(-1)?.push({ line, verb, text: text.slice(match[0].length).replace(/^ /, '') });
    }
  }
  if (client.length === 0) throw new Error(`${path}: no part \`client\``);
  return { title, settings, client, connections };
}

/** Words parted by blanks; quotes keep blanks, `<x0d 0a>` stands for bytes. */
function wordsOf(text: string): string[] {
  const words: string[] = [];
  for (const [whole, quoted] of text.matchAll(/"([^"]*)"|(?:[^\s"]|"[^"]*")+/g)) {
    words.push(latin1Of(bytesOfLine(quoted ?? whole.replaceAll('"', ''))));
  }
  return words;
}

/** Text with `<x00 ff>` for bytes; everything else as UTF-8, so that a file shows `ü` where the wire has two bytes. */
export function bytesOfLine(text: string): Uint8Array {
  const raw = Buffer.from(text, 'utf8').toString('latin1');
  return bytesOfLatin1(
    raw.replaceAll(/<x([0-9a-f]{2}(?: [0-9a-f]{2})*)>/gi, (_, hex: string) =>
      Buffer.from(hex.replaceAll(' ', ''), 'hex').toString('latin1'),
    ),
  );
}

/** Whether `text` fits a pattern in which `...` stands for anything. */
export function fits(pattern: string, text: string): boolean {
  const source = pattern
    .split('...')
    .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('.*');
  return new RegExp(`^${source}$`, 's').test(text);
}
