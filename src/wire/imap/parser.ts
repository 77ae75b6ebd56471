/**
 * Bytes of an IMAP server in, responses out, synchronously and in wire order; no I/O. Body literals pass through as
 * views and are never joined or held; everything else of a response is a line, with smaller literals gathered into it.
 *
 *   line      -> line       a whole line: it is parsed and given to the sink
 *   line      -> gather     it ends in a literal head (names and the like): n bytes join the line, then `line` again
 *   line      -> body       a FETCH line ends in a body's literal head: n bytes go to the sink as they come
 *   line      -> skip       a FETCH line ends in a literal we have no use for: n bytes are dropped
 *   body      -> after-body the next byte must be `)` or SP, else the announced length was wrong
 *   any       -> dead       the stream cannot be followed or a limit was passed: every later push throws the same error
 */
import { concatBytes } from '../../base/bytes.ts';
import { MailferryError } from '../../base/errors.ts';
import { brokenLine, limitExceeded, printable, protocolViolation } from './fault.ts';
import { FetchReader } from './fetch.ts';
import { FlagLists } from './flag-list.ts';
import { defaultLimits, type ParserLimits } from './limits.ts';
import { LineBuffer } from './line-buffer.ts';
import { headBytes, lineLimit, notImap, refuseForeign } from './line-head.ts';
import { literalHeadAtEnd } from './literal-head.ts';
import type { ImapResponse, ResponseSink } from './response.ts';
import { endsInText, fetchNumber, isUntagged, responseLine } from './response-line.ts';
import { BRACE_END, CLOSE, CR, LF, SP } from './octets.ts';
import { Scanner } from './scanner.ts';

type State = 'line' | 'gather' | 'body' | 'skip' | 'after-body';

const noBytes = new Uint8Array(0);

export class ResponseParser {
  readonly #sink: ResponseSink;
  readonly #limits: ParserLimits;
  readonly #scanner: Scanner;
  readonly #flags = new FlagLists();
  readonly #fetch: FetchReader;
  readonly #line = new LineBuffer();
  #state: State = 'line';
  /** Bytes still to come of the literal in `gather`, `body` and `skip`. */
  #literalLeft = 0;
  /** Where the last gathered literal ends in the line: no literal head begins before it. */
  #literalEnd = 0;
  /** A FETCH was interrupted by a literal and goes on with the next piece. */
  #inFetch = false;
  #sawBody = false;
  #greeted = false;
  #pushing = false;
  #failure: MailferryError | null = null;
  #input: Uint8Array = noBytes;
  #at = 0;
  #end = 0;

  constructor(sink: ResponseSink, limits: Partial<ParserLimits> = {}) {
    this.#sink = sink;
    this.#limits = { ...defaultLimits, ...limits };
    this.#scanner = new Scanner(this.#limits);
    this.#fetch = new FetchReader(sink, this.#flags);
  }

  /** Bytes taken in and not yet part of a whole response; inside a sink call also those of this push still to parse. */
  get pending(): number {
    return this.#line.length + this.#end - this.#at;
  }

  /** Whether a response has begun and not ended: between its pieces, or inside a body. */
  get insideResponse(): boolean {
    return this.pending > 0 || this.#inFetch || this.#state !== 'line';
  }

