/** `mailbox-list` of LIST and LSUB (RFC 9051 §7.3.1, RFC 5258 §6) and NAMESPACE (RFC 9051 §7.3.5). */
import { brokenLine } from './fault.ts';
import type { ImapResponse, Namespace, RawMailboxName } from './response.ts';
import { BACKSLASH, BRACE, CLOSE, DQUOTE, OPEN, SP, TILDE } from './octets.ts';
import type { Scanner } from './scanner.ts';

/** `mailbox`: an unquoted NIL is the name NIL, and the case of INBOX is kept. */
export function mailbox(s: Scanner): RawMailboxName {
  s.spaces();
  return s.astring() as RawMailboxName;
}

/**
 * A mailbox name in a place that runs up to `stop`: unquoted names may hold spaces, TAB or parentheses there
 * (Exchange sends TAB without quotes).
 */
function mailboxUpTo(s: Scanner, stop: number): RawMailboxName {
  s.spaces();
  const first = s.peek();
  if (first === DQUOTE || first === BRACE || first === TILDE) return mailbox(s);
  const start = s.pos;
  while (stop > start && s.bytes[stop - 1] === SP) stop--;
  if (stop <= start) throw brokenLine;
  s.pos = stop;
  return s.latin1(start, stop) as RawMailboxName;
}

export function mailboxList(s: Scanner, kind: 'list' | 'lsub'): ImapResponse {
  s.spaces();
  const attributes: string[] = [];
  if (s.peek() === OPEN) {
    s.list(() => {
      attributes.push(s.atom());
    });
  }
  const delimiter = listDelimiter(s);
  const name = mailboxUpTo(s, extendedStart(s));
  const extended: [string, string][] = [];
  s.spaces();
  if (s.peek() === OPEN) {
    s.list(() => {
      const tag = s.astring().toUpperCase();
      s.spaces();
      const start = s.pos;
      s.skipValue();
      extended.push([tag, s.latin1(start, s.pos)]);
    });
  }
  return { kind, attributes, delimiter, mailbox: name, extended: Object.fromEntries(extended) };
}

/** Null for NIL, for `""` and where it is missing: then the name is all that is left of the line. */
function listDelimiter(s: Scanner): string | null {
  s.spaces();
  const { bytes, pos } = s;
  if (s.peek() !== DQUOTE) {
    const start = s.pos;
    if (!s.word('nil')) return null;
    s.spaces();
    if (s.atEnd()) s.pos = start;
    return null;
  }
  // `"\"` without its second backslash, from servers whose delimiter that is (hMailServer, Domino).
  if (bytes[pos + 1] === BACKSLASH && bytes[pos + 2] === DQUOTE && bytes[pos + 3] === SP) {
    s.pos = pos + 3;
    return '\\';
  }
  const delimiter = s.quoted();
  if (delimiter.length === 1 && !s.atEnd()) return delimiter;
  if (delimiter !== '' || s.atEnd()) s.pos = pos;
  return null;
}

/** Where `mbox-list-extended` begins, or the end: a list after the name whose first member is a quoted tag. */
function extendedStart(s: Scanner): number {
  const { bytes, end } = s;
  if (bytes[end - 1] !== CLOSE) return end;
  for (let p = s.pos; p + 2 < end; p++) {
    if (bytes[p] === SP && bytes[p + 1] === OPEN && (bytes[p + 2] === DQUOTE || bytes[p + 2] === OPEN))
      return p;
  }
  return end;
}

/** A name followed by a list at the end of the line, as in STATUS: returns with the scanner before the list. */
export function mailboxBeforeList(s: Scanner): RawMailboxName {
  const { bytes, end } = s;
  s.spaces();
  // The list of STATUS may hold one more (MAILBOXID), so the first ` (` ends the name.
  let stop = s.pos;
  while (stop < end && !(bytes[stop] === OPEN && bytes[stop - 1] === SP)) stop++;
  const name = mailboxUpTo(s, stop);
  s.spaces();
  return name;
}

/** `namespace`: three times NIL or a list of `(prefix delimiter extensions)`. */
export function namespaceResponse(s: Scanner): ImapResponse {
  const personal = namespaces(s);
  const otherUsers = namespaces(s);
  const shared = namespaces(s);
  return { kind: 'namespace', personal, otherUsers, shared };
}

function namespaces(s: Scanner): Namespace[] {
  s.spaces();
  const found: Namespace[] = [];
  if (s.atEnd() || s.word('nil')) return found;
  s.list(() => {
    s.expect(OPEN);
    const prefix = mailbox(s);
    s.spaces();
    const delimiter = s.nstring();
    s.spaces();
    while (s.peek() !== CLOSE) {
      s.skipValue();
      s.spaces();
    }
    s.pos++;
    found.push({ prefix, delimiter: delimiter === '' ? null : delimiter });
  });
  return found;
}
