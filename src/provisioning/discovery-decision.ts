/** What a list of old's addresses means for the accounts that are known. Values in, values out. */
import { MailferryError } from '../base/errors.ts';
import { flatInSlices, inSlices } from '../base/slices.ts';
import type { DiscoveredState, WatchedAccount } from '../state/database/discovered.ts';
import type { ListedAddress } from './address-source.ts';

/** Where more are missing at once than this, the list is not believed: so many, and this share of all. */
const missingAtMost = 3;
const missingShare = 0.05;

/** Each address once, as an own one or as an alias: the first wins. */
export async function listOnce(listed: readonly ListedAddress[]): Promise<ListedAddress[]> {
  const own = new Set<string>();
  await inSlices(listed, ({ address }) => own.add(address));
  const seen = new Set<string>();
  const taken = new Set<string>();
  return flatInSlices(listed, (one) => {
    if (seen.has(one.address)) return [];
    seen.add(one.address);
    const aliases = one.aliases.filter((alias) => !own.has(alias) && !taken.has(alias));
    for (const alias of aliases) taken.add(alias);
    return [{ ...one, aliases: [...new Set(aliases)] }];
  });
}

/** Whether the list has the account: by its address, or by its login there. */
export async function listLookup(
  listed: readonly ListedAddress[],
): Promise<(account: WatchedAccount) => boolean> {
  const addresses = new Set<string>();
  const logins = new Set<string>();
  await inSlices(listed, ({ address, login }) => {
    addresses.add(address);
    logins.add(login.toLowerCase());
  });
  return ({ address, oldLogin }) => addresses.has(address) || logins.has(oldLogin.toLowerCase());
}

export interface Absences {
  /** For the first time. */
  readonly missing: readonly WatchedAccount[];
  /** For the second. */
  readonly vanished: readonly WatchedAccount[];
  /** Ids of those that were missing, and are there again. */
  readonly returned: readonly string[];
}

/**
 * `absent`: accounts that the list does not have, of `watched` in all. Throws `discovery-stopped` where it has none of its own,
 * or so many are absent at once that it cannot be whole.
 */
export function decideAbsences(
  absent: readonly WatchedAccount[],
  watched: number,
  listed: number,
  before: ReadonlyMap<string, DiscoveredState>,
): Absences {
  if (listed === 0)
    throw new MailferryError('discovery-stopped', 'the list of addresses is empty, and is not believed', {
      side: 'old',
    });
  const fresh = absent.filter(({ id }) => before.get(id) !== 'vanished');
  const most = Math.max(missingAtMost, Math.ceil(watched * missingShare));
  if (fresh.length > most) {
    const text = `${fresh.length} of ${watched} accounts are not in the list of addresses, and it is not believed`;
    throw new MailferryError('discovery-stopped', text, { side: 'old' });
  }
  const gone = new Set(absent.map(({ id }) => id));
  return {
    missing: fresh.filter(({ id }) => !before.has(id)),
    vanished: fresh.filter(({ id }) => before.get(id) === 'missing'),
    returned: [...before.keys()].filter((id) => !gone.has(id)),
  };
}
