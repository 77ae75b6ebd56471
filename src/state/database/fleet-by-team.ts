/** How far each team is, in messages: for the picture of the whole provider. */
import { type Kysely, sql } from 'kysely';
import type { Tables } from './tables.ts';

export interface TeamAcross {
  /** Null for accounts without a team, and for all the smaller teams together. */
  readonly id: string | null;
  readonly name: string | null;
  readonly accounts: number;
  readonly messagesTotal: number;
  readonly messagesDone: number;
}

/** The largest `most` first, by messages; the last row is what all others have together, where there are any. */
export async function fleetByTeam(db: Kysely<Tables>, most: number): Promise<TeamAcross[]> {
  const rows = await db
    .selectFrom('account')
    .leftJoin('account_progress', 'account_progress.account_id', 'account.id')
    .leftJoin('team', 'team.id', 'account.team_id')
    .select(({ fn }) => [
      'team.id',
      'team.name',
      fn.count<number>('account.id').as('accounts'),
      // PostgreSQL's sums are NUMERIC, which comes as text.
      sql<number | string>`coalesce(sum(messages_total), 0)`.as('total'),
      sql<number | string>`coalesce(sum(messages_done), 0)`.as('done'),
    ])
    .groupBy(['team.id', 'team.name'])
    .execute();
  const all = rows.map(({ id, name, accounts, total, done }) => ({
    id,
    name,
    accounts,
    messagesTotal: Number(total),
    messagesDone: Number(done),
  }));
  const bySize = all
    .filter(({ id }) => id !== null)
    .sort((a, b) => b.messagesTotal - a.messagesTotal || (a.id ?? '').localeCompare(b.id ?? ''));
  const rest = [...all.filter(({ id }) => id === null), ...bySize.slice(most)];
  return rest.length === 0 ? bySize : [...bySize.slice(0, most), together(rest)];
}

function together(teams: readonly TeamAcross[]): TeamAcross {
  const sum = (of: (one: TeamAcross) => number): number => teams.reduce((total, one) => total + of(one), 0);
  return {
    id: null,
    name: null,
    accounts: sum(({ accounts }) => accounts),
    messagesTotal: sum(({ messagesTotal }) => messagesTotal),
    messagesDone: sum(({ messagesDone }) => messagesDone),
  };
}
