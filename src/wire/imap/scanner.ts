/**
 * Reads the terminals of RFC 9051 §9 from bytes. Functions bear the ABNF names; each moves past what it read or throws
 * `brokenLine`. Tolerant where servers err harmlessly: more spaces than one, `{012}`, integers as floats, 8-bit bytes.
 */
import { brokenLine, limitExceeded, protocolViolation } from './fault.ts';
import { defaultLimits, type ParserLimits } from './limits.ts';
import {
  BACKSLASH,
  BRACE,
  BRACE_END,
  BRACKET,
  BRACKET_END,
  CLOSE,
  CR,
  DOT,
  DQUOTE,
  LF,
  MINUS,
  OPEN,
  PLUS,
  SP,
  TILDE,
  ZERO,
} from './octets.ts';

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
const noBytes = new Uint8Array(0);
const maxModSeq = 2n ** 63n - 1n;

export class Scanner {
  bytes: Uint8Array = noBytes;
  pos = 0;
  /** One past the last byte of the line, its CRLF excluded. */
  end = 0;
  readonly limits: ParserLimits;

  constructor(limits: ParserLimits = defaultLimits) {
    this.limits = limits;
  }

  set(bytes: Uint8Array, pos: number, end: number): void {
    this.bytes = bytes;
    this.pos = pos;
    this.end = end;
  }

  atEnd(): boolean {
    return this.pos >= this.end;
  }

  /** The next byte, or -1 at the end. */
  peek(): number {
    return this.pos < this.end ? this.bytes[this.pos]! : -1;
  }

  spaces(): void {
    const { bytes, end } = this;
    let p = this.pos;
    while (p < end && bytes[p] === SP) p++;
    this.pos = p;
  }

  eat(byte: number): boolean {
    if (this.pos >= this.end || this.bytes[this.pos] !== byte) return false;
    this.pos++;
    return true;
  }

  expect(byte: number): void {
    if (!this.eat(byte)) throw brokenLine;
  }

  /** Bytes as characters U+0000 to U+00FF. */
  latin1(from: number, to: number): string {
    const n = to - from;
    if (n <= 0) return '';
    if (n <= 4096)
      return String.fromCharCode.apply(null, this.bytes.subarray(from, to) as unknown as number[]);
    let out = '';
    for (let at = from; at < to; at += 4096) out += this.latin1(at, Math.min(to, at + 4096));
    return out;
  }

  /** Text for people: UTF-8, with U+FFFD for what is not. */
  utf8(from: number, to: number): string {
    for (let p = from; p < to; p++) {
      if (this.bytes[p]! >= 0x80) return utf8.decode(this.bytes.subarray(from, to));
    }
    return this.latin1(from, to);
  }

  /**
   * `number` and `number64`; -1 when there is none here (nothing is read) or it has no exact value below 2^53 (it is
   * read). `9.3736e+06` (seen: mail.ru) is not exact: as a UID or MODSEQ it would name another message or moment.
   */
  number(): number {
    const { bytes, end } = this;
    const start = this.pos;
    let p = start;
    let value = 0;
    while (p < end) {
      const digit = bytes[p]! - ZERO;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
      p++;
    }
    if (p === start) return -1;
    this.pos = p;
    if (p < end && (bytes[p] === DOT || (bytes[p]! | 0x20) === 0x65)) {
      this.#float(start);
      return -1;
    }
    return value <= Number.MAX_SAFE_INTEGER ? value : -1;
  }

  /** As `number`, for sizes and counts that are hints anyway: a float is rounded. */
  roundNumber(): number {
    const start = this.pos;
    const value = this.number();
    return value < 0 && this.pos > start ? this.#float(start) : value;
  }

