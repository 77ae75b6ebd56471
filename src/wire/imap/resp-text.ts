/**
 * `resp-text` and `resp-text-code` (RFC 9051 §7.1): what stands behind OK, NO, BAD, BYE, PREAUTH and `+`.
 * A code whose argument does not fit its form keeps its name and the raw argument; it never breaks the line.
 */
import { brokenLine, limitExceeded } from './fault.ts';
import type { FlagLists } from './flag-list.ts';
import { objectId } from './msg-att-value.ts';
import type { ResponseCode } from './response.ts';
import { nzNumber, uidSet } from './sequence-set.ts';
import { BACKSLASH, BRACKET, BRACKET_END, DQUOTE, EQUALS, SP } from './octets.ts';
import type { Scanner } from './scanner.ts';

export interface RespText {
  readonly code: ResponseCode | null;
  readonly text: string;
}

export function respText(s: Scanner, flags: FlagLists): RespText {
  s.spaces();
  const code = s.peek() === BRACKET ? respTextCode(s, flags) : null;
  // One space parts code and text; further ones belong to the text only where there is no code.
  if (code !== null) s.eat(SP);
  const text = s.utf8(s.pos, s.end);
  s.pos = s.end;
  return { code, text };
}

/** `"[" resp-text-code "]"`; null, with nothing read, where the bracket is never closed. */
export function respTextCode(s: Scanner, flags: FlagLists): ResponseCode | null {
  const close = closingBracket(s);
  if (close < 0) return null;
  const { bytes, end } = s;
  let nameEnd = s.pos + 1;
  // `[Error="..." ...]` (Exchange) has no space behind its name.
  while (nameEnd < close && bytes[nameEnd] !== SP && bytes[nameEnd] !== EQUALS) nameEnd++;
  const name = s.latin1(s.pos + 1, nameEnd).toUpperCase();
  const argumentStart = bytes[nameEnd] === SP ? nameEnd + 1 : nameEnd;
  s.set(bytes, argumentStart, close);
  let code: ResponseCode | null;
  try {
    code = knownCode(s, name, flags);
  } catch (error) {
    if (error !== brokenLine) throw error;
    code = null;
  }
  if (code === null) {
    const argument = s.latin1(argumentStart, close);
    code = nameEnd === close ? { name } : { name, argument };
  }
  s.set(bytes, close + 1, end);
  return code;
}

/** Index of the bracket that closes the code: brackets in quoted strings do not count, unless quotes do not pair. */
function closingBracket(s: Scanner): number {
  const { bytes, end } = s;
  let quoted = false;
  let first = -1;
  for (let p = s.pos + 1; p < end; p++) {
    const byte = bytes[p];
    if (byte === BRACKET_END) {
      if (!quoted) return p;
      if (first < 0) first = p;
    } else if (byte === DQUOTE) quoted = !quoted;
    else if (byte === BACKSLASH && quoted) p++;
  }
  return first;
}

function knownCode(s: Scanner, name: string, flags: FlagLists): ResponseCode | null {
  s.spaces();
  const code = codeWithArgument(s, name, flags);
  s.spaces();
  return s.atEnd() ? code : null;
}

function codeWithArgument(s: Scanner, name: string, flags: FlagLists): ResponseCode | null {
  switch (name) {
    case 'CAPABILITY':
      return { name, capabilities: capabilityData(s) };
    case 'PERMANENTFLAGS':
      return { name, flags: flags.flagList(s) };
    case 'UIDNEXT':
    case 'UIDVALIDITY':
    case 'UNSEEN': {
      const value = s.number();
      return value < 0 ? null : { name, value };
    }
    case 'MESSAGELIMIT': {
      // RFC 9738 §3.1: the limit, then the lowest UID done, which we do not need.
      const value = s.number();
      s.spaces();
      s.number();
      return value < 0 ? null : { name, value };
    }
    case 'HIGHESTMODSEQ': {
      const value = s.modSequenceValue();
      return value === null ? null : { name, value };
    }
    case 'MAILBOXID': {
      const id = objectId(s);
      return id === null ? null : { name, id };
    }
    case 'MODIFIED':
      return { name, uids: uidSet(s) };
    case 'APPENDUID': {
      const uidValidity = nzNumber(s);
      s.spaces();
      return { name, uidValidity, uids: uidSet(s) };
    }
    case 'COPYUID': {
      const uidValidity = nzNumber(s);
      s.spaces();
      const fromUids = uidSet(s);
      s.spaces();
      return { name, uidValidity, fromUids, toUids: uidSet(s) };
    }
    default:
      return null;
  }
}

/** `capability-data` and `enable-data` behind their word: atoms up to the end, as sent. */
export function capabilityData(s: Scanner): string[] {
  const capabilities: string[] = [];
  for (;;) {
    s.spaces();
    if (s.atEnd()) return capabilities;
    if (capabilities.length >= s.limits.listItems) throw limitExceeded('a list of items', s.limits.listItems);
    capabilities.push(s.atom());
  }
}