  /**
   * Parses `bytes`. Throws MailferryError `protocol-violation`, `limit-exceeded`, `not-imap` or `plaintext-to-tls`, and
   * the same again on every later call.
   */
  push(bytes: Uint8Array): void {
    if (this.#failure !== null) throw this.#failure;
    if (this.#pushing)
      throw new MailferryError('internal', 'ResponseParser.push was called from its own sink');
    this.#pushing = true;
    this.#input = bytes;
    this.#at = 0;
    this.#end = bytes.length;
    try {
      while (this.#at < this.#end) this.#step();
    } catch (error) {
      this.#failure =
        error instanceof MailferryError
          ? error
          : new MailferryError('internal', 'a response could not be taken in', { cause: error });
      throw error;
    } finally {
      this.#pushing = false;
      this.#input = noBytes;
      this.#at = 0;
      this.#end = 0;
    }
  }

  /** Forgets everything buffered, the rest of a push under way included: for STARTTLS (RFC 9051 §6.2.1). */
  discard(): void {
    this.takeRest();
  }

  /** As `discard`, and returns the bytes: behind the OK to COMPRESS they are no longer plain (RFC 4978 §3). */
  takeRest(): Uint8Array {
    const rest = this.#input.slice(this.#at, this.#end);
    this.#at = this.#end;
    this.#line.clear();
    this.#state = 'line';
    this.#inFetch = false;
    this.#literalLeft = 0;
    this.#literalEnd = 0;
    return rest;
  }

  #step(): void {
    switch (this.#state) {
      case 'line':
        this.#takeLine();
        break;
      case 'body':
        this.#takeBody();
        break;
      case 'after-body':
        this.#afterBody();
        break;
      case 'gather': {
        const part = Math.min(this.#literalLeft, this.#end - this.#at);
        this.#line.append(this.#input, this.#at, this.#at + part);
        this.#passLiteral(part, 'line');
        break;
      }
      case 'skip':
        this.#passLiteral(Math.min(this.#literalLeft, this.#end - this.#at), 'line');
        break;
    }
  }

  #passLiteral(part: number, next: State): void {
    this.#at += part;
    this.#literalLeft -= part;
    if (this.#literalLeft === 0) this.#state = next;
  }

  #takeBody(): void {
    const part = Math.min(this.#literalLeft, this.#end - this.#at);
    const from = this.#at;
    this.#passLiteral(part, 'after-body');
    const whole = this.#literalLeft === 0;
    this.#sink.bodyChunk(this.#input.subarray(from, from + part));
    if (whole) this.#sink.bodyEnd();
  }

  #afterBody(): void {
    const byte = this.#input[this.#at];
    if (byte !== CLOSE && byte !== SP) {
      throw protocolViolation('a body does not end where the server said it would');
    }
    this.#state = 'line';
  }

  #takeLine(): void {
    const input = this.#input;
    const from = this.#at;
    if (!this.#greeted) refuseForeign(this.#head(input, from, this.#end));
    const lf = input.indexOf(LF, from);
    const stop = lf < 0 || lf >= this.#end ? this.#end : lf + 1;
    const length = this.#line.length + stop - from;
    if (length > this.#limits.lineBytes) {
      const limit = lineLimit(this.#limits, this.#inFetch ? noBytes : this.#head(input, from, stop));
      if (length > limit) throw limitExceeded('a line', limit);
    }
    this.#at = stop;
    if (lf >= 0 && this.#line.length === 0) {
      this.#wholeLine(input, from, stop);
      return;
    }
    this.#line.append(input, from, stop);
    if (lf >= 0) this.#wholeLine(this.#line.bytes, 0, this.#line.length);
  }

  /** The first bytes of the line at hand, whether they are buffered or still in the input. */
  #head(input: Uint8Array, from: number, stop: number): Uint8Array {
    const buffered = this.#line.bytes.subarray(0, Math.min(this.#line.length, headBytes));
    return concatBytes([buffered, input.subarray(from, Math.min(stop, from + headBytes - buffered.length))]);
  }

  #wholeLine(bytes: Uint8Array, start: number, stop: number): void {
    // A CR that ends a literal belongs to the literal.
    const floor = bytes === this.#line.bytes ? Math.max(start, this.#literalEnd) : start;
    let end = stop - 1;
    while (end > floor && bytes[end - 1] === CR) end--;
    const s = this.#scanner;
    s.set(bytes, start, end);
    if (!this.#greeted) this.#firstLine(s, start);
    if (this.#inFetch) {
      this.#fetchPiece(s, start);
      return;
    }
    const seq = fetchNumber(s);
    if (seq >= 0) {
      this.#beginFetch(s, seq, start);
      return;
    }
    const size = this.#gatheredLiteral(s, start, floor);
    if (size >= 0) {
      if (bytes !== this.#line.bytes) this.#line.append(bytes, start, stop);
      this.#literalLeft = size;
      this.#literalEnd = this.#line.length + size;
      if (size > 0) this.#state = 'gather';
      return;
    }
    s.set(bytes, start, end);
    this.#emit(this.#parseLine(s, start));
  }

  #emit(response: ImapResponse): void {
    this.#line.clear();
    this.#literalEnd = 0;
    this.#sink.response(response);
  }

  #parseLine(s: Scanner, start: number): ImapResponse {
    try {
      return responseLine(s, this.#flags);
    } catch (error) {
      if (error !== brokenLine) throw error;
      return this.#unknown(s, start);
    }
  }

  /** The greeting is untagged (RFC 9051 §7.1): `220`, `+OK`, `-ERR`, `HTTP/1.1` and the like come from elsewhere. */
  #firstLine(s: Scanner, start: number): void {
    this.#greeted = isUntagged(s);
    if (!this.#greeted) throw notImap(this.#unknown(s, start).line);
  }

  #unknown(s: Scanner, start: number): { readonly kind: 'unknown'; readonly line: string } {
    const cut = Math.min(s.end, start + this.#limits.unknownLineChars);
    return { kind: 'unknown', line: s.latin1(start, cut) };
  }

  #beginFetch(s: Scanner, seq: number, start: number): void {
    this.#sawBody = false;
    try {
      if (!this.#fetch.begin(s, seq)) {
        this.#emit({ kind: 'fetch', attributes: this.#fetch.attributes });
        return;
      }
    } catch (error) {
      this.#brokenFetch(error, s, start);
      return;
    }
    this.#fetchPiece(s, start);
  }

  #fetchPiece(s: Scanner, start: number): void {
    let end: ReturnType<FetchReader['piece']>;
    try {
      end = this.#fetch.piece(s);
    } catch (error) {
      this.#brokenFetch(error, s, start);
      return;
    }
    if (end === 'done') {
      this.#inFetch = false;
      this.#emit({ kind: 'fetch', attributes: this.#fetch.attributes });
      return;
    }
    this.#line.clear();
    this.#inFetch = true;
    this.#literalLeft = this.#fetch.literalBytes;
    if (end === 'body') {
      this.#sawBody = true;
      if (this.#literalLeft > 0) this.#state = 'body';
      else {
        this.#state = 'after-body';
        this.#sink.bodyEnd();
      }
    } else if (this.#literalLeft > 0) this.#state = 'skip';
  }

  /** A FETCH that does not fit is `unknown`, unless a literal of it is already through: then nobody knows where we are. */
  #brokenFetch(error: unknown, s: Scanner, start: number): void {
    if (error !== brokenLine) throw error;
    const unknown = this.#unknown(s, start);
    if (this.#inFetch || this.#sawBody || literalHeadAtEnd(s, start) >= 0) {
      throw protocolViolation('the server broke off a FETCH response', printable(unknown.line));
    }
    this.#emit(unknown);
  }

  /** Size of the literal that the line announces at its end, or -1. Throws when it is beyond the limit. */
  #gatheredLiteral(s: Scanner, start: number, floor: number): number {
    if (s.bytes[s.end - 1] !== BRACE_END || endsInText(s)) return -1;
    const size = literalHeadAtEnd(s, floor);
    if (size > this.#limits.literalBytes) throw limitExceeded('a literal', this.#limits.literalBytes);
    if (size >= 0) this.#checkLength(s, start, size);
    return size;
  }

  #checkLength(s: Scanner, start: number, literal: number): void {
    if (s.end - start + literal > this.#limits.lineBytes) {
      throw limitExceeded('a line', this.#limits.lineBytes);
    }
  }
}
