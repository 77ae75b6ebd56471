/** Whose session a cookie is of, with the rights that they have now: what is taken from somebody is gone at once. */
import type { Kysely } from 'kysely';
import { MailferryError } from '../../base/errors.ts';
import type { Secret } from '../../base/secret.ts';
import { personOf } from '../../state/database/people.ts';
import {
  actorOfLogin,
  noteSessionUse,
  sessionInForce,
  type SessionRow,
} from '../../state/database/sessions.ts';
import type { Tables } from '../../state/database/tables.ts';
import { teamsOfPerson } from '../../state/database/team-people.ts';
import type { Principal } from './scopes.ts';
import { hashOf } from './token-text.ts';

/** Throws `session-missing`. */
export async function sessionPrincipal(db: Kysely<Tables>, token: Secret): Promise<Principal> {
  const row = await sessionInForce(db, hashOf(token));
  if (row === null) throw new MailferryError('session-missing', 'the session has ended');
  await noteSessionUse(db, row.id);
  return principalOfSession(db, row);
}

export async function principalOfSession(db: Kysely<Tables>, row: SessionRow): Promise<Principal> {
  const { id, login, accountId, locale, createdAtMs, expiresAtMs } = row;
  const person = await personOf(db, login);
  const operator = row.operator && person?.operator === true;
  const needsTotp = operator && person.totp !== 'confirmed';
  return {
    actor: actorOfLogin({ login, operator }),
    scopes: operator && !needsTotp ? ['admin'] : [],
    session: {
      id,
      login,
      displayName: person?.displayName ?? null,
      locale,
      accountId,
      teams: await teamsOfPerson(db, login),
      operator,
      needsTotp,
      createdAtMs,
      expiresAtMs,
    },
  };
}
