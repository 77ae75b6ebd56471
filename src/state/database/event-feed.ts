/**
 * The event table as a stream: each event once, in the order of commits, within milliseconds. Where a notification was
 * lost, the clock finds what it told.
 */
import { type LiveEventRow, eventsSince, lastEventId } from './events.ts';
import type { Notifications } from './notifications.ts';
import type { Database } from './open-database.ts';

const batch = 500;

export class EventFeed {
  readonly #database: Database;
  readonly #listeners = new Set<(event: LiveEventRow) => void>();
  readonly #onError: (error: unknown) => void;
  #lastId = 0;
  #reading: Promise<void> | null = null;
  #again = false;
  #closed = false;
  #timer: NodeJS.Timeout | null = null;
  #notifications: Notifications | null = null;

  constructor(database: Database, onError: (error: unknown) => void) {
    this.#database = database;
    this.#onError = onError;
  }

  /** From now on; what happened before is not told. `pollMs`: how late a lost notification may make it. */
  async start(pollMs: number): Promise<void> {
    this.#lastId = await lastEventId(this.#database.db);
    this.#notifications = this.#database.listen(() => this.#read());
    this.#timer = setInterval(() => this.#read(), pollMs);
    this.#timer.unref();
  }

  on(listener: (event: LiveEventRow) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#timer !== null) clearInterval(this.#timer);
    await this.#notifications?.close();
    await this.#reading;
  }

  #read(): void {
    if (this.#closed) return;
    if (this.#reading !== null) {
      this.#again = true;
      return;
    }
    this.#reading = this.#readAll()
      .catch(this.#onError)
      .finally(() => {
        this.#reading = null;
        if (!this.#again) return;
        this.#again = false;
        this.#read();
      });
  }

  async #readAll(): Promise<void> {
    for (;;) {
      const events = await eventsSince(this.#database.db, this.#lastId, batch);
      for (const event of events) {
        this.#lastId = event.id;
        for (const listener of this.#listeners) listener(event);
      }
      if (events.length < batch || this.#closed) return;
    }
  }
}
