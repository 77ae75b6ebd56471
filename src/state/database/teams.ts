/** Teams: the customers that accounts and domains belong to. */
import type { Kysely } from 'kysely';
import { MailferryError } from '../../base/errors.ts';
import { appendAudit } from './audit.ts';
import { appendEvent } from './events.ts';
import { databaseNow } from './dialect.ts';
import { newId } from './new-id.ts';
import type { Tables } from './tables.ts';

export interface Team {
  readonly id: string;
  readonly name: string;
  readonly accounts: number;
}

/** A page of a list in the order of names. */
export interface NamePage {
  /** The last name of the page before; null for the first page. */
  readonly after: string | null;
  readonly limit: number;
}

/** The ids by name; what is missing is added. In the transaction of the change that needs them. */
export async function ensureTeams(
  inside: Kysely<Tables>,
  names: readonly string[],
  nowMs: number,
): Promise<ReadonlyMap<string, string>> {
  if (names.length === 0) return new Map();
  await inside
    .insertInto('team')
    .values(names.map((name) => ({ id: newId(nowMs), name, created_at_ms: databaseNow(inside) })))
    .onConflict((conflict) => conflict.column('name').doNothing())
    .execute();
  return teamIds(inside, names);
}

/** Gives the id. Throws `team-exists`. */
export async function addTeam(
  db: Kysely<Tables>,
  name: string,
  actor: string,
  nowMs: number,
): Promise<string> {
  const id = newId(nowMs);
  return db.transaction().execute(async (inside) => {
    const added = await inside
      .insertInto('team')
      .values({ id, name, created_at_ms: databaseNow(inside) })
      .onConflict((conflict) => conflict.column('name').doNothing())
      .returning('id')
      .executeTakeFirst();
    if (added === undefined) throw new MailferryError('team-exists', `there is a team ${name} already`);
    await appendAudit(inside, { actor, action: 'team.add', subject: id, detail: { name } });
    await appendEvent(inside, { kind: 'team.add', subject: id, detail: { name } });
    return id;
  });
}

/** The ids by name; what is not there is left out. */
export async function teamIds(
  db: Kysely<Tables>,
  names: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  if (names.length === 0) return new Map();
  const rows = await db.selectFrom('team').select(['id', 'name']).where('name', 'in', names).execute();
  return new Map(rows.map(({ id, name }) => [name, id]));
}

/** Throws `team-unknown`. */
export async function teamById(
  db: Kysely<Tables>,
  id: string,
): Promise<{ readonly id: string; readonly name: string }> {
  const row = await db.selectFrom('team').select(['id', 'name']).where('id', '=', id).executeTakeFirst();
  if (row === undefined) throw new MailferryError('team-unknown', `there is no team ${id}`);
  return row;
}

/** In the order of their names. */
export async function teamsPage(db: Kysely<Tables>, { after, limit }: NamePage): Promise<Team[]> {
  let question = db
    .selectFrom('team')
    .select((eb) => [
      'id',
      'name',
      eb
        .selectFrom('account')
        .whereRef('account.team_id', '=', 'team.id')
        .select(({ fn }) => fn.countAll<number>().as('n'))
        .as('accounts'),
    ])
    .orderBy('name')
    .limit(limit);
  if (after !== null) question = question.where('name', '>', after);
  return (await question.execute()).map((row) => ({ ...row, accounts: row.accounts ?? 0 }));
}
