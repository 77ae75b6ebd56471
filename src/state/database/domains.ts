/** Domains of the accounts' addresses, and which team each belongs to. */
import type { Kysely } from 'kysely';
import { databaseNow } from './dialect.ts';
import type { NamePage } from './teams.ts';
import type { Tables } from './tables.ts';

export interface Domain {
  readonly name: string;
  readonly team: string | null;
  /** `relayed`: its mail arrives at old, which relays it for those who moved. */
  readonly phase: string;
  readonly accounts: number;
}

/** Those that are there already stay as they are. In the transaction of the change that needs them. */
export async function addDomains(
  inside: Kysely<Tables>,
  domains: readonly { readonly name: string | null; readonly teamId: string | null }[],
): Promise<void> {
  const rows = domains.flatMap(({ name, teamId }) =>
    name === null ? [] : [{ name, team_id: teamId, phase: 'relayed', created_at_ms: databaseNow(inside) }],
  );
  if (rows.length === 0) return;
  await inside
    .insertInto('domain')
    .values(rows)
    .onConflict((conflict) => conflict.column('name').doNothing())
    .execute();
}

/** In the order of their names. */
export async function domainsPage(db: Kysely<Tables>, { after, limit }: NamePage): Promise<Domain[]> {
  let question = db
    .selectFrom('domain')
    .leftJoin('team', 'team.id', 'domain.team_id')
    .select((eb) => [
      'domain.name',
      'team.name as team',
      'domain.phase',
      eb
        .selectFrom('account')
        .whereRef('account.domain', '=', 'domain.name')
        .select(({ fn }) => fn.countAll<number>().as('n'))
        .as('accounts'),
    ])
    .orderBy('domain.name')
    .limit(limit);
  if (after !== null) question = question.where('domain.name', '>', after);
  return (await question.execute()).map((row) => ({ ...row, accounts: row.accounts ?? 0 }));
}
