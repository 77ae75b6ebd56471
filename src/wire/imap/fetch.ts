/**
 * `msg-att` (RFC 9051 §7.5.2), read piece by piece: a body literal interrupts the line, so the reader keeps its place
 * between pieces. Only what a migration needs becomes a value; every other item is passed over by its parentheses.
 *
 *   item -> item         UID, FLAGS, INTERNALDATE, RFC822.SIZE, MODSEQ, EMAILID, NIL and quoted bodies
 *   item -> body         BODY[...] {n}: the parser hands on n bytes, then the next piece goes on with `item`
 *   item -> skipping     any other item with a list; a literal in it is dropped by the parser, then skipping goes on
 */
import { brokenLine, limitExceeded } from './fault.ts';
import type { FlagLists } from './flag-list.ts';
import { numberOrOther, objectId } from './msg-att-value.ts';
import { quotedBytes, skipQuoted } from './quoted-bytes.ts';
import type { FetchAttributes, ResponseSink } from './response.ts';
import { BRACE, BRACKET, BRACKET_END, CLOSE, DQUOTE, GREATER, LESS, OPEN, SP, TILDE } from './octets.ts';
import type { Scanner } from './scanner.ts';

/** What stands at the end of a piece: nothing more, or a literal of `literalBytes`. */
export type PieceEnd = 'done' | 'body' | 'skipped-literal';

const maxUid = 0xffff_ffff;

export class FetchReader {
  attributes: FetchAttributes = { seq: 0 };
  literalBytes = 0;
  #sink: ResponseSink;
  #flags: FlagLists;
  #depth = 0;
  #items = 0;

  constructor(sink: ResponseSink, flags: FlagLists) {
    this.#sink = sink;
    this.#flags = flags;
  }

  /** Begins a response with the scanner behind `FETCH`; false when the attributes are missing altogether. */
  begin(s: Scanner, seq: number): boolean {
    this.attributes = { seq };
    this.#depth = 0;
    this.#items = 0;
    s.spaces();
    if (s.atEnd()) return false;
    s.expect(OPEN);
    return true;
  }

  /** Reads to the end of the piece. Throws `brokenLine` when the piece is not `msg-att`. */
  piece(s: Scanner): PieceEnd {
    for (;;) {
      if (this.#depth > 0 && this.#skipList(s)) return 'skipped-literal';
      s.spaces();
      if (s.eat(CLOSE)) return 'done';
      if (s.atEnd()) throw brokenLine;
      if (++this.#items > s.limits.fetchItems)
        throw limitExceeded('items of one message', s.limits.fetchItems);
      const end = this.#item(s);
      if (end !== null) return end;
    }
  }

  #item(s: Scanner): PieceEnd | null {
    const at = this.attributes;
    switch (s.bytes[s.pos]! | 0x20) {
      case OPEN: // Domino: `UID 5 (ENVELOPE (...)) BODYSTRUCTURE (...)`
        return this.#skip(s);
      case 0x75: // u
        if (s.word('uid')) {
          const uid = numberOrOther(s, false);
          if (uid > 0 && uid <= maxUid) at.uid = uid;
          return null;
        }
        break;
      case 0x66: // f
        if (s.word('flags')) {
          s.spaces();
          at.flags = this.#flags.flagList(s);
          return null;
        }
        break;
      case 0x69: // i
        if (s.word('internaldate')) {
          s.spaces();
          const date = s.nstring();
          if (date !== null) at.internalDate = date;
          return null;
        }
        break;
      case 0x72: // r
        return this.#rfc822(s);
      case 0x6d: // m
        if (s.word('modseq')) {
          this.#modSeq(s);
          return null;
        }
        break;
      case 0x62: // b
        if (s.word('body') || s.word('binary')) {
          if (s.peek() === BRACKET) return this.#body(s, this.#section(s), this.#origin(s));
          return this.#skip(s);
        }
        break;
      case 0x65: // e
        if (s.word('emailid')) {
          s.spaces();
          const id = objectId(s);
          if (id !== null) at.emailId = id;
          return null;
        }
        break;
    }
    this.#skipName(s);
    return this.#skip(s);
  }

  #rfc822(s: Scanner): PieceEnd | null {
    if (s.word('rfc822.size')) {
      const size = numberOrOther(s, true);
      if (size >= 0) this.attributes.sizeBytes = size;
      return null;
    }
    if (s.word('rfc822')) {
      // Early Courier: `RFC822[] {n}`.
      if (s.peek() === BRACKET) this.#section(s);
      return this.#body(s, '', null);
    }
    if (s.word('rfc822.header')) return this.#body(s, 'HEADER', null);
    if (s.word('rfc822.text')) return this.#body(s, 'TEXT', null);
    this.#skipName(s);
    return this.#skip(s);
  }

