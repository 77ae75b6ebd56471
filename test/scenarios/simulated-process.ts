/**
 * A process that can be killed and stopped. All that reaches it from outside (answers of servers, timers, notifications)
 * passes `comesIn`: a process that sleeps gets it when it wakes, a dead one never. What it sent before is out of its hands.
 * Answers of the database are let through: within a microtask's reach of them comes one of the others.
 */
import type { Clock } from '../../src/base/clock.ts';
import type { Notifications } from '../../src/state/database/notifications.ts';
import type { Database } from '../../src/state/database/open-database.ts';
import type { Journal } from '../../src/sync/journal.ts';
import type { BodySink, MailStore, StoreSession, WatchListener } from '../../src/sync/mail-store.ts';

/** Of each answer of a server. The same for all: answers keep their order. */
const latencyMs = 5;

export class SimulatedProcess {
  readonly clock: Clock;
  #state: 'runs' | 'sleeps' | 'dead' = 'runs';
  readonly #waiting: (() => void)[] = [];
  readonly #sessions = new Set<StoreSession>();
  readonly #hearing: Notifications[] = [];
  #planned: { halfSteps: number; readonly what: 'sleep' | 'kill' } | null = null;

  constructor(clock: Clock) {
    this.clock = {
      now: () => clock.now(),
      monotonic: () => clock.monotonic(),
      sleep: (ms, signal) => this.comesIn(clock.sleep(ms, signal)),
    };
  }

  get state(): 'runs' | 'sleeps' | 'dead' {
    return this.#state;
  }

  /** As by SIGSTOP. */
  sleep(): void {
    if (this.#state === 'runs') this.#state = 'sleeps';
  }

  /** As by SIGCONT. */
  wake(): void {
    if (this.#state !== 'sleeps') return;
    this.#state = 'runs';
    for (const go of this.#waiting.splice(0)) go();
  }

  /** As by SIGKILL: its connections end, nothing that it had begun goes on. */
  kill(): void {
    this.#state = 'dead';
    for (const session of this.#sessions) session.destroy('the process was killed');
    for (const one of this.#hearing) void one.close();
  }

  /** Before its n-th step of a journal from now on, or after it where `n` ends in a half. */
  atStep(n: number, what: 'sleep' | 'kill'): void {
    this.#planned = { halfSteps: Math.max(1, n * 2), what };
  }

  async comesIn<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } finally {
      await this.#running();
    }
  }

  database(database: Database): Database {
    return {
      ...database,
      listen: (wake) => {
        const hearing = database.listen(() => void this.#running().then(wake));
        this.#hearing.push(hearing);
        return hearing;
      },
      close: async () => {},
    };
  }

  journal(journal: Journal): Journal {
    const step = async (): Promise<void> => {
      if (this.#planned !== null && --this.#planned.halfSteps === 0) {
        this[this.#planned.what]();
        this.#planned = null;
      }
      await this.#running();
    };
    return {
      load: () => journal.load(),
      chunks: (mailboxId, generation) => journal.chunks(mailboxId, generation),
      record: async (entry) => {
        const own = structuredClone(entry);
        await step();
        await journal.record(own);
        await step();
      },
    };
  }

  store(store: MailStore): MailStore {
    return {
      side: store.side,
      identity: store.identity,
      openSession: async (signal) => {
        const opening = store.openSession(signal).then((session) => {
          if (this.#state === 'dead') session.destroy('the process was killed');
          else this.#sessions.add(session);
          return session;
        });
        return this.#session(await this.#answer(opening));
      },
    };
  }

  async #running(): Promise<void> {
    while (this.#state !== 'runs') await new Promise<void>((go) => this.#waiting.push(go));
  }

  #answer<T>(work: Promise<T>): Promise<T> {
    const late = async () => {
      try {
        return await work;
      } finally {
        await this.clock.sleep(latencyMs);
      }
    };
    return this.comesIn(late());
  }

  #session(session: StoreSession): StoreSession {
    const overridden: Partial<StoreSession> = {
      fetchBodies: (uids, sink) => this.#answer(session.fetchBodies(uids, this.#sink(sink))),
      watch: (mailboxes, listener, signal) =>
        this.comesIn(session.watch(mailboxes, this.#listener(listener), signal)),
      destroy: (reason) => {
        this.#sessions.delete(session);
        session.destroy(reason);
      },
    };
    return new Proxy(session, {
      get: (target, key) => {
        const own = overridden[key as keyof StoreSession];
        if (own !== undefined) return own;
        const value: unknown = Reflect.get(target, key, target);
        if (typeof value !== 'function') return value;
        return (...args: readonly unknown[]) => this.#answer(Reflect.apply(value, target, args));
      },
    });
  }

  #sink(sink: BodySink): BodySink {
    const whenRunning = (work: () => void | Promise<void>) =>
      this.#state === 'runs' ? work() : this.#running().then(work);
    return {
      begin: (uid, sizeBytes) => sink.begin(uid, sizeBytes),
      chunk: (bytes) => whenRunning(() => sink.chunk(bytes)),
      end: (uid) => whenRunning(() => sink.end(uid)),
      missing: (uid, reason) => sink.missing(uid, reason),
    };
  }

  #listener(listener: WatchListener): WatchListener {
    const whenRunning = (work: () => void) =>
      this.#state === 'runs' ? work() : void this.#running().then(work);
    return {
      ready: (covered, looks) => whenRunning(() => listener.ready(covered, looks)),
      changed: (name) => whenRunning(() => listener.changed(name)),
    };
  }
}
