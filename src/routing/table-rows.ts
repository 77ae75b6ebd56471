/**
 * The rows of Postfix's table on either side. On old only what has moved is in it: all else stays as it was without
 * Mailferry. On new, whose domains are shared, each address is in it, and each domain, for what nobody but old may know:
 *
 *   old  moved address    mailferry:[new]:25
 *   new  not moved        mailferry:[old]:25
 *        moved            :                        (found, and nothing changed: delivered here)
 *        example.org      mailferry-rest:[old]:25  (any other address; asked for at old before it is taken)
 *        @example.org     the same                 (lists the domain's addresses as valid ones)
 *
 * Pure.
 */
import type { ServerSide } from '../domain/placement.ts';
import type { RouteChanges } from '../state/replica/replica.ts';
import type { TableChanges } from './postmap.ts';
import { domainKeysOf, keysOf, restOf } from './transport-table.ts';

export interface TableRow {
  readonly key: string;
  readonly value: string;
}

const stays = ':';

/** `nexthop`: to the peer. */
export function* allRows(
  side: ServerSide,
  nexthop: string,
  addresses: Iterable<{ readonly address: string; readonly relayed: boolean }>,
): Iterable<TableRow> {
  const domains = new Set<string>();
  for (const { address, relayed } of addresses) {
    if (side === 'new') domains.add(domainOf(address));
    else if (!relayed) continue;
    for (const key of keysOf(address)) yield { key, value: relayed ? nexthop : stays };
  }
  for (const domain of domains) yield* rowsOfDomain(domain, nexthop);
}

/** `known`: domains whose rows are there; those that come are added. */
export function changedRows(
  side: ServerSide,
  nexthop: string,
  { set, kept, removed }: RouteChanges,
  known: Set<string>,
): TableChanges {
  const relayed = set.flatMap(keysOf).map((key) => ({ key, value: nexthop }));
  const rows = (all: readonly TableRow[]): TableChanges => {
    const there = new Set(all.map(({ key }) => key));
    return { set: all, removed: removed.flatMap(keysOf).filter((key) => !there.has(key)) };
  };
  if (side === 'old') return rows(relayed);
  const staying = kept.flatMap(keysOf).map((key) => ({ key, value: stays }));
  const domains = new Set([...set, ...kept].map(domainOf).filter((domain) => !known.has(domain)));
  for (const domain of domains) known.add(domain);
  return rows([...relayed, ...staying, ...[...domains].flatMap((domain) => rowsOfDomain(domain, nexthop))]);
}

function rowsOfDomain(domain: string, nexthop: string): TableRow[] {
  const value = restOf(nexthop);
  return domainKeysOf(domain).flatMap((name) => [
    { key: name, value },
    { key: `@${name}`, value },
  ]);
}

const domainOf = (address: string): string => address.slice(address.lastIndexOf('@') + 1);
