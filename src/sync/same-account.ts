/**
 * Refuses one account on both sides (F-16): it would be copied into itself for ever. Same host, port and user is plain;
 * behind two names it shows by equal mailboxes, and a canary mailbox proves it.
 */
import { MailferryError } from '../base/errors.ts';
import type { EngineDeps } from './engine-options.ts';
import type { SessionPair } from './open-pair.ts';
import type { StoreListing } from './mail-store.ts';

const canaryName = 'mailferry-canary-';

export async function refuseSameAccount(
  deps: Pick<EngineDeps, 'old' | 'fresh' | 'random'>,
  pair: SessionPair,
  allow: { readonly canary: boolean } = { canary: true },
): Promise<void> {
  const a = deps.old.identity;
  const b = deps.fresh.identity;
  if (a.host.toLowerCase() === b.host.toLowerCase() && a.port === b.port && a.user === b.user) throw same();
  const [old, fresh] = await Promise.all([pair.old.list(), pair.fresh.list()]);
  if (!allow.canary) return;
  await removeCanaries(pair, old, fresh);
  if (!looksTheSame(old, fresh)) return;
  const canary = `${fresh.prefix}${canaryName}${Math.floor(deps.random() * 1e9)}`;
  const created = await pair.fresh.create(canary, null);
  if (created.kind === 'refused') return;
  try {
    const again = await pair.old.list();
    if (again.mailboxes.some((m) => m.name === canary)) throw same();
  } finally {
    await pair.fresh.remove(canary);
  }
}

/** What an interrupted run left behind; seen on both sides it proves as much as a new one. */
async function removeCanaries(pair: SessionPair, old: StoreListing, fresh: StoreListing): Promise<void> {
  for (const { name, status } of fresh.mailboxes) {
    if (!name.startsWith(fresh.prefix + canaryName) || (status?.messages ?? 0) > 0) continue;
    await pair.fresh.remove(name);
    if (old.mailboxes.some((m) => m.name === name)) throw same();
  }
}

function same(): MailferryError {
  return new MailferryError('same-account', 'both addresses lead to the same account');
}

function looksTheSame(old: StoreListing, fresh: StoreListing): boolean {
  const print = (listing: StoreListing) =>
    listing.mailboxes
      .filter((m) => !m.name.includes(canaryName))
      .map((m) => `${m.name} ${m.status?.uidValidity} ${m.status?.uidNext} ${m.status?.messages}`)
      .sort()
      .join('\n');
  return old.mailboxes.some((m) => (m.status?.messages ?? 0) > 0) && print(old) === print(fresh);
}
