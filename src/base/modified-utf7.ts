/**
 * Modified UTF-7 (RFC 3501 §5.1.3) for showing mailbox names and for writing new ones. Never decode to compare: the raw
 * bytes are the key, and a decoded name may hold the delimiter (`&AC8-` is `/`).
 */
import { bytesOfLatin1, latin1Of } from './bytes.ts';

export interface DecodedName {
  readonly text: string;
  /** False when `encodeModifiedUtf7(text)` is not the name again: raw 8 bit, broken or needless base 64. */
  readonly valid: boolean;
}

const fatalUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Raw 8-bit names are read as UTF-8 where they are, else byte by byte; what is no valid shift stays as it stands. */
export function decodeModifiedUtf7(name: string): DecodedName {
  const text = /[\x80-\xff]/.test(name) ? eightBit(name) : shifted(name);
  return { text, valid: text.isWellFormed() && encodeModifiedUtf7(text) === name };
}

function eightBit(name: string): string {
  try {
    return fatalUtf8.decode(bytesOfLatin1(name));
  } catch {
    return name;
  }
}

function shifted(name: string): string {
  return name.replace(/&([^-&]*)-/g, (whole: string, base64: string) => {
    if (base64 === '') return '&';
    if (!/^[A-Za-z0-9+,]+$/.test(base64) || base64.length % 4 === 1) return whole;
    const bytes = bytesOfLatin1(atob(base64.replaceAll(',', '/')));
    // The last bits may fill up base 64, but not a whole byte.
    if (bytes.length % 2 !== 0) return whole;
    let text = '';
    for (let i = 0; i < bytes.length; i += 2) text += String.fromCharCode((bytes[i]! << 8) | bytes[i + 1]!);
    return text;
  });
}

/** Throws RangeError on lone surrogates, which are no text. */
export function encodeModifiedUtf7(text: string): string {
  if (!text.isWellFormed()) throw new RangeError('no text: a lone surrogate');
  return text.replace(/&|[^\x20-\x7e]+/g, (part) => (part === '&' ? '&-' : shift(part)));
}

function shift(text: string): string {
  const bytes = new Uint8Array(text.length * 2);
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    bytes[2 * i] = unit >> 8;
    bytes[2 * i + 1] = unit & 0xff;
  }
  return `&${btoa(latin1Of(bytes)).replace(/=+$/, '').replaceAll('/', ',')}-`;
}
