/**
 * The event table as streams: each viewer gets every event after the last one it has seen, several times a second at
 * most. One question to the database serves all viewers that are up to date.
 */
import type { Kysely } from 'kysely';
import { type LiveEventRow, eventsSince } from '../state/database/events.ts';
import type { Tables } from '../state/database/tables.ts';

/** A person sees no difference between this and at once. */
const lookEveryMs = 300;
const batch = 500;
/** Open streams cost a socket each. */
export const maxViewers = 200;

/** Gets events in order; `ended` when the service stops. */
export interface Viewer {
  /** Where it is; the next events are those after it. */
  lastId: number;
  readonly take: (events: readonly LiveEventRow[]) => void;
  readonly end: () => void;
}

export class LiveEvents {
  readonly #db: Kysely<Tables>;
  readonly #onError: (error: unknown) => void;
  readonly #viewers = new Set<Viewer>();
  #timer: NodeJS.Timeout | null = null;
  #looking: Promise<void> | null = null;

  constructor(db: Kysely<Tables>, onError: (error: unknown) => void) {
    this.#db = db;
    this.#onError = onError;
  }

  get full(): boolean {
    return this.#viewers.size >= maxViewers;
  }

  /** Gives the function that takes it away again. */
  add(viewer: Viewer): () => void {
    this.#viewers.add(viewer);
    this.#timer ??= setInterval(() => this.#look(), lookEveryMs);
    this.#look();
    return () => {
      this.#viewers.delete(viewer);
      if (this.#viewers.size > 0 || this.#timer === null) return;
      clearInterval(this.#timer);
      this.#timer = null;
    };
  }

  async close(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    for (const viewer of this.#viewers) viewer.end();
    this.#viewers.clear();
    await this.#looking;
  }

  #look(): void {
    this.#looking ??= this.#lookAll()
      .catch(this.#onError)
      .finally(() => {
        this.#looking = null;
      });
  }

  async #lookAll(): Promise<void> {
    const behind = new Map<number, Viewer[]>();
    for (const viewer of this.#viewers) {
      behind.set(viewer.lastId, [...(behind.get(viewer.lastId) ?? []), viewer]);
    }
    for (const [lastId, viewers] of behind) {
      const events = await eventsSince(this.#db, lastId, batch);
      const last = events.at(-1);
      if (last === undefined) continue;
      for (const viewer of viewers) {
        if (!this.#viewers.has(viewer)) continue;
        viewer.lastId = last.id;
        viewer.take(events);
      }
    }
  }
}
