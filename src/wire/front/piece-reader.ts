/** Gathers a command of lines and literals (RFC 9051 §4.3, RFC 7888, RFC 5804 §4), whatever it means. Pure. */
import { latin1Of } from '../../base/bytes.ts';
import type { FrontInput } from './front-input.ts';

/** Text in ISO 8859-1 without the marker of the literal behind it, and literals, by turns. */
export type Pieces = readonly (string | Uint8Array)[];

export type PieceRead =
  | { readonly kind: 'more' }
  /** The client waits to be told before it sends a literal. */
  | { readonly kind: 'continue' }
  | { readonly kind: 'whole'; readonly pieces: Pieces }
  /** `lost`: what follows cannot be told from commands any more. */
  | { readonly kind: 'too-big'; readonly pieces: Pieces; readonly lost: boolean };

export class PieceReader {
  readonly #input: FrontInput;
  readonly #maxBytes: number;
  #pieces: (string | Uint8Array)[] = [];
  #used = 0;
  /** Octets of a literal that are still to come. */
  #awaited: number | null = null;

  /** `maxBytes`: of one command, literals included. */
  constructor(input: FrontInput, maxBytes: number) {
    this.#input = input;
    this.#maxBytes = maxBytes;
  }

  next(): PieceRead {
    for (;;) {
      if (this.#awaited !== null) {
        const literal = this.#input.take(this.#awaited);
        if (literal === null) return { kind: 'more' };
        this.#pieces.push(literal);
        this.#awaited = null;
      }
      const line = this.#input.line(this.#maxBytes - this.#used);
      if (line === 'more') return { kind: 'more' };
      if (line === 'too-long') return this.#end('too-big', true);
      const text = latin1Of(line);
      this.#used += line.length;
      const [marker, digits = '', plus = ''] = /\{(\d{1,10})(\+?)\}$/.exec(text) ?? [];
      if (marker === undefined) {
        this.#pieces.push(text);
        return this.#end('whole', false);
      }
      const size = Number(digits);
      this.#pieces.push(text.slice(0, -marker.length));
      // Who waits has not sent it, and goes on with another command.
      if (this.#used + size > this.#maxBytes) return this.#end('too-big', plus === '+');
      this.#used += size;
      this.#awaited = size;
      if (plus === '') return { kind: 'continue' };
    }
  }

  #end(kind: 'whole' | 'too-big', lost: boolean): PieceRead {
    const pieces = this.#pieces;
    this.#pieces = [];
    this.#used = 0;
    this.#awaited = null;
    return { kind, pieces, lost };
  }
}
