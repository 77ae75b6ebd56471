/** What Postfix is told of an address: from the replica, the same answer whichever way it asks. */
import type { Replica } from '../state/replica/replica.ts';
import { candidatesOf, foldAddress } from './transport-table.ts';

export interface RouteLookup {
  /** The way to the peer; null for what this host keeps or does not know. Throws where it cannot tell. */
  (key: string): string | null;
}

interface RouteLookupOptions {
  /** Null while there is no replica that was ever whole. */
  readonly replica: () => Replica | null;
  readonly nexthop: string;
  /** As Postfix's recipient_delimiter; empty for none. */
  readonly delimiters: string;
}

class RouteUnknown extends Error {}

export function routeLookup({ replica, nexthop, delimiters }: RouteLookupOptions): RouteLookup {
  return (key) => {
    const candidates = candidatesOf(foldAddress(key), delimiters);
    if (candidates.length === 0) return null;
    const rows = replica();
    // "Not found" would send a moved account's mail to its former mailbox.
    if (rows === null || !rows.isComplete) throw new RouteUnknown('the replica is not complete yet');
    for (const address of candidates) {
      const found = rows.find(address);
      if (found !== null) return found.relayed ? nexthop : null;
    }
    return null;
  };
}
