/** What Postfix is told of an address: from the replica, the same answer whichever way it asks. */
import type { ServerSide } from '../domain/placement.ts';
import type { Replica } from '../state/replica/replica.ts';
import { candidatesOf, domainsAsked, foldAddress, restOf } from './transport-table.ts';

/**
 * `transport`: the addresses of accounts. `rest`, on new: any other address of their domains, in a table of its own since
 * Postfix asks a server with the whole address only; `domains`, on new: those domains.
 */
export type RouteMap = 'transport' | 'rest' | 'domains';

export interface RouteLookup {
  /** The way to the peer, `:` for what stays on new; null for what this host keeps or does not know. Throws where it cannot tell. */
  (map: RouteMap, key: string): string | null;
}

interface RouteLookupOptions {
  readonly side: ServerSide;
  /** Null while there is no replica that was ever whole. */
  readonly replica: () => Replica | null;
  readonly nexthop: string;
  /** As Postfix's recipient_delimiter; empty for none. */
  readonly delimiters: string;
}

class RouteUnknown extends Error {}

export function routeLookup({ side, replica, nexthop, delimiters }: RouteLookupOptions): RouteLookup {
  return (map, key) => {
    const candidates = map === 'domains' ? [] : candidatesOf(foldAddress(key), delimiters);
    if (map === 'transport' ? candidates.length === 0 : side === 'old') return null;
    if (map === 'rest' && !/.@./.test(key)) return null;
    const rows = replica();
    // "Not found" would send a moved account's mail to its former mailbox.
    if (rows === null || !rows.isComplete) throw new RouteUnknown('the replica is not complete yet');
    for (const address of candidates) {
      const relayed = rows.isRelayed(address);
      if (relayed === null) continue;
      if (map === 'rest') return null;
      return relayed ? nexthop : side === 'new' ? ':' : null;
    }
    if (map === 'transport') return null;
    const domains = domainsAsked(key.slice(key.lastIndexOf('@') + 1));
    return domains.some((name) => rows.hasDomain(name)) ? restOf(nexthop) : null;
  };
}
