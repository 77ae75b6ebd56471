/**
 * The event table as streams: each viewer gets every event after the last one it has seen, some times a second at most.
 * One question to the database serves all viewers that are up to date.
 */
import type { Clock } from '../base/clock.ts';
import { type LiveEventRow, eventsSince } from '../state/database/events.ts';
import { type ChangedProgress, progressSince, teamsOfAccounts } from '../state/database/progress-feed.ts';
import type { Notifications } from '../state/database/notifications.ts';
import type { Database } from '../state/database/open-database.ts';

/** Between two looks: a person sees no difference between this and at once, and a thousand events come as four answers. */
const leastMs = 250;
/** Where a notification was lost. */
const lookAnywayMs = 2_000;
const batch = 500;
/** A stream costs a socket and under 100 KB (measured with 500, both ends in one process). */
const maxViewers = 1_000;
/** A person has a few windows open. More would take the streams of others. */
const maxOfLogin = 10;
/** Workers write how far they are about once a second. */
const progressMs = 1_000;

/** Of accounts, by id. */
export type Teams = ReadonlyMap<string, string | null>;

/** Gets events in order; `end` when the service stops. */
export interface Viewer {
  /** Where it is; the next events are those after it. */
  lastId: number;
  /** Of a person; null for a token. */
  readonly login: string | null;
  /** Whether it asks whose accounts the events are of. */
  readonly wantsTeams: boolean;
  /** `teams` has those of the events' accounts where some viewer wants them. */
  readonly take: (events: readonly LiveEventRow[], teams: Teams) => void;
  /** What workers reported since the last time, once a second at most. */
  readonly progress: (changed: readonly ChangedProgress[]) => void;
  readonly end: () => void;
}

export class LiveEvents {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #onError: (error: unknown) => void;
  readonly #viewers = new Set<Viewer>();
  #notifications: Notifications | null = null;
  #timer: NodeJS.Timeout | null = null;
  #progressTimer: NodeJS.Timeout | null = null;
  #progressFrom: number | null = null;
  #looking: Promise<void> | null = null;
  #again = false;
  #lookedAt = Number.NEGATIVE_INFINITY;

  constructor(database: Database, clock: Clock, onError: (error: unknown) => void) {
    this.#database = database;
    this.#clock = clock;
    this.#onError = onError;
  }

  get full(): boolean {
    return this.#viewers.size >= maxViewers;
  }

  /** Gives the function that takes it away again. Of too many of one login the oldest ends: its line may be dead. */
  add(viewer: Viewer): () => void {
    const own = [...this.#viewers].filter(({ login }) => login !== null && login === viewer.login);
    for (const old of own.slice(0, Math.max(0, own.length + 1 - maxOfLogin))) {
      this.#viewers.delete(old);
      old.end();
    }
    this.#viewers.add(viewer);
    this.#notifications ??= this.#database.listen(() => this.#soon());
    this.#soon();
    this.#progressTimer ??= setTimeout(() => void this.#tellProgress(), progressMs);
    return () => {
      if (this.#viewers.delete(viewer) && this.#viewers.size === 0) void this.#rest().catch(this.#onError);
    };
  }

  async close(): Promise<void> {
    const viewers = [...this.#viewers];
    this.#viewers.clear();
    for (const viewer of viewers) viewer.end();
    await this.#rest();
    await this.#looking;
  }

  /** Nobody looks: no timer, no connection that listens. */
  async #rest(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#progressTimer !== null) clearTimeout(this.#progressTimer);
    this.#progressTimer = null;
    this.#progressFrom = null;
    const notifications = this.#notifications;
    this.#notifications = null;
    await notifications?.close();
  }

  #soon(): void {
    this.#lookIn(Math.max(0, this.#lookedAt + leastMs - this.#clock.monotonic()));
  }

  #lookIn(ms: number): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = this.#viewers.size === 0 ? null : setTimeout(() => this.#look(), ms);
  }

  #look(): void {
    this.#timer = null;
    if (this.#looking !== null) {
      this.#again = true;
      return;
    }
    this.#lookedAt = this.#clock.monotonic();
    this.#looking = this.#lookAll()
      .catch(this.#onError)
      .finally(() => {
        this.#looking = null;
        if (this.#again) this.#soon();
        else if (this.#timer === null) this.#lookIn(lookAnywayMs);
        this.#again = false;
      });
  }

  async #lookAll(): Promise<void> {
    const behind = new Map<number, Viewer[]>();
    for (const viewer of this.#viewers) {
      behind.set(viewer.lastId, [...(behind.get(viewer.lastId) ?? []), viewer]);
    }
    for (const [lastId, viewers] of behind) {
      const events = await eventsSince(this.#database.db, lastId, batch);
      const last = events.at(-1);
      if (last === undefined) continue;
      if (events.length === batch) this.#again = true;
      const teams = viewers.some(({ wantsTeams }) => wantsTeams)
        ? await teamsOfAccounts(
            this.#database.db,
            events.map(({ subject }) => subject),
          )
        : new Map<string, string | null>();
      for (const viewer of viewers) {
        if (!this.#viewers.has(viewer)) continue;
        viewer.lastId = last.id;
        viewer.take(events, teams);
      }
    }
  }

  async #tellProgress(): Promise<void> {
    try {
      const { changed, until } = await progressSince(this.#database.db, this.#progressFrom);
      this.#progressFrom = until;
      if (changed.length > 0) for (const viewer of this.#viewers) viewer.progress(changed);
    } catch (error) {
      this.#onError(error);
    }
    if (this.#progressTimer === null || this.#viewers.size === 0) return;
    this.#progressTimer = setTimeout(() => void this.#tellProgress(), progressMs);
  }
}
