/** Who may do what for a team. People log in with the password of their mailbox. */
import type { Kysely } from 'kysely';
import { MailferryError } from '../../base/errors.ts';
import { appendAudit } from './audit.ts';
import { appendEvent } from './events.ts';
import type { Tables } from './tables.ts';

/** `view`: see its accounts; `move`: start, pause, retry; `plan`: set times and waves; `people`: give these rights. */
export const teamRights = ['view', 'move', 'plan', 'people'] as const;
export type TeamRight = (typeof teamRights)[number];

export interface TeamRole {
  readonly id: string;
  readonly name: string;
  readonly rights: readonly TeamRight[];
}

/** By the team's name. */
export async function teamsOfPerson(db: Kysely<Tables>, login: string): Promise<TeamRole[]> {
  const rows = await db
    .selectFrom('team_person')
    .innerJoin('team', 'team.id', 'team_person.team_id')
    .select(['team.id', 'team.name', 'team_person.rights'])
    .where('team_person.login', '=', login)
    .orderBy('team.name')
    .execute();
  return rows.map(({ id, name, rights }) => ({ id, name, rights: rightsOf(rights) }));
}

/** By login. */
export async function peopleOfTeam(
  db: Kysely<Tables>,
  teamId: string,
): Promise<{ readonly login: string; readonly rights: readonly TeamRight[] }[]> {
  const rows = await db
    .selectFrom('team_person')
    .select(['login', 'rights'])
    .where('team_id', '=', teamId)
    .orderBy('login')
    .execute();
  return rows.map(({ login, rights }) => ({ login, rights: rightsOf(rights) }));
}

/** By login and the team's name, for as many logins as a statement takes. */
export async function rightsByTeam(
  db: Kysely<Tables>,
  logins: readonly string[],
): Promise<ReadonlyMap<string, ReadonlyMap<string, readonly TeamRight[]>>> {
  const found = new Map<string, Map<string, readonly TeamRight[]>>();
  if (logins.length === 0) return found;
  const rows = await db
    .selectFrom('team_person')
    .innerJoin('team', 'team.id', 'team_person.team_id')
    .select(['team_person.login', 'team_person.rights', 'team.name'])
    .where('team_person.login', 'in', logins)
    .execute();
  for (const { login, rights, name } of rows) {
    const own = found.get(login) ?? new Map<string, readonly TeamRight[]>();
    found.set(login, own.set(name, rightsOf(rights)));
  }
  return found;
}

/** Of one team: a list that a person can still read. */
const maxPeople = 500;

/** Whoever may anything may see. Throws `request-invalid` where the team has too many. */
export async function putTeamPerson(
  db: Kysely<Tables>,
  teamId: string,
  one: { readonly login: string; readonly rights: readonly TeamRight[] },
  actor: string,
): Promise<void> {
  await db.transaction().execute((inside) => putRights(inside, teamId, one, actor));
}

/** The same in the transaction of a larger change. */
export async function putRights(
  inside: Kysely<Tables>,
  teamId: string,
  one: { readonly login: string; readonly rights: readonly TeamRight[] },
  actor: string,
): Promise<void> {
  const rights = teamRights.filter((right) => right === 'view' || one.rights.includes(right));
  const people = await peopleOfTeam(inside, teamId);
  const before = people.find(({ login }) => login === one.login);
  if (before?.rights.join() === rights.join()) return;
  if (before === undefined && people.length >= maxPeople) {
    throw new MailferryError('request-invalid', `the team has ${maxPeople} people already`);
  }
  const row = { team_id: teamId, login: one.login, rights: JSON.stringify(rights) };
  await inside
    .insertInto('team_person')
    .values(row)
    .onConflict((conflict) => conflict.columns(['login', 'team_id']).doUpdateSet({ rights: row.rights }))
    .execute();
  const detail = { login: one.login, rights, before: before?.rights ?? [] };
  await appendAudit(inside, { actor, action: 'team.person', subject: teamId, detail });
  await appendEvent(inside, { kind: 'team.person', subject: teamId, detail });
}

/** Does nothing where they have no right. */
export async function removeTeamPerson(
  db: Kysely<Tables>,
  teamId: string,
  login: string,
  actor: string,
): Promise<void> {
  await db.transaction().execute(async (inside) => {
    const removed = await inside
      .deleteFrom('team_person')
      .where('team_id', '=', teamId)
      .where('login', '=', login)
      .returning('rights')
      .executeTakeFirst();
    if (removed === undefined) return;
    await inside
      .deleteFrom('summary_mail')
      .where('team_id', '=', teamId)
      .where('login', '=', login)
      .execute();
    const detail = { login, rights: [], before: rightsOf(removed.rights) };
    await appendAudit(inside, { actor, action: 'team.person', subject: teamId, detail });
    await appendEvent(inside, { kind: 'team.person', subject: teamId, detail });
  });
}

/** Words that a newer release may have written are left out. */
function rightsOf(text: string): readonly TeamRight[] {
  const words = JSON.parse(text) as readonly string[];
  return teamRights.filter((right) => words.includes(right));
}
