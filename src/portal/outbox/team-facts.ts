/** How a team stands, as its summary tells it. */
import type { Kysely } from 'kysely';
import type { ErrorCode } from '../../base/errors.ts';
import { askingCodes } from '../../domain/trouble.ts';
import type { Tables } from '../../state/database/tables.ts';
import { type AccountState, teamAccounts, teamSummary } from '../../state/database/team-accounts.ts';

export interface TeamFacts {
  readonly accounts: number;
  readonly states: Readonly<Partial<Record<AccountState, number>>>;
  readonly refused: number;
  /** The first of those that need a person, by address. */
  readonly needing: readonly { readonly address: string; readonly code: string | null }[];
}

/** A mail that lists more is not read. */
const namedAtMost = 20;

export async function teamFacts(db: Kysely<Tables>, teamId: string): Promise<TeamFacts> {
  const asking: readonly ErrorCode[] = askingCodes();
  const { accounts, states, refused } = await teamSummary(db, teamId, asking);
  const filter = {
    teamId,
    contains: null,
    phase: null,
    state: 'needs-you',
    sort: 'address',
    descending: false,
  } as const;
  const { rows } = await teamAccounts(db, filter, asking, { offset: 0, limit: namedAtMost });
  const needing = rows.map(({ address, attentionCode }) => ({ address, code: attentionCode }));
  return { accounts, states, refused, needing };
}

/** Two that are equal have nothing new to say. */
export function toldOf({ states, needing }: TeamFacts): string {
  const counts = Object.entries(states).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([counts, needing.map(({ address, code }) => `${address} ${code ?? ''}`)]);
}