  #float(start: number): number {
    let p = start;
    while (p < this.end && p - start < 40) {
      const byte = this.bytes[p]!;
      const digit = byte >= ZERO && byte <= 0x39;
      if (!digit && byte !== DOT && (byte | 0x20) !== 0x65 && byte !== PLUS && byte !== MINUS) break;
      p++;
    }
    this.pos = p;
    const value = Math.round(Number(this.latin1(start, p)));
    return Number.isSafeInteger(value) && value >= 0 ? value : -1;
  }

  /** `mod-sequence-value`, RFC 7162 §7; null for 0, negatives (seen: Zoho, -1), floats and what is above 63 bits. */
  modSequenceValue(): bigint | null {
    const negative = this.eat(MINUS);
    const start = this.pos;
    const value = this.number();
    if (this.pos === start) throw brokenLine;
    if (negative || value === 0) return null;
    if (value > 0) return BigInt(value);
    const text = this.latin1(start, this.pos);
    if (!/^\d{1,19}$/.test(text)) return null;
    const large = BigInt(text);
    return large > maxModSeq ? null : large;
  }

  /** Whether `lower` (a word in lower case) stands here as a whole word; moves past it when it does. */
  word(lower: string): boolean {
    const { bytes, pos } = this;
    const stop = pos + lower.length;
    if (stop > this.end) return false;
    for (let i = 0; i < lower.length; i++) {
      let byte = bytes[pos + i]!;
      if (byte >= 0x41 && byte <= 0x5a) byte |= 0x20;
      if (byte !== lower.charCodeAt(i)) return false;
    }
    if (stop < this.end) {
      const next = bytes[stop]!;
      if (next !== SP && next !== OPEN && next !== CLOSE && next !== BRACKET && next !== BRACKET_END)
        return false;
    }
    this.pos = stop;
    return true;
  }

  /** Everything up to SP, a parenthesis or the end: an atom as servers write it, 8-bit bytes and TAB included. */
  atom(): string {
    const { bytes, end } = this;
    const start = this.pos;
    let p = start;
    while (p < end) {
      const byte = bytes[p]!;
      if (byte === SP || byte === OPEN || byte === CLOSE) break;
      p++;
    }
    if (p === start) throw brokenLine;
    this.pos = p;
    return this.latin1(start, p);
  }

  /** `quoted`: a backslash takes the next byte as it is. One character per byte. */
  quoted(): string {
    const { bytes, end } = this;
    this.expect(DQUOTE);
    const start = this.pos;
    for (let p = start; p < end; p++) {
      const byte = bytes[p]!;
      if (byte === DQUOTE) {
        this.pos = p + 1;
        return this.latin1(start, p);
      }
      if (byte === BACKSLASH) return this.#escaped(start, p);
    }
    throw brokenLine;
  }

  #escaped(start: number, firstEscape: number): string {
    const { bytes, end } = this;
    let out = this.latin1(start, firstEscape);
    for (let p = firstEscape; p < end; p++) {
      let byte = bytes[p]!;
      if (byte === DQUOTE) {
        this.pos = p + 1;
        return out;
      }
      if (byte === BACKSLASH) {
        if (++p >= end) break;
        byte = bytes[p]!;
      }
      out += String.fromCharCode(byte);
    }
    throw brokenLine;
  }

  /**
   * The head of a `literal` or `literal8` with `{` as the next byte (after any `~`): moves past the closing brace and
   * gives the size, or -1 (nothing read) if this is no literal head. Throws on sizes no literal can have.
   */
  literalHead(): number {
    const { bytes, end } = this;
    let p = this.pos;
    if (bytes[p] !== BRACE) return -1;
    p++;
    const start = p;
    let size = 0;
    while (p < end) {
      const digit = bytes[p]! - ZERO;
      if (digit < 0 || digit > 9) break;
      size = size * 10 + digit;
      p++;
    }
    if (p === start) return -1;
    if (p < end && bytes[p] === PLUS) p++;
    if (p >= end || bytes[p] !== BRACE_END) return -1;
    if (size > Number.MAX_SAFE_INTEGER)
      throw protocolViolation('the server announced a literal of impossible size');
    this.pos = p + 1;
    return size;
  }

  /** `literal` whose bytes lie in this buffer behind its head. */
  literal(): string {
    this.eat(TILDE);
    const size = this.literalHead();
    if (size < 0) throw brokenLine;
    while (this.eat(CR));
    this.expect(LF);
    const start = this.pos;
    if (start + size > this.end) throw brokenLine;
    this.pos = start + size;
    return this.latin1(start, start + size);
  }

  /** `string`. */
  string(): string {
    return this.peek() === DQUOTE ? this.quoted() : this.literal();
  }

  #isLiteral(): boolean {
    const byte = this.peek();
    return byte === BRACE || (byte === TILDE && this.bytes[this.pos + 1] === BRACE);
  }

  /** `astring`; an unquoted NIL is the text NIL. An atom that merely begins like a literal head stays an atom. */
  astring(): string {
    if (this.peek() === DQUOTE) return this.quoted();
    if (this.#isLiteral()) {
      const start = this.pos;
      this.eat(TILDE);
      const framed = this.literalHead() >= 0 && (this.peek() === CR || this.peek() === LF);
      this.pos = start;
      if (framed) return this.literal();
    }
    return this.atom();
  }

  /** `nstring`, and atoms where a server forgot the quotes. */
  nstring(): string | null {
    if (this.word('nil')) return null;
    return this.astring();
  }

  /** Runs `member` for each member of a parenthesised list with the next byte not a space. */
  list(member: () => void): void {
    this.expect(OPEN);
    for (let count = 0; ; count++) {
      this.spaces();
      if (this.eat(CLOSE)) return;
      if (this.atEnd()) throw brokenLine;
      if (count >= this.limits.listItems) throw limitExceeded('a list of items', this.limits.listItems);
      member();
    }
  }

  /** Passes over one value of any kind, nested lists included; literals must lie in this buffer. */
  skipValue(): void {
    let depth = 0;
    do {
      this.spaces();
      const byte = this.peek();
      if (byte < 0) throw brokenLine;
      if (byte === OPEN) {
        this.pos++;
        if (++depth > this.limits.nestingDepth) throw limitExceeded('nested lists', this.limits.nestingDepth);
      } else if (byte === CLOSE) {
        this.pos++;
        depth--;
      } else this.astring();
    } while (depth > 0);
    if (depth < 0) throw brokenLine;
  }
}
