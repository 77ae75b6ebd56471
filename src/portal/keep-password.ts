/**
 * Takes the password that an owner gives for new, with their consent at this moment: checked on old, hashed, and forgotten. What
 * makes accounts on new gets the hash.
 */
import type { Kysely } from 'kysely';
import { MailferryError } from '../base/errors.ts';
import { Secret } from '../base/secret.ts';
import { newHashOwner, setCredential } from '../state/database/credentials.ts';
import type { EnvelopeKey } from '../state/database/envelope.ts';
import { lookAgain } from '../state/database/provisions.ts';
import type { Tables } from '../state/database/tables.ts';
import type { LogIn } from './login/log-in.ts';
import type { SessionPrincipal } from './policies/scopes.ts';

interface Keeping {
  readonly db: Kysely<Tables>;
  readonly key: EnvelopeKey;
  readonly logIn: LogIn;
}

interface Giver {
  /** Of the account. */
  readonly id: string;
  readonly session: SessionPrincipal | null;
  readonly actor: string;
  readonly ip: string;
}

/** Throws `login-refused`, `old-unreachable`, `request-invalid`; nothing is changed then. */
export async function keepPassword(
  { db, key, logIn }: Keeping,
  { id, session, actor, ip }: Giver,
  password: Secret | null,
): Promise<void> {
  if (session?.accountId !== id || password === null) {
    throw new MailferryError('request-invalid', 'password: the owner gives it for this alone');
  }
  await logIn.confirmMailbox(id, { login: session.login, password, code: null, address: ip });
  const secret = new Secret(`{ARGON2ID}${await logIn.mailboxHash(password)}`);
  const place = { owner: newHashOwner(id), side: 'new' as const, login: session.login };
  await setCredential(db, key, { ...place, secret }, actor);
  // Where the account is there already, it gets this one.
  await lookAgain(db, id);
}
