/**
 * The server's side of Postfix's socketmap protocol: netstrings, one question in flight a connection (socketmap_table(5);
 * netstrings by D. J. Bernstein, 1997). Pure: bytes in, questions out.
 */

/** `temp`: the table cannot tell now, Postfix defers. `perm`: the question makes no sense. */
export type SocketmapReply =
  | { readonly kind: 'found'; readonly value: string }
  | { readonly kind: 'not-found' }
  | { readonly kind: 'temp' | 'perm'; readonly reason: string };

export interface SocketmapQuestion {
  /** The name of the table. */
  readonly map: string;
  readonly key: string;
}

/** Postfix asks with keys of up to 10,000 octets (dict_sockmap), after the table's name. */
const maxRequestBytes = 12_000;
/** And takes answers of up to 100,000; what a reason says of ours is far shorter. */
const maxReplyBytes = 100_000;
const comma = 0x2c;
const colon = 0x3a;

/**
 * Cuts a stream into questions. `push` gives those that are whole; null where what came is no netstring, after which the
 * connection is to be closed: nothing in it can be found again.
 */
export class SocketmapParser {
  #rest: Uint8Array = new Uint8Array(0);

  push(bytes: Uint8Array): (SocketmapQuestion | null)[] | null {
    this.#rest = this.#rest.length === 0 ? bytes : concat(this.#rest, bytes);
    const questions: (SocketmapQuestion | null)[] = [];
    for (;;) {
      const one = this.#next();
      if (one === 'more') return questions;
      if (one === 'broken') return null;
      questions.push(questionOf(one));
    }
  }

  #next(): Uint8Array | 'more' | 'broken' {
    const digits = String(maxRequestBytes).length;
    const at = this.#rest.subarray(0, digits + 1).indexOf(colon);
    if (at < 0) return this.#rest.length > digits || !areDigits(this.#rest) ? 'broken' : 'more';
    const head = this.#rest.subarray(0, at);
    // No leading zeros, no empty length: two forms of one message would be two ways to read it.
    if (at === 0 || !areDigits(head) || (at > 1 && head[0] === 0x30)) return 'broken';
    const length = Number(latin1(head));
    if (length > maxRequestBytes) return 'broken';
    const end = at + 1 + length;
    if (this.#rest.length <= end) return 'more';
    if (this.#rest[end] !== comma) return 'broken';
    const body = this.#rest.subarray(at + 1, end);
    this.#rest = this.#rest.subarray(end + 1);
    return body;
  }
}

/** Null where it is no `NAME SP KEY`. What is no UTF-8 becomes U+FFFD, which no table has: such a key is not found. */
function questionOf(body: Uint8Array): SocketmapQuestion | null {
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(body);
  const at = text.indexOf(' ');
  return at <= 0 ? null : { map: text.slice(0, at), key: text.slice(at + 1) };
}

/** A reason is cut to one short line: it ends up in the mail log. */
export function formatReply(reply: SocketmapReply): Uint8Array {
  const body = new TextEncoder().encode(textOf(reply));
  if (body.length > maxReplyBytes) return formatReply({ kind: 'temp', reason: 'the answer is too long' });
  return concat(concat(new TextEncoder().encode(`${body.length}:`), body), Uint8Array.of(comma));
}

function textOf(reply: SocketmapReply): string {
  if (reply.kind === 'found') return `OK ${reply.value}`;
  // With the space: without it Postfix takes the reply for broken.
  if (reply.kind === 'not-found') return 'NOTFOUND ';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what a log must not hold.
  const reason = reply.reason.replace(/[\x00-\x1f\x7f]+/g, ' ').slice(0, 200);
  return `${reply.kind === 'temp' ? 'TEMP' : 'PERM'} ${reason}`;
}

function areDigits(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte >= 0x30 && byte <= 0x39);
}

function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

function concat(one: Uint8Array, other: Uint8Array): Uint8Array {
  const both = new Uint8Array(one.length + other.length);
  both.set(one);
  both.set(other, one.length);
  return both;
}
