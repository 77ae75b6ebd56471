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
  /** Of all its accounts; a domain may be shared. */
  readonly teams: readonly string[];
  /** Its accounts by phase; phases without accounts are left out. */
  readonly phases: Readonly<Record<string, number>>;
  /** Of the accounts that were counted. */
  readonly messagesTotal: number;
  readonly messagesDone: number;
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
  const rows = await question.execute();
  const { phases, teams, sums } = await accountsOf(
    db,
    rows.map(({ name }) => name),
  );
  return rows.map((row) => ({
    ...row,
    accounts: row.accounts ?? 0,
    teams: teams.get(row.name) ?? [],
    phases: phases.get(row.name) ?? {},
    messagesTotal: sums.get(row.name)?.total ?? 0,
    messagesDone: sums.get(row.name)?.done ?? 0,
  }));
}

/** What is told of the accounts of these domains: three questions, however many there are. */
async function accountsOf(db: Kysely<Tables>, names: readonly string[]) {
  const phases = new Map<string, Record<string, number>>();
  const teams = new Map<string, string[]>();
  const sums = new Map<string, { readonly total: number; readonly done: number }>();
  if (names.length === 0) return { phases, teams, sums };
  const byPhase = await db
    .selectFrom('account')
    .select(({ fn }) => ['domain', 'phase', fn.countAll<number>().as('n')])
    .where('domain', 'in', names)
    .groupBy(['domain', 'phase'])
    .execute();
  for (const { domain, phase, n } of byPhase) {
    if (domain !== null) phases.set(domain, { ...phases.get(domain), [phase]: n });
  }
  const byTeam = await db
    .selectFrom('account')
    .innerJoin('team', 'team.id', 'account.team_id')
    .select(['account.domain', 'team.name'])
    .distinct()
    .where('account.domain', 'in', names)
    .orderBy('team.name')
    .execute();
  for (const { domain, name } of byTeam) {
    if (domain !== null) teams.set(domain, [...(teams.get(domain) ?? []), name]);
  }
  const counted = await db
    .selectFrom('account')
    .innerJoin('account_progress as p', 'p.account_id', 'account.id')
    .select(({ fn }) => [
      'account.domain',
      fn.sum<number | string>('p.messages_total').as('total'),
      fn.sum<number | string>('p.messages_done').as('done'),
    ])
    .where('account.domain', 'in', names)
    .groupBy('account.domain')
    .execute();
  for (const { domain, total, done } of counted) {
    // PostgreSQL's sums are NUMERIC, which comes as text.
    if (domain !== null) sums.set(domain, { total: Number(total), done: Number(done) });
  }
  return { phases, teams, sums };
}
