/** `response` of RFC 9051 §9 for every line but FETCH: one whole line in, one value out. */
import { respText, capabilityData } from './resp-text.ts';
import { brokenLine } from './fault.ts';
import type { FlagLists } from './flag-list.ts';
import { id, myRights, quota, quotaRoot } from './account-data.ts';
import { mailboxList, namespaceResponse } from './mailbox-list.ts';
import type { ImapResponse, StatusKind } from './response.ts';
import { esearch, search, vanished } from './search-data.ts';
import { statusAttributes } from './status-att.ts';
import { ASTERISK, BRACKET, OPEN, PLUS, SP } from './octets.ts';
import type { Scanner } from './scanner.ts';

/** Throws `brokenLine` for what does not fit; the line is in the scanner without its CRLF. */
export function responseLine(s: Scanner, flags: FlagLists): ImapResponse {
  if (isUntagged(s)) {
    s.pos++;
    s.spaces();
    return responseData(s, flags);
  }
  if (isContinuation(s)) {
    s.pos++;
    const { code, text } = respText(s, flags);
    return { kind: 'continuation', code, text };
  }
  return responseTagged(s, flags);
}

/** `*` alone or before a space. */
export function isUntagged(s: Scanner): boolean {
  return s.peek() === ASTERISK && (s.pos + 1 === s.end || s.bytes[s.pos + 1] === SP);
}

/** `+` alone or before a space; `+OK` is POP3. */
function isContinuation(s: Scanner): boolean {
  return s.peek() === PLUS && (s.pos + 1 === s.end || s.bytes[s.pos + 1] === SP);
}

function responseTagged(s: Scanner, flags: FlagLists): ImapResponse {
  const tag = s.atom();
  s.spaces();
  const status = respCondStatus(s);
  if (status === null || status === 'PREAUTH') throw brokenLine;
  const { code, text } = respText(s, flags);
  return { kind: 'tagged', tag, status, code, text };
}

function respCondStatus(s: Scanner): StatusKind | null {
  switch (s.peek() | 0x20) {
    case 0x6f:
      return s.word('ok') ? 'OK' : null;
    case 0x6e:
      return s.word('no') ? 'NO' : null;
    case 0x62:
      if (s.word('bye')) return 'BYE';
      return s.word('bad') ? 'BAD' : null;
    case 0x70:
      return s.word('preauth') ? 'PREAUTH' : null;
    default:
      return null;
  }
}

/**
 * Whether a line is text to its end, so that a `{5}` there announces nothing: everything tagged, `+` and the
 * conditions. Leaves the scanner where it was.
 */
export function endsInText(s: Scanner): boolean {
  if (s.peek() !== ASTERISK) return true;
  const start = s.pos;
  s.pos++;
  s.spaces();
  const text = s.peek() === BRACKET || respCondStatus(s) !== null;
  s.pos = start;
  return text;
}

/** The sequence number of `* n FETCH`, with the scanner moved behind the word; -1, with nothing read, otherwise. */
export function fetchNumber(s: Scanner): number {
  const start = s.pos;
  if (s.eat(ASTERISK) && s.peek() === SP) {
    s.spaces();
    const seq = s.number();
    s.spaces();
    if (seq >= 0 && s.word('fetch')) return seq;
  }
  s.pos = start;
  return -1;
}

function responseData(s: Scanner, flags: FlagLists): ImapResponse {
  // `* [COPYUID 1 2 3]` without its OK (seen: home.pl).
  const status = s.peek() === BRACKET ? 'OK' : respCondStatus(s);
  if (status !== null) {
    const { code, text } = respText(s, flags);
    return { kind: 'condition', status, code, text };
  }
  const number = s.number();
  // What stands behind a complete response is left alone: it has no meaning, and dropping the line would lose one.
  return number >= 0 ? messageData(s, number) : mailboxData(s, flags);
}

function messageData(s: Scanner, number: number): ImapResponse {
  s.spaces();
  if (s.word('exists')) return { kind: 'exists', number };
  if (s.word('recent')) return { kind: 'recent', number };
  if (s.word('expunge')) return { kind: 'expunge', number };
  throw brokenLine;
}

function mailboxData(s: Scanner, flags: FlagLists): ImapResponse {
  switch (s.atom().toUpperCase()) {
    case 'LIST':
      return mailboxList(s, 'list');
    case 'LSUB':
      return mailboxList(s, 'lsub');
    case 'STATUS':
      return statusAttributes(s);
    case 'SEARCH':
      return search(s);
    case 'ESEARCH':
      return esearch(s);
    case 'VANISHED':
      return vanished(s);
    case 'FLAGS':
      s.spaces();
      return { kind: 'flags', flags: s.peek() === OPEN || !s.atEnd() ? flags.flagList(s) : [] };
    case 'CAPABILITY':
      return { kind: 'capability', capabilities: capabilityData(s) };
    case 'ENABLED':
      return { kind: 'enabled', capabilities: capabilityData(s) };
    case 'NAMESPACE':
      return namespaceResponse(s);
    case 'ID':
      return id(s);
    case 'QUOTA':
      return quota(s);
    case 'QUOTAROOT':
      return quotaRoot(s);
    case 'MYRIGHTS':
      return myRights(s);
    default:
      throw brokenLine;
  }
}
