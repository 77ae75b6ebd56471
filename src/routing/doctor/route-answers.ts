/** What Postfix's tool says of some addresses, beside what the replica says. Pure. */
import { domainToASCII } from 'node:url';
import type { ServerSide } from '../../domain/placement.ts';
import { keysOf, restOf } from '../transport-table.ts';
import type { RouteDifference } from './facts.ts';

export interface AskedRoute {
  readonly key: string;
  /** As the replica has it; null: no row. */
  readonly replica: string | null;
}

/** Nobody has this local part, and Postfix would have to be told nothing of it. */
const nobody = 'no-such-account.mailferry-doctor';

/**
 * What is asked, and what has to be answered: addresses of the replica, one of nobody, and on new a domain where the table has
 * those as well.
 */
export function askedRoutes(
  side: ServerSide,
  nexthop: string,
  sample: readonly { readonly address: string; readonly relayed: boolean }[],
  hasDomains: boolean,
): AskedRoute[] {
  const asked = sample.flatMap(({ address, relayed }): AskedRoute[] => {
    const [key] = keysOf(address);
    if (key === undefined) return [];
    return [{ key, replica: relayed ? nexthop : side === 'new' ? ':' : null }];
  });
  const first = sample[0]?.address;
  if (first === undefined) return asked;
  const domain = domainToASCII(first.slice(first.lastIndexOf('@') + 1));
  if (domain === '') return asked;
  return [
    ...asked,
    { key: `${nobody}@${domain}`, replica: null },
    ...(side === 'new' && hasDomains ? [{ key: domain, replica: restOf(nexthop) }] : []),
  ];
}

/** `said`: lines of `postmap -q -`, key and value; keys without a row are not among them. */
export function differencesOf(asked: readonly AskedRoute[], said: string): RouteDifference[] {
  const answers = new Map(
    said.split('\n').flatMap((line) => {
      const at = line.indexOf('\t');
      return at === -1 ? [] : [[line.slice(0, at), line.slice(at + 1)] as const];
    }),
  );
  return asked
    .map(({ key, replica }) => ({ key, replica, table: answers.get(key) ?? null }))
    .filter(({ table, replica }) => table !== replica);
}
