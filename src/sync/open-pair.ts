/** One connection to each side, opened together; when one fails the other is closed. */
import type { EngineDeps } from './engine-options.ts';
import type { StoreSession } from './mail-store.ts';

export interface SessionPair {
  readonly old: StoreSession;
  readonly fresh: StoreSession;
}

type Sides = Pick<EngineDeps, 'old' | 'fresh' | 'signal'>;

export async function openPair(deps: Sides): Promise<SessionPair> {
  const [old, fresh] = await Promise.allSettled([
    deps.old.openSession(deps.signal),
    deps.fresh.openSession(deps.signal),
  ]);
  if (old.status === 'fulfilled' && fresh.status === 'fulfilled')
    return { old: old.value, fresh: fresh.value };
  if (old.status === 'fulfilled') await old.value.close();
  if (fresh.status === 'fulfilled') await fresh.value.close();
  throw old.status === 'rejected' ? old.reason : (fresh as PromiseRejectedResult).reason;
}

/** A pair that is opened when it is needed, and again where a connection ended meanwhile. */
export class PairKeeper {
  readonly #deps: Sides;
  #pair: SessionPair | null = null;

  constructor(deps: Sides) {
    this.#deps = deps;
  }

  async open(): Promise<SessionPair> {
    const now = this.#pair;
    if (now !== null && !now.old.closed && !now.fresh.closed) return now;
    this.drop();
    this.#pair = await openPair(this.#deps);
    return this.#pair;
  }

  /** Cuts both: answers of work half done may still be on their way. */
  drop(): void {
    this.#pair?.old.destroy('given up');
    this.#pair?.fresh.destroy('given up');
    this.#pair = null;
  }

  async close(): Promise<void> {
    const now = this.#pair;
    this.#pair = null;
    if (now !== null) await Promise.all([now.old.close(), now.fresh.close()]);
  }
}
