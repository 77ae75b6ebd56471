/**
 * Brings SQLite's write-ahead log to the disk without holding the event loop: with synchronous=NORMAL a commit only
 * writes the log, and this flushes it in the background. What `synchronous=FULL` would do, but the other mailboxes' mail
 * flows on meanwhile, and commits that come during a flush share the next one.
 *
 * A checkpoint between commit and flush does no harm: SQLite flushes log and database for it itself, also with NORMAL
 * (https://sqlite.org/pragma.html#pragma_synchronous).
 */
import { closeSync, fdatasync, fsync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';

const flushData = promisify(fdatasync);
const flushAll = promisify(fsync);

export class LogSync {
  readonly #log: string;
  #descriptor: number | null = null;
  #current: Promise<void> | null = null;
  #next: Promise<void> | null = null;

  /** `file` is the database; its log lies beside it. */
  constructor(file: string) {
    this.#log = `${file}-wal`;
  }

  /** Resolves when all that was committed before the call is on the disk; rejects with the system's error. */
  flush(): Promise<void> {
    if (this.#current === null) return this.#start();
    // What is being flushed may have begun before this commit: the one after it counts.
    this.#next ??= this.#current.then(
      () => this.#start(),
      () => this.#start(),
    );
    return this.#next;
  }

  close(): void {
    if (this.#descriptor !== null) closeSync(this.#descriptor);
    this.#descriptor = null;
  }

  #start(): Promise<void> {
    this.#next = null;
    const flushed = this.#flushNow().finally(() => {
      this.#current = null;
    });
    this.#current = flushed;
    return flushed;
  }

  async #flushNow(): Promise<void> {
    if (this.#descriptor === null) {
      this.#descriptor = openSync(this.#log, 'r+');
      await this.#flushDirectory();
    }
    await flushData(this.#descriptor);
  }

  /** A log that was just made has to be found again after a power cut. */
  async #flushDirectory(): Promise<void> {
    const directory = openSync(dirname(this.#log), 'r');
    try {
      await flushAll(directory);
    } finally {
      closeSync(directory);
    }
  }
}
