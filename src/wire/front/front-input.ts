/** What a client has sent and nobody has read yet: bounded, and looked through once however it drips in. */

/** `more`: the line is not all there. `too-long`: it never will be, as long as may be. */
export type FrontLine = Uint8Array | 'more' | 'too-long';

const lf = 0x0a;
const cr = 0x0d;

export class FrontInput {
  #bytes = new Uint8Array(512);
  #start = 0;
  #end = 0;
  /** Up to here there is no line end. */
  #searched = 0;

  /** Octets that wait. */
  get length(): number {
    return this.#end - this.#start;
  }

  push(bytes: Uint8Array): void {
    if (this.#end + bytes.length > this.#bytes.length) this.#makeRoom(bytes.length);
    this.#bytes.set(bytes, this.#end);
    this.#end += bytes.length;
  }

  /**
   * The next line without its end, which is CRLF, or LF alone: clients that send that are answered by every server, and no line is relayed as
   * it came. `maxBytes` counts without the line end.
   */
  line(maxBytes: number): FrontLine {
    const at = this.#bytes.subarray(0, this.#end).indexOf(lf, Math.max(this.#searched, this.#start));
    if (at < 0) {
      this.#searched = this.#end;
      return this.length > maxBytes + 1 ? 'too-long' : 'more';
    }
    const length = at - this.#start - (at > this.#start && this.#bytes[at - 1] === cr ? 1 : 0);
    if (length > maxBytes) return 'too-long';
    const line = this.#bytes.slice(this.#start, this.#start + length);
    this.#skipTo(at + 1);
    return line;
  }

  /** Exactly so many octets; null while there are fewer. */
  take(length: number): Uint8Array | null {
    if (this.length < length) return null;
    const taken = this.#bytes.slice(this.#start, this.#start + length);
    this.#skipTo(this.#start + length);
    return taken;
  }

  /** All that waits; nothing waits then. */
  rest(): Uint8Array {
    const rest = this.#bytes.slice(this.#start, this.#end);
    this.#skipTo(this.#end);
    return rest;
  }

  #skipTo(at: number): void {
    // What was read may have been a password.
    this.#bytes.fill(0, this.#start, at);
    this.#start = at === this.#end ? 0 : at;
    if (at === this.#end) this.#end = 0;
    this.#searched = this.#start;
  }

  #makeRoom(more: number): void {
    const { length } = this;
    const grown = length + more > this.#bytes.length;
    const room = grown ? new Uint8Array(Math.max(length + more, this.#bytes.length * 2)) : this.#bytes;
    room.set(this.#bytes.subarray(this.#start, this.#end));
    if (grown) this.#bytes.fill(0);
    else room.fill(0, length);
    this.#bytes = room;
    this.#searched = Math.max(0, this.#searched - this.#start);
    this.#start = 0;
    this.#end = length;
  }
}
