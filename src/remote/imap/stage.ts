/** The writing side's buffer: many small parts of commands become few system calls. */
import type { Connection } from '../../net/connection.ts';

/** Small parts are gathered to this size before they are written: one system call for many small messages. */
const stageBytes = 256 * 1024;
/** Most commands are short, and thousands of connections mostly wait. */
const shortBytes = 512;
/** A part above this goes out by itself, without a copy. */
const directBytes = 64 * 1024;

/** Gathers small parts into few writes; big ones pass through. Buffers return to `pool` once the kernel has them. */
export class Stage {
  readonly #connection: Connection;
  readonly #pool: Uint8Array[];
  #buffer: Buffer | null = null;
  #used = 0;
  #pending: Promise<void> | null = null;
  /** The short buffer was not enough: the command has much to bring. */
  #long = false;

  constructor(connection: Connection, pool: Uint8Array[]) {
    this.#connection = connection;
    this.#pool = pool;
  }

  /** Whether more was written than a short command. */
  get long(): boolean {
    return this.#long;
  }

  text(text: string): void {
    // Command text is ASCII apart from raw mailbox names, whose characters are bytes.
    this.#room(text.length);
    this.#used += (this.#buffer as Buffer).write(text, this.#used, 'latin1');
  }

  bytes(bytes: Uint8Array): void | Promise<void> {
    if (bytes.length > directBytes) {
      this.flush();
      return this.#connection.write(bytes);
    }
    this.#room(bytes.length);
    (this.#buffer as Buffer).set(bytes, this.#used);
    this.#used += bytes.length;
    return this.#pending ?? undefined;
  }

  flush(): void {
    const buffer = this.#buffer;
    if (buffer === null || this.#used === 0) return;
    this.#buffer = null;
    const held = this.#connection.write(buffer.subarray(0, this.#used));
    this.#used = 0;
    if (held === undefined) this.#giveBack(buffer);
    else {
      this.#pending = held.then(() => {
        this.#giveBack(buffer);
        this.#pending = null;
      });
    }
  }

  drained(): void | Promise<void> {
    return this.#pending ?? undefined;
  }

  #giveBack(buffer: Buffer): void {
    if (buffer.length === stageBytes && this.#pool.length < 2) this.#pool.push(buffer);
  }

  #room(bytes: number): void {
    if (this.#buffer !== null && this.#used + bytes <= this.#buffer.length) return;
    if (this.#buffer === null && !this.#long && bytes <= shortBytes) {
      this.#buffer = Buffer.allocUnsafeSlow(shortBytes);
      return;
    }
    this.#long = true;
    const short = this.#buffer;
    if (short !== null && short.length === shortBytes && this.#used + bytes <= stageBytes) {
      // What the short one holds moves over: no packet of its own for it.
      this.#buffer = this.#large();
      this.#buffer.set(short.subarray(0, this.#used));
      return;
    }
    this.flush();
    this.#buffer = bytes <= stageBytes ? this.#large() : Buffer.allocUnsafeSlow(bytes);
  }

  #large(): Buffer {
    return (this.#pool.pop() as Buffer | undefined) ?? Buffer.allocUnsafeSlow(stageBytes);
  }
}
