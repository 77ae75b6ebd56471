/** Commands of an IMAP client before its login (RFC 9051 §9 `command-any`, `command-nonauth`; RFC 7888 literals). Pure. */
import { bytesOfLatin1 } from '../../base/bytes.ts';
import type { FrontInput } from './front-input.ts';
import { PieceReader, type Pieces } from './piece-reader.ts';

/** An atom as text, a quoted string or a literal as octets, and parentheses. */
export type ImapToken = { readonly atom: string } | { readonly string: Uint8Array } | '(' | ')';

export type ImapRead =
  | { readonly kind: 'more' }
  /** The client waits for `+` before it sends a literal. */
  | { readonly kind: 'continue' }
  | {
      readonly kind: 'command';
      readonly tag: string;
      readonly name: string;
      readonly tokens: readonly ImapToken[];
    }
  /** It is no command; `tag` null where not even that was one. */
  | { readonly kind: 'bad'; readonly tag: string | null }
  /** `lost`: what follows cannot be told from commands any more. */
  | { readonly kind: 'too-big'; readonly tag: string | null; readonly lost: boolean };

/** Those that programs have are shorter than 16; a longer one would be answered at length. */
const tag = /^([^\x00-\x20\x7f-\xff(){%*"\\+]{1,64})(?: |$)/;
const name = /^([a-z0-9-]{1,32})(?: |$)/i;
const atom = /^[^\x00-\x20\x7f-\xff(){%*"\\]+/;
/** One command's; ID may have thirty pairs (RFC 2971 §3.3). */
const maxTokens = 64;

export class ImapCommandReader {
  readonly #pieces: PieceReader;

  constructor(input: FrontInput, maxBytes: number) {
    this.#pieces = new PieceReader(input, maxBytes);
  }

  next(): ImapRead {
    const read = this.#pieces.next();
    if (read.kind === 'more' || read.kind === 'continue') return read;
    const found = tagOf(read.pieces);
    if (read.kind === 'too-big') return { kind: 'too-big', tag: found, lost: read.lost };
    if (found === null) return { kind: 'bad', tag: null };
    const [first = '', ...others] = read.pieces;
    const behind = typeof first === 'string' ? first.slice(found.length + 1) : '';
    const command = name.exec(behind)?.[1];
    const tokens = command === undefined ? null : tokensOf([behind.slice(command.length), ...others]);
    if (command === undefined || tokens === null) return { kind: 'bad', tag: found };
    return { kind: 'command', tag: found, name: command.toUpperCase(), tokens };
  }
}

function tagOf([first = '']: Pieces): string | null {
  return typeof first === 'string' ? (tag.exec(first)?.[1] ?? null) : null;
}

/** Null for what is none of the grammar. Each token has one blank before it, except beside parentheses. */
export function tokensOf(pieces: Pieces): ImapToken[] | null {
  const tokens: ImapToken[] = [];
  let needsBlank = true;
  for (const [index, piece] of pieces.entries()) {
    if (typeof piece !== 'string') {
      tokens.push({ string: piece });
      needsBlank = true;
      continue;
    }
    for (let rest = piece; rest !== ''; ) {
      if (tokens.length > maxTokens) return null;
      const [head = ''] = rest;
      if (head === ')') {
        tokens.push(')');
        rest = rest.slice(1);
        needsBlank = true;
        continue;
      }
      if (head === ' ') {
        if (!needsBlank) return null;
        needsBlank = false;
        rest = rest.slice(1);
        // A literal's marker was cut off here; any other blank at the end stands before nothing.
        if (rest === '' && index === pieces.length - 1) return null;
        continue;
      }
      if (needsBlank) return null;
      if (head === '(') {
        tokens.push('(');
        rest = rest.slice(1);
        continue;
      }
      const token = head === '"' ? quotedOf(rest) : atomOf(rest);
      if (token === null) return null;
      tokens.push(token.token);
      rest = rest.slice(token.length);
      needsBlank = true;
    }
    // A literal follows, which a blank or a parenthesis stands before.
    if (index < pieces.length - 1 && needsBlank) return null;
  }
  return tokens;
}

interface Found {
  readonly token: ImapToken;
  /** Characters of the text that it took. */
  readonly length: number;
}

function atomOf(text: string): Found | null {
  const found = atom.exec(text)?.[0];
  return found === undefined ? null : { token: { atom: found }, length: found.length };
}

/** RFC 9051 §9 `quoted`: only the quote and the backslash are escaped; no CR, no NUL (CVE-2019-11499). */
function quotedOf(text: string): Found | null {
  const found = /^"((?:[^"\\\x00\r\n]|\\["\\])*)"/.exec(text);
  if (found === null) return null;
  const [all, inner = ''] = found;
  return { token: { string: bytesOfLatin1(inner.replace(/\\(.)/g, '$1')) }, length: all.length };
}

/** An `astring` as text in UTF-8; null for parentheses, and for octets that are no text. */
export function textOfToken(token: ImapToken | undefined): string | null {
  if (token === undefined || typeof token === 'string') return null;
  if ('atom' in token) return token.atom;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(token.string);
  } catch {
    return null;
  }
}
