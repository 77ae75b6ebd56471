/** A line that came in pieces, gathered until it is whole. Grows by doubling and gives large memory back when emptied. */
const initialBytes = 512;
/** Above this the buffer is not kept for the next line: one large SEARCH must not hold megabytes for a day of IDLE. */
const keptBytes = 64 * 1024;

export class LineBuffer {
  bytes = new Uint8Array(initialBytes);
  length = 0;

  append(from: Uint8Array, start: number, end: number): void {
    const length = this.length + end - start;
    if (length > this.bytes.length) {
      const grown = new Uint8Array(Math.max(length, this.bytes.length * 2));
      grown.set(this.bytes.subarray(0, this.length));
      this.bytes = grown;
    }
    this.bytes.set(start === 0 && end === from.length ? from : from.subarray(start, end), this.length);
    this.length = length;
  }

  clear(): void {
    this.length = 0;
    if (this.bytes.length > keptBytes) this.bytes = new Uint8Array(initialBytes);
  }
}
