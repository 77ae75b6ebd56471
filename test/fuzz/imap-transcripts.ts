/** Recorded words of IMAP servers, from the corpora beside the repository (or in MAILFERRY_CORPORA). */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const corpora = process.env['MAILFERRY_CORPORA'] ?? resolve(import.meta.dirname, '../../../shared/corpora');
const root = join(corpora, 'transcripts');

export interface Transcript {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Why there are no transcripts, for a test's title; null when there are. */
export const transcriptsMissing: string | null = existsSync(root)
  ? null
  : `skipped: no transcripts in ${root}`;

/** MailKit's server sides, stored with bare LF: each as its server sent it, with CRLF. */
export function mailkitTranscripts(): Transcript[] {
  const folder = join(root, 'mailkit-imap');
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.txt'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((path) => ({
      name: path.slice(folder.length + 1),
      bytes: Buffer.from(readFileSync(path, 'latin1').replace(/\r?\n/g, '\r\n'), 'latin1'),
    }));
}

/** The `:response:` strings of net-imap's tests. */
export function netImapTranscripts(): Transcript[] {
  const folder = join(root, 'net-imap');
  return readdirSync(folder)
    .filter((name) => name.endsWith('.yml'))
    .flatMap((name) => {
      const text = readFileSync(join(folder, name), 'utf8');
      return [...text.matchAll(/:response:\s*(?:&\w+\s+)?"((?:[^"\\]|\\[\s\S])*)"/g)].map((match, i) => ({
        name: `${name} ${i + 1}`,
        bytes: Buffer.from(doubleQuoted(match[1] ?? ''), 'utf8'),
      }));
    });
}

/** A YAML double-quoted scalar: escapes and folded lines. */
function doubleQuoted(raw: string): string {
  const folded = raw.replace(/\\\n\s*/g, '').replace(/[ \t]*\n[ \t]*/g, ' ');
  const escapes: Readonly<Record<string, string>> = { r: '\r', n: '\n', t: '\t', '0': '\0', e: '\x1b' };
  return folded.replace(/\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|[\s\S])/g, (_, escape: string) =>
    escape.length > 1
      ? String.fromCharCode(Number.parseInt(escape.slice(1), 16))
      : (escapes[escape] ?? escape),
  );
}

/** Mox's seeds, one line each; many are cut out of RFCs and broken on purpose. */
export function moxLines(): Transcript[] {
  return readFileSync(join(root, 'mox', 'fuzzseed.txt'), 'latin1')
    .split('\n')
    .filter((line) => line !== '')
    .map((line, i) => ({ name: `fuzzseed.txt ${i + 1}`, bytes: Buffer.from(`${line}\r\n`, 'latin1') }));
}

/** What imaptest expects servers to say, its variables filled in. */
export function imaptestLines(): Transcript[] {
  const folder = join(root, 'imaptest');
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .flatMap((entry) =>
      readFileSync(join(entry.parentPath, entry.name), 'latin1')
        .split('\n')
        .filter((line) => line.startsWith('* '))
        .map((line, i) => ({
          name: `${entry.name} ${i + 1}`,
          bytes: Buffer.from(`${line.replace(/\$\{?!?\w+\}?(?:=\w+)?/g, '17')}\r\n`, 'latin1'),
        })),
    );
}
