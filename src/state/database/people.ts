/**
 * People of the portal: operators, with a password and a second factor of their own, and who may do what for a team.
 * The owner of a mailbox needs no row here: the old server knows the password.
 */
import type { Kysely, Selectable } from 'kysely';
import { MailferryError } from '../../base/errors.ts';
import type { Secret } from '../../base/secret.ts';
import { appendAudit, type AuditEntry } from './audit.ts';
import { databaseNow } from './dialect.ts';
import type { EnvelopeKey } from './envelope.ts';
import { appendEvent } from './events.ts';
import { endSessionsOf } from './sessions.ts';
import type { PersonTable, Tables } from './tables.ts';

export interface Person {
  readonly login: string;
  readonly displayName: string | null;
  readonly locale: string | null;
  readonly operator: boolean;
  /** Argon2id in PHC form; null without a password of the portal. */
  readonly passwordHash: string | null;
  readonly totp: 'none' | 'begun' | 'confirmed';
  readonly createdAtMs: number;
}

export async function personOf(db: Kysely<Tables>, login: string): Promise<Person | null> {
  const row = await db.selectFrom('person').selectAll().where('login', '=', login).executeTakeFirst();
  return row === undefined ? null : personOfRow(row);
}

/** All that have a password or a right of operators, by login. */
export async function operators(db: Kysely<Tables>): Promise<Person[]> {
  const rows = await db
    .selectFrom('person')
    .selectAll()
    .where('operator', '=', 1)
    .orderBy('login')
    .limit(1_000)
    .execute();
  return rows.map(personOfRow);
}

export interface NewOperator {
  readonly login: string;
  readonly displayName: string | null;
  readonly passwordHash: string;
}

/** Also makes an operator of a person who is there. Throws `operator-exists`. */
export async function addOperator(db: Kysely<Tables>, one: NewOperator, actor: string): Promise<void> {
  const { login, displayName, passwordHash } = one;
  await db.transaction().execute(async (inside) => {
    const before = await personOf(inside, login);
    if (before?.operator === true) {
      throw new MailferryError('operator-exists', `${login} is an operator already`);
    }
    const changing = { display_name: displayName, operator: 1, password: passwordHash };
    await inside
      .insertInto('person')
      .values({
        login,
        ...changing,
        locale: null,
        totp_sealed: null,
        totp_confirmed: 0,
        totp_step: 0,
        created_at_ms: databaseNow(inside),
      })
      .onConflict((conflict) => conflict.column('login').doUpdateSet(changing))
      .execute();
    await told(inside, { actor, action: 'operator.add', subject: login, detail: { displayName } });
  });
}

/** Their sessions end; rights for teams stay. Throws `operator-unknown`. */
export async function removeOperator(db: Kysely<Tables>, login: string, actor: string): Promise<void> {
  const nothing = { operator: 0, password: null, totp_sealed: null, totp_confirmed: 0 };
  await changeOperator(db, login, nothing, { actor, action: 'operator.remove' });
}

/** Their sessions end. Throws `operator-unknown`. */
export async function setOperatorPassword(
  db: Kysely<Tables>,
  login: string,
  passwordHash: string,
  actor: string,
): Promise<void> {
  await changeOperator(db, login, { password: passwordHash }, { actor, action: 'operator.password' });
}

/** The next login sets up a new one. Their sessions end. Throws `operator-unknown`. */
export async function resetTotp(db: Kysely<Tables>, login: string, actor: string): Promise<void> {
  const nothing = { totp_sealed: null, totp_confirmed: 0 };
  await changeOperator(db, login, nothing, { actor, action: 'operator.totp-reset' });
}

async function changeOperator(
  db: Kysely<Tables>,
  login: string,
  changes: Partial<Pick<PersonTable, 'operator' | 'password' | 'totp_sealed' | 'totp_confirmed'>>,
  who: Pick<AuditEntry, 'actor' | 'action'>,
): Promise<void> {
  await db.transaction().execute(async (inside) => {
    const found = await inside
      .updateTable('person')
      .set(changes)
      .where('login', '=', login)
      .where('operator', '=', 1)
      .returning('login')
      .executeTakeFirst();
    if (found === undefined) throw new MailferryError('operator-unknown', `there is no operator ${login}`);
    await endSessionsOf(inside, login);
    await told(inside, { ...who, subject: login, detail: {} });
  });
}

/** Sealed; in force once `confirmTotp` was called. Replaces one that was begun, never one that is confirmed. */
export async function beginTotp(
  db: Kysely<Tables>,
  key: EnvelopeKey,
  login: string,
  secret: Secret,
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('person')
    .set({ totp_sealed: key.seal(secret, login, 'person.totp'), totp_confirmed: 0 })
    .where('login', '=', login)
    .where('operator', '=', 1)
    .where('totp_confirmed', '=', 0)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

export async function confirmTotp(db: Kysely<Tables>, login: string, actor: string): Promise<void> {
  await db.transaction().execute(async (inside) => {
    await inside.updateTable('person').set({ totp_confirmed: 1 }).where('login', '=', login).execute();
    await told(inside, { actor, action: 'operator.totp', subject: login, detail: {} });
  });
}

/** Null where none was begun. Throws `secret-unreadable`. */
export async function totpSecretOf(
  db: Kysely<Tables>,
  key: EnvelopeKey,
  login: string,
): Promise<Secret | null> {
  const row = await db
    .selectFrom('person')
    .select('totp_sealed')
    .where('login', '=', login)
    .executeTakeFirst();
  const sealed = row?.totp_sealed ?? null;
  return sealed === null ? null : key.open(sealed, login, 'person.totp');
}

/** False where a code of this step or of a later one was used already. */
export async function useTotpStep(db: Kysely<Tables>, login: string, step: number): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('person')
    .set({ totp_step: step })
    .where('login', '=', login)
    .where('totp_step', '<', step)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

async function told(inside: Kysely<Tables>, entry: AuditEntry): Promise<void> {
  await appendAudit(inside, entry);
  await appendEvent(inside, { kind: entry.action, subject: entry.subject ?? '', detail: entry.detail });
}

function personOfRow(row: Selectable<PersonTable>): Person {
  const totp = row.totp_sealed === null ? 'none' : row.totp_confirmed === 0 ? 'begun' : 'confirmed';
  return {
    login: row.login,
    displayName: row.display_name,
    locale: row.locale,
    operator: row.operator !== 0,
    passwordHash: row.password,
    totp,
    createdAtMs: row.created_at_ms,
  };
}
