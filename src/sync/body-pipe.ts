/**
 * One big body on its way from the old connection to the new one: chunks go through as they arrive, in order, with the
 * writer's back pressure; nothing is kept. The reading side calls `chunk` and `end`, the writing side takes `source`.
 */
import type { BodySource } from './mail-store.ts';

type Write = (bytes: Uint8Array) => void | Promise<void>;

export class BodyPipe {
  #write: Write | null = null;
  #discarding = false;
  #failure: unknown = null;
  #tail: Promise<void> | null = null;
  #resolveReady: () => void = () => {};
  readonly #ready: Promise<void>;
  #resolveEnd: () => void = () => {};
  #rejectEnd: (error: unknown) => void = () => {};
  readonly #ended: Promise<void>;

  constructor() {
    this.#ready = new Promise((resolve) => {
      this.#resolveReady = resolve;
    });
    this.#ended = new Promise((resolve, reject) => {
      this.#resolveEnd = resolve;
      this.#rejectEnd = reject;
    });
    // The reader may fail before a writer listens; that must not count as unhandled.
    this.#ended.catch(() => {});
  }

  chunk(bytes: Uint8Array): void | Promise<void> {
    if (this.#discarding || this.#failure !== null) return;
    if (this.#write !== null && this.#tail === null) return this.#write(bytes);
    const before = this.#tail ?? this.#ready;
    const mine = before.then(() => (this.#discarding ? undefined : this.#write?.(bytes)));
    this.#tail = mine;
    return mine.finally(() => {
      if (this.#tail === mine) this.#tail = null;
    });
  }

  /** All bytes were handed in. */
  end(): void {
    const tail = this.#tail;
    if (tail === null) this.#resolveEnd();
    else tail.then(this.#resolveEnd, this.#rejectEnd);
  }

  /** The old side broke: the writer's source rejects and its APPEND is void. */
  fail(error: unknown): void {
    this.#failure = error;
    this.#rejectEnd(error);
    this.#resolveReady();
  }

  /**
   * Nobody wants this body any more (refused early). Where its writing has begun, the server still waits for all of the
   * announced literal, and the connection is of use only behind it: then it goes on. Else it is read and dropped.
   */
  discard(): void {
    if (this.#write !== null) return;
    this.#discarding = true;
    this.#resolveReady();
  }

  readonly source: BodySource = async (write) => {
    if (this.#failure !== null) throw this.#failure;
    this.#write = write;
    this.#resolveReady();
    await this.#ended;
  };
}
