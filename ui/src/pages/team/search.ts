/** What of a team's page is in its address: search text, filter, order, the account that lies open, who is selected. */
import type { TeamState } from '../../api/contract.ts';

export const teamStates = [
  'needs-you',
  'under-way',
  'waiting',
  'paused',
  'across',
] as const satisfies readonly TeamState[];
export const teamOrders = ['address', 'state', 'progress', 'bytes', 'activity'] as const;
export type TeamOrder = (typeof teamOrders)[number];

export interface TeamSearch {
  readonly q?: string | undefined;
  readonly state?: TeamState | undefined;
  readonly sort?: TeamOrder | undefined;
  readonly down?: boolean | undefined;
  readonly account?: string | undefined;
  /** Who is selected, as selection.ts writes it. */
  readonly sel?: string | undefined;
}

/** What is none of these is undefined, not left out: the router keeps what this leaves out. */
export function teamSearch(search: Record<string, unknown>): TeamSearch {
  const text = (value: unknown): string | undefined =>
    typeof value === 'string' || typeof value === 'number' ? String(value).slice(0, 200) : undefined;
  const q = text(search['q']);
  return {
    q: q === '' ? undefined : q,
    state: teamStates.find((name) => name === search['state']),
    sort: teamOrders.find((name) => name === search['sort']),
    down: search['down'] === true ? true : undefined,
    account: text(search['account']),
    sel: typeof search['sel'] === 'string' ? search['sel'].slice(0, 2_000) : undefined,
  };
}
