/**
 * Brings the schema up to date, forward only and in one transaction. Of processes that start at once on one
 * PostgreSQL, one migrates and the others wait (kysely's advisory lock).
 */
import { type Kysely, sql } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import { MailferryError } from '../../base/errors.ts';
import { audit } from './migrations/0001-breaking-audit.ts';
import { accounts } from './migrations/0002-breaking-accounts.ts';
import { accountNotes } from './migrations/0003-compatible-account-notes.ts';
import { journal } from './migrations/0004-breaking-journal.ts';
import { teams } from './migrations/0005-compatible-teams.ts';
import { mailboxProblems } from './migrations/0006-compatible-mailbox-problems.ts';
import { portal } from './migrations/0007-compatible-portal.ts';
import { loginAttempts } from './migrations/0008-compatible-login-attempts.ts';
import { webhookCalls } from './migrations/0009-compatible-webhook-calls.ts';
import { summaryMails } from './migrations/0010-compatible-summary-mails.ts';
import { routing } from './migrations/0011-compatible-routing.ts';
import { serverLoad } from './migrations/0012-compatible-server-load.ts';
import { bytesOnOld } from './migrations/0013-compatible-bytes-on-old.ts';
import { routesBySql } from './migrations/0014-compatible-routes-by-sql.ts';
import { doctor } from './migrations/0015-compatible-doctor.ts';
import { provisioning } from './migrations/0016-compatible-provisioning.ts';
import { discovery } from './migrations/0017-compatible-discovery.ts';
import { appPasswordPeople } from './migrations/0018-compatible-app-password-people.ts';
import { passwordMails } from './migrations/0019-compatible-password-mails.ts';

/**
 * In the order of their names; never renamed, never changed once released. The second word, also the file's first,
 * says whether the release before can go on working with the schema: the name is what that release finds of it.
 */
export const migrations: Readonly<Record<string, Migration>> = {
  '0001-breaking-audit': audit,
  '0002-breaking-accounts': accounts,
  '0003-compatible-account-notes': accountNotes,
  '0004-breaking-journal': journal,
  '0005-compatible-teams': teams,
  '0006-compatible-mailbox-problems': mailboxProblems,
  '0007-compatible-portal': portal,
  '0008-compatible-login-attempts': loginAttempts,
  '0009-compatible-webhook-calls': webhookCalls,
  '0010-compatible-summary-mails': summaryMails,
  '0011-compatible-routing': routing,
  '0012-compatible-server-load': serverLoad,
  '0013-compatible-bytes-on-old': bytesOnOld,
  '0014-compatible-routes-by-sql': routesBySql,
  '0015-compatible-doctor': doctor,
  '0016-compatible-provisioning': provisioning,
  '0017-compatible-discovery': discovery,
  '0018-compatible-app-password-people': appPasswordPeople,
  '0019-compatible-password-mails': passwordMails,
};

/** Throws `database-newer` where the schema has gone further than this release can follow; `name` is for its text. */
export async function migrate<T>(db: Kysely<T>, name: string): Promise<void> {
  const unknown = (await appliedMigrations(db)).filter((one) => !(one in migrations));
  const breaking = unknown.find((one) => !/^\d+-compatible-/.test(one));
  if (breaking !== undefined) {
    throw new MailferryError(
      'database-newer',
      `the database ${name} was migrated by a newer release (${breaking}), and this one cannot work with it`,
    );
  }
  if (unknown.length > 0) return;
  const migrator = new Migrator({ db, provider: { getMigrations: async () => ({ ...migrations }) } });
  const { error } = await migrator.migrateToLatest();
  if (error) throw error;
}

async function appliedMigrations<T>(db: Kysely<T>): Promise<string[]> {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true });
  if (!tables.some((table) => table.name === 'kysely_migration')) return [];
  const { rows } = await sql<{ name: string }>`select name from kysely_migration order by name`.execute(db);
  return rows.map((row) => row.name);
}
