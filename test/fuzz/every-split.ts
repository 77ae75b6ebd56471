/**
 * Splits an exchange in two at every byte boundary, in time that grows with the square of its longest response instead
 * of its whole length. Between two responses the parser holds nothing (`insideResponse`), so what comes before the
 * response in front of a split, and after the one behind it, cannot make a difference: each split is played with these
 * neighbours, and the parser must then stand between two responses again, having told what it tells of the whole.
 */
import { isMailferryError } from '../../src/base/errors.ts';
import { ResponseParser } from '../../src/wire/imap/parser.ts';
import type { FetchAttributes, ImapResponse, ResponseSink } from '../../src/wire/imap/response.ts';
import { EventSink, type ParseEvent } from './imap-events.ts';

/** A place between two responses, and how many events come before it. */
interface Boundary {
  readonly at: number;
  readonly events: number;
  /** Only at the end: the exchange ends in the middle of a response, or in a failure. */
  readonly cut: boolean;
}

/** Throws when a split of `bytes`, which begin with a greeting, tells anything else than `whole`. */
export function checkEverySplit(bytes: Uint8Array, whole: readonly ParseEvent[]): void {
  const boundaries = boundariesOf(bytes, whole);
  const [greeting] = boundaries;
  if (greeting === undefined) throw new Error('no greeting');
  const sink = new ExpectingSink(whole);
  for (let at = 1; at <= greeting.at && at < bytes.length; at++) {
    sink.expect(0, whole.length);
    play(
      new ResponseParser(sink),
      sink,
      [bytes.subarray(0, at), bytes.subarray(at)],
      at,
      boundaries.at(-1)?.cut === true,
    );
  }
  // One parser for all: a new one for each split would be most of the time.
  let parser: ResponseParser | null = null;
  for (const [i, from] of boundaries.slice(0, -1).entries()) {
    const before = boundaries[Math.max(0, i - 1)] ?? from;
    const to = boundaries[i + 1] ?? from;
    const after = boundaries[Math.min(boundaries.length - 1, i + 2)] ?? to;
    for (let at = from.at + 1; at <= to.at && at < bytes.length; at++) {
      if (parser === null) {
        parser = new ResponseParser(sink);
        sink.expect(0, greeting.events);
        parser.push(bytes.subarray(0, greeting.at));
      }
      sink.expect(before.events, after.events);
      const pieces = [bytes.subarray(before.at, at), bytes.subarray(at, after.at)];
      if (!play(parser, sink, pieces, at, after.cut)) parser = null;
    }
  }
}

/** Ends with the end of the exchange, wherever that is. */
function boundariesOf(bytes: Uint8Array, whole: readonly ParseEvent[]): Boundary[] {
  const sink = new EventSink();
  const parser = new ResponseParser(sink);
  const boundaries: Boundary[] = [];
  for (let at = 0; at < bytes.length; at++) {
    try {
      parser.push(bytes.subarray(at, at + 1));
    } catch (error) {
      if (!isMailferryError(error)) throw error;
      break;
    }
    if (!parser.insideResponse) boundaries.push({ at: at + 1, events: sink.events.length, cut: false });
  }
  if (boundaries.at(-1)?.at !== bytes.length)
    boundaries.push({ at: bytes.length, events: whole.length, cut: true });
  return boundaries;
}

/** Plays the two pieces; false when the parser cannot go on behind them, as it was with the whole. */
function play(
  parser: ResponseParser,
  sink: ExpectingSink,
  pieces: readonly Uint8Array[],
  at: number,
  cut: boolean,
): boolean {
  try {
    let failure: string | null = null;
    try {
      for (const piece of pieces) parser.push(piece);
    } catch (error) {
      if (!isMailferryError(error) || error.code === 'internal') throw error;
      failure = error.code;
    }
    sink.end(failure);
    if (failure === null && parser.insideResponse !== cut) throw new Unlike('state', parser.insideResponse);
    return failure === null && !cut;
  } catch (cause) {
    throw new Error(`split at ${at}`, { cause });
  }
}

/** Takes what is expected, and throws at the first thing that is not. Bodies are compared as bytes: nothing is joined. */
class ExpectingSink implements ResponseSink {
  readonly #whole: readonly ParseEvent[];
  readonly #bodies = new Map<ParseEvent, Uint8Array>();
  #next = 0;
  #end: number;
  #body: Uint8Array | null = null;
  #taken = 0;

  constructor(whole: readonly ParseEvent[]) {
    this.#whole = whole;
    this.#end = whole.length;
    for (const event of whole)
      if ('body' in event) this.#bodies.set(event, Buffer.from(event.body, 'latin1'));
  }

  expect(from: number, to: number): void {
    this.#next = from;
    this.#end = to;
    this.#body = null;
  }

  response(response: ImapResponse): void {
    const event = this.#take();
    if (!('response' in event && same(event.response, response))) throw new Unlike('response', response);
  }

  bodyBegin(soFar: FetchAttributes, section: string, sizeBytes: number): void {
    const event = this.#take();
    const fits = 'begin' in event && event.section === section && event.sizeBytes === sizeBytes;
    if (!fits || !same(event.begin, soFar)) throw new Unlike('begin of a body', soFar);
    const body = this.#take();
    this.#body = this.#bodies.get(body) ?? null;
    this.#taken = 0;
    if (this.#body === null) throw new Unlike('body', body);
  }

  bodyChunk(bytes: Uint8Array): void {
    const expected = this.#body?.subarray(this.#taken, this.#taken + bytes.length);
    if (expected === undefined || Buffer.compare(expected, bytes) !== 0) throw new Unlike('chunk', bytes);
    this.#taken += bytes.length;
  }

  bodyEnd(): void {
    const event = this.#whole[this.#next - 1];
    const ended = event !== undefined && 'body' in event && event.ended;
    if (!ended || this.#taken !== this.#body?.length) throw new Unlike('end of a body', this.#taken);
    this.#body = null;
  }

  /** All that was expected has come, a failure included, or a body that ends with the exchange. */
  end(failure: string | null): void {
    if (this.#body !== null && this.#taken !== this.#body.length) throw new Unlike('cut body', this.#taken);
    const event = this.#next < this.#end ? this.#whole[this.#next] : undefined;
    const expected = event !== undefined && 'error' in event ? event.error : null;
    if (failure !== expected || this.#next + (expected === null ? 0 : 1) !== this.#end)
      throw new Unlike('end', { failure, told: this.#next, expected: this.#end });
  }

  #take(): ParseEvent {
    const event = this.#next < this.#end ? this.#whole[this.#next++] : undefined;
    if (event === undefined) throw new Unlike('more than the whole', null);
    return event;
  }
}

class Unlike extends Error {
  constructor(what: string, value: unknown) {
    const text = JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? `${part}n` : part));
    super(`another ${what} than that of the whole: ${text}`);
  }
}

/** Deep equality of plain values; several times as fast as isDeepStrictEqual, and this runs millions of times. */
function same(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (a instanceof Uint8Array) return b instanceof Uint8Array && Buffer.compare(a, b) === 0;
  if (Array.isArray(a))
    return Array.isArray(b) && a.length === b.length && a.every((one, i) => same(one, b[i]));
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && same(a[key as never], b[key as never]))
  );
}
