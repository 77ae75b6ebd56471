/**
 * A connection to old that does nothing but listen (NOTIFY or IDLE), and is opened again when it ends. That there is
 * news is all it knows; what it is, a run finds out by itself.
 */
import { isMailferryError } from '../base/errors.ts';
import type { EngineDeps } from './engine-options.ts';
import type { StoreSession } from './mail-store.ts';
import { isConnectionError } from './patience.ts';

const firstBackoffMs = 1000;
const maxBackoffMs = 60_000;

type Deps = Pick<EngineDeps, 'old' | 'listening' | 'clock' | 'signal' | 'random'>;

export class Ear {
  /** What old tells of by itself at the moment. */
  hears: 'all' | 'inbox' | 'nothing' = 'nothing';
  /** Changes that old forgets to tell are found by the ear itself. */
  looks = false;
  readonly #deps: Deps;
  readonly #over = new AbortController();
  readonly #signal: AbortSignal;
  #task: Promise<void> = Promise.resolve();
  #failure: { readonly error: unknown } | null = null;
  /** Monotonic milliseconds at which the first news since `forget` came; null without any. */
  #heardAtMs: number | null = null;
  /** Resolves when it hears for the first time, or cannot. */
  readonly #settled = Promise.withResolvers<void>();
  /** Of all who wait: one that gave up waiting goes when its time is over. */
  readonly #waiting = new Set<() => void>();

  constructor(deps: Deps) {
    this.#deps = deps;
    this.#signal = AbortSignal.any([deps.signal, this.#over.signal]);
  }

  listen(): void {
    this.#task = this.#listen().catch((error: unknown) => {
      if (!this.#signal.aborted) this.#failure = { error };
      this.#wakeAll();
    });
  }

  /** Resolves when it hears, when the first try to listen failed, and after `atMostMs`. */
  async settled(atMostMs: number): Promise<void> {
    const done = new AbortController();
    const signal = AbortSignal.any([this.#signal, done.signal]);
    const passed = this.#deps.clock.sleep(atMostMs, signal).catch(() => {});
    await Promise.race([this.#settled.promise, passed]);
    done.abort();
  }

  /** What was heard up to now is the business of the run that begins. Gives when the first of it was heard. */
  forget(): number | null {
    const heardAt = this.#heardAtMs;
    this.#heardAtMs = null;
    return heardAt;
  }

  /** Resolves on news since `forget`, and after `atMostMs`; rejects when nobody will listen any more, or on abort. */
  async news(atMostMs: number): Promise<void> {
    const done = new AbortController();
    let wake = () => {};
    const heard = new Promise<void>((resolve) => {
      wake = resolve;
    });
    this.#waiting.add(wake);
    if (this.#heardAtMs !== null || this.#failure !== null) wake();
    const signal = AbortSignal.any([this.#signal, done.signal]);
    const passed = this.#deps.clock.sleep(atMostMs, signal).catch(() => {});
    await Promise.race([heard, passed]);
    done.abort();
    this.#waiting.delete(wake);
    this.#signal.throwIfAborted();
    if (this.#failure !== null) throw this.#failure.error;
  }

  /** Ends the listening and the connection. */
  async close(): Promise<void> {
    this.#over.abort();
    await this.#task;
  }

  async #listen(): Promise<void> {
    const { old, listening = old, clock, random } = this.#deps;
    let backoffMs = firstBackoffMs;
    while (!this.#signal.aborted) {
      let session: StoreSession | null = null;
      let namedMs = 0;
      try {
        session = await listening.openSession(this.#signal);
        await session.watch('all', this.#listener(), this.#signal);
        await session.close();
        return;
      } catch (error) {
        session?.destroy(error);
        if (this.#signal.aborted) return;
        // Neither NOTIFY nor IDLE: the clock has to do.
        if (isMailferryError(error, 'command-refused')) return;
        if (!isConnectionError(error)) throw error;
        namedMs = error.retryAfterMs ?? 0;
        if (this.hears !== 'nothing') backoffMs = firstBackoffMs;
      } finally {
        this.hears = 'nothing';
        this.looks = false;
        this.#settled.resolve();
      }
      const ms = Math.max(namedMs, backoffMs * (0.75 + 0.5 * random()));
      await clock.sleep(ms, this.#signal).catch(() => {});
      backoffMs = Math.min(maxBackoffMs, backoffMs * 2);
    }
  }

  #wakeAll(): void {
    for (const wake of this.#waiting) wake();
  }

  #listener() {
    const tell = () => {
      this.#heardAtMs ??= this.#deps.clock.monotonic();
      this.#wakeAll();
    };
    return {
      // What came before it was listened for would be missed otherwise.
      ready: (covered: readonly string[] | 'all', looks: boolean) => {
        this.looks = looks;
        this.hears = covered === 'all' ? 'all' : 'inbox';
        tell();
        this.#settled.resolve();
      },
      changed: tell,
    };
  }
}
