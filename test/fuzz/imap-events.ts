/** What a parser told its sink, as plain values that can be compared whatever pieces the bytes came in. */
import { latin1Of } from '../../src/base/bytes.ts';
import { isMailferryError } from '../../src/base/errors.ts';
import type { ParserLimits } from '../../src/wire/imap/limits.ts';
import { ResponseParser } from '../../src/wire/imap/parser.ts';
import type { FetchAttributes, ImapResponse, ResponseSink } from '../../src/wire/imap/response.ts';

export type ParseEvent =
  | { readonly response: ImapResponse }
  | {
      readonly begin: FetchAttributes;
      readonly section: string;
      readonly sizeBytes: number;
    }
  /** All chunks of one body, one character per byte; `ended` when bodyEnd came. */
  | { readonly body: string; readonly ended: boolean }
  | { readonly error: string };

export class EventSink implements ResponseSink {
  readonly events: ParseEvent[] = [];
  #body: string[] | null = null;

  response(response: ImapResponse): void {
    this.events.push({ response });
  }

  bodyBegin(soFar: FetchAttributes, section: string, sizeBytes: number): void {
    this.#closeBody(false);
    this.events.push({
      begin: { ...soFar, ...(soFar.bodies && { bodies: [...soFar.bodies] }) },
      section,
      sizeBytes,
    });
    this.#body = [];
  }

  bodyChunk(bytes: Uint8Array): void {
    if (this.#body === null) throw new Error('a chunk outside a body');
    this.#body.push(latin1Of(bytes));
  }

  bodyEnd(): void {
    if (this.#body === null) throw new Error('an end outside a body');
    this.#closeBody(true);
  }

  /** The events, with an unfinished body among them. */
  close(): readonly ParseEvent[] {
    this.#closeBody(false);
    return this.events;
  }

  #closeBody(ended: boolean): void {
    if (this.#body !== null) this.events.push({ body: this.#body.join(''), ended });
    this.#body = null;
  }
}

/** Parses the pieces one after the other; an error of ours ends the list of events, another is thrown on. */
export function parseEvents(
  pieces: readonly Uint8Array[],
  limits: Partial<ParserLimits> = {},
): readonly ParseEvent[] {
  const sink = new EventSink();
  const parser = new ResponseParser(sink, limits);
  try {
    for (const piece of pieces) parser.push(piece);
  } catch (error) {
    if (!isMailferryError(error) || error.code === 'internal') throw error;
    return [...sink.close(), { error: error.code }];
  }
  return sink.close();
}

/** One push per byte. */
export function byteByByte(bytes: Uint8Array): Uint8Array[] {
  return Array.from(bytes, (_, i) => bytes.subarray(i, i + 1));
}

export function splitAt(bytes: Uint8Array, at: number): Uint8Array[] {
  return [bytes.subarray(0, at), bytes.subarray(at)];
}

/** Responses only, for tests of lines without bodies. */
export function responsesOf(events: readonly ParseEvent[]): ImapResponse[] {
  return events.flatMap((event) => ('response' in event ? [event.response] : []));
}
