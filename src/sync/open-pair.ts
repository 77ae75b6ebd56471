/** One connection to each side, opened together; when one fails the other is closed. */
import type { EngineDeps } from './engine-options.ts';
import type { StoreSession } from './mail-store.ts';

export interface SessionPair {
  readonly old: StoreSession;
  readonly fresh: StoreSession;
}

export async function openPair(deps: Pick<EngineDeps, 'old' | 'fresh' | 'signal'>): Promise<SessionPair> {
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