  #modSeq(s: Scanner): void {
    s.spaces();
    const bracketed = s.eat(OPEN);
    s.spaces();
    const modSeq = s.modSequenceValue();
    if (modSeq !== null) this.attributes.modSeq = modSeq;
    s.spaces();
    if (bracketed) s.expect(CLOSE);
  }

  /** `section`: what stands between the brackets, upper-cased; empty for the whole message. */
  #section(s: Scanner): string {
    const { bytes, end } = s;
    const start = s.pos + 1;
    if (bytes[start] === BRACKET_END && start < end) {
      s.pos = start + 1;
      return '';
    }
    let quoted = false;
    for (let p = start; p < end; p++) {
      if (bytes[p] === DQUOTE) quoted = !quoted;
      else if (bytes[p] === BRACKET_END && !quoted) {
        s.pos = p + 1;
        return s.latin1(start, p).toUpperCase();
      }
    }
    throw brokenLine;
  }

  /** `"<" number ">"` behind a section. */
  #origin(s: Scanner): number | null {
    if (!s.eat(LESS)) return null;
    const origin = s.number();
    if (origin < 0) throw brokenLine;
    s.expect(GREATER);
    return origin;
  }

  #body(s: Scanner, section: string, origin: number | null): PieceEnd | null {
    s.spaces();
    const first = s.peek();
    if (first === BRACE || (first === TILDE && s.bytes[s.pos + 1] === BRACE)) {
      s.eat(TILDE);
      const size = s.literalHead();
      if (size < 0 || !s.atEnd()) throw brokenLine;
      if (size > s.limits.bodyLiteralBytes) throw limitExceeded('a body', s.limits.bodyLiteralBytes);
      this.literalBytes = size;
      this.#sink.bodyBegin(this.attributes, section, size);
      this.#delivered(section, origin, size);
      return 'body';
    }
    if (first === DQUOTE) {
      this.#quotedBody(s, section, origin);
      return null;
    }
    // Yandex: `BODY[2] )` for a part it has lost.
    if (first !== CLOSE && !s.word('nil')) throw brokenLine;
    this.#delivered(section, origin, null);
    return null;
  }

  #delivered(section: string, origin: number | null, sizeBytes: number | null): void {
    const { attributes } = this;
    attributes.bodies ??= [];
    attributes.bodies.push({ section, origin, sizeBytes });
  }

  #quotedBody(s: Scanner, section: string, origin: number | null): void {
    const body = quotedBytes(s);
    this.#sink.bodyBegin(this.attributes, section, body.length);
    this.#delivered(section, origin, body.length);
    if (body.length > 0) this.#sink.bodyChunk(body);
    this.#sink.bodyEnd();
  }

  /** An item's name with any `[section]<origin>`, as in `BINARY.SIZE[1.2]` or `PREVIEW`. */
  #skipName(s: Scanner): void {
    const { bytes, end } = s;
    const start = s.pos;
    while (s.pos < end) {
      const byte = bytes[s.pos]!;
      if (byte === BRACKET) {
        this.#section(s);
        continue;
      }
      if (byte === SP || byte === OPEN || byte === CLOSE) break;
      s.pos++;
    }
    if (s.pos === start) throw brokenLine;
  }

  /** Passes over an item's value. */
  #skip(s: Scanner): PieceEnd | null {
    s.spaces();
    const first = s.peek();
    if (first === OPEN) {
      s.pos++;
      this.#depth = 1;
      return null;
    }
    if (this.#skippedLiteral(s)) return 'skipped-literal';
    if (first === DQUOTE) s.quoted();
    else if (first !== CLOSE) s.atom();
    return null;
  }

  /** Passes over the rest of a list; true when it stops at a literal inside. */
  #skipList(s: Scanner): boolean {
    const { bytes, end } = s;
    while (this.#depth > 0) {
      if (s.pos >= end) throw brokenLine;
      switch (bytes[s.pos]) {
        case OPEN:
          if (++this.#depth > s.limits.nestingDepth)
            throw limitExceeded('nested lists', s.limits.nestingDepth);
          s.pos++;
          break;
        case CLOSE:
          this.#depth--;
          s.pos++;
          break;
        case DQUOTE:
          skipQuoted(s);
          break;
        case BRACE:
          if (this.#skippedLiteral(s)) return true;
          s.pos++;
          break;
        default:
          s.pos++;
      }
    }
    return false;
  }

  #skippedLiteral(s: Scanner): boolean {
    const start = s.pos;
    s.eat(TILDE);
    const size = s.literalHead();
    if (size < 0 || !s.atEnd()) {
      s.pos = start;
      return false;
    }
    if (size > s.limits.literalBytes) throw limitExceeded('a literal', s.limits.literalBytes);
    this.literalBytes = size;
    return true;
  }
}
