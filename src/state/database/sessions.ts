/**
 * Sessions of browsers. The cookie holds 256 random bits, the table their SHA-256; whether a session has run out is
 * judged by the database's own clock. Ending one deletes its row: the audit log keeps who logged in when.
 */
import type { Kysely, Selectable } from 'kysely';
import { MailferryError } from '../../base/errors.ts';
import { appendAudit } from './audit.ts';
import { databaseNow } from './dialect.ts';
import { newId } from './new-id.ts';
import type { SessionTable, Tables } from './tables.ts';

export type Locale = 'de' | 'en';

export interface NewSession {
  readonly login: string;
  /** The mailbox whose password was given; null for a password of the portal. */
  readonly accountId: string | null;
  readonly operator: boolean;
  readonly locale: Locale;
  /** The browser's network address, and what it calls itself. */
  readonly address: string;
  readonly userAgent: string;
}

export interface SessionRow extends NewSession {
  readonly id: string;
  readonly createdAtMs: number;
  /** To the minute. */
  readonly lastSeenMs: number;
  readonly expiresAtMs: number;
}

/** A session that is used all the time writes its row this often. */
const noteUseEveryMs = 60_000;
/** Of one login; the oldest end first. People have three devices; a script that logs in for ever fills no table. */
const maxOfLogin = 50;

/** With its audit row. `nowMs` only orders ids. */
export async function addSession(
  db: Kysely<Tables>,
  session: NewSession,
  secret: { readonly hash: string; readonly lifeMs: number },
  nowMs: number,
): Promise<SessionRow> {
  const { login, accountId, operator, locale, address, userAgent } = session;
  return db.transaction().execute(async (inside) => {
    const row = await inside
      .insertInto('session')
      .values((eb) => ({
        id: newId(nowMs),
        hash: secret.hash,
        login,
        account_id: accountId,
        operator: operator ? 1 : 0,
        locale,
        address,
        user_agent: userAgent,
        created_at_ms: databaseNow(inside),
        last_seen_ms: databaseNow(inside),
        expires_at_ms: eb(databaseNow(inside), '+', secret.lifeMs),
      }))
      .returningAll()
      .executeTakeFirstOrThrow();
    await inside.deleteFrom('session').where('expires_at_ms', '<=', databaseNow(inside)).execute();
    const kept = inside
      .selectFrom('session')
      .select('id')
      .where('login', '=', login)
      .orderBy('id', 'desc')
      .limit(maxOfLogin);
    const own = (await kept.execute()).map(({ id }) => id);
    await inside.deleteFrom('session').where('login', '=', login).where('id', 'not in', own).execute();
    const detail = { session: row.id, address, via: accountId === null ? 'portal' : 'mailbox' };
    const actor = actorOfLogin(session);
    await appendAudit(inside, { actor, action: 'session.begin', subject: accountId ?? login, detail });
    return sessionOfRow(row);
  });
}

/** As the audit log names who acts in a session. */
export function actorOfLogin({ login, operator }: Pick<NewSession, 'login' | 'operator'>): string {
  return `${operator ? 'operator' : 'customer'}:${login}`;
}

/** The session in force with this hash. */
export async function sessionInForce(db: Kysely<Tables>, hash: string): Promise<SessionRow | null> {
  const row = await db
    .selectFrom('session')
    .selectAll()
    .where('hash', '=', hash)
    .where('expires_at_ms', '>', databaseNow(db))
    .executeTakeFirst();
  return row === undefined ? null : sessionOfRow(row);
}

export async function noteSessionUse(db: Kysely<Tables>, id: string): Promise<void> {
  await db
    .updateTable('session')
    .set({ last_seen_ms: databaseNow(db) })
    .where('id', '=', id)
    .where((eb) => eb('last_seen_ms', '<', eb(databaseNow(db), '-', noteUseEveryMs)))
    .execute();
}

export async function setSessionLocale(db: Kysely<Tables>, id: string, locale: Locale): Promise<void> {
  await db.updateTable('session').set({ locale }).where('id', '=', id).execute();
}

/** Those in force, newest first. */
export async function sessionsOfLogin(db: Kysely<Tables>, login: string): Promise<SessionRow[]> {
  const rows = await db
    .selectFrom('session')
    .selectAll()
    .where('login', '=', login)
    .where('expires_at_ms', '>', databaseNow(db))
    .orderBy('id', 'desc')
    .execute();
  return rows.map(sessionOfRow);
}

/** The language that the owner of the account read last; null where nobody logged in, or long ago. */
export async function lastLocaleOf(db: Kysely<Tables>, accountId: string): Promise<Locale | null> {
  const row = await db
    .selectFrom('session')
    .select('locale')
    .where('account_id', '=', accountId)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (row === undefined) return null;
  return row.locale === 'de' ? 'de' : 'en';
}

/** Only one of this login. Throws `session-unknown`. */
export async function endSession(
  db: Kysely<Tables>,
  one: { readonly id: string; readonly login: string },
  actor: string,
): Promise<void> {
  await db.transaction().execute(async (inside) => {
    const removed = await inside
      .deleteFrom('session')
      .where('id', '=', one.id)
      .where('login', '=', one.login)
      .returning('account_id')
      .executeTakeFirst();
    if (removed === undefined) throw new MailferryError('session-unknown', `there is no session ${one.id}`);
    const subject = removed.account_id ?? one.login;
    await appendAudit(inside, { actor, action: 'session.end', subject, detail: { session: one.id } });
  });
}

/** In the transaction of what makes them end. */
export async function endSessionsOf(inside: Kysely<Tables>, login: string): Promise<void> {
  await inside.deleteFrom('session').where('login', '=', login).execute();
}

function sessionOfRow(row: Selectable<SessionTable>): SessionRow {
  return {
    id: row.id,
    login: row.login,
    accountId: row.account_id,
    operator: row.operator !== 0,
    locale: row.locale === 'de' ? 'de' : 'en',
    address: row.address,
    userAgent: row.user_agent,
    createdAtMs: row.created_at_ms,
    lastSeenMs: row.last_seen_ms,
    expiresAtMs: row.expires_at_ms,
  };
}
