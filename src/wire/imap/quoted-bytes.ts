/** `quoted` (RFC 9051 §9) that becomes no text: a body sent in quotes, or a string to pass over. */
import { brokenLine } from './fault.ts';
import { BACKSLASH, DQUOTE } from './octets.ts';
import type { Scanner } from './scanner.ts';

/** The bytes of a `quoted`: a view where no backslash is in the way. */
export function quotedBytes(s: Scanner): Uint8Array {
  const start = s.pos + 1;
  const escapes = skipQuoted(s);
  const raw = s.bytes.subarray(start, s.pos - 1);
  if (escapes === 0) return raw;
  const out = new Uint8Array(raw.length - escapes);
  for (let from = 0, to = 0; from < raw.length; from++) {
    if (raw[from] === BACKSLASH) from++;
    out[to++] = raw[from]!;
  }
  return out;
}

/** Moves past a `quoted` and counts its backslash pairs. */
export function skipQuoted(s: Scanner): number {
  const { bytes, end } = s;
  let escapes = 0;
  for (let p = s.pos + 1; p < end; p++) {
    if (bytes[p] === DQUOTE) {
      s.pos = p + 1;
      return escapes;
    }
    if (bytes[p] === BACKSLASH) {
      escapes++;
      p++;
    }
  }
  throw brokenLine;
}
