// compatible: adds tables, an index, and columns that may be empty.
import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import { isPostgres } from '../dialect.ts';

/** People who log in to the portal, what they chose, and what they are shown and told. */
export const portal: Migration = {
  async up(db: Kysely<never>): Promise<void> {
    await people(db);
    await plans(db);
    await views(db);
    await outbox(db);
  },
};

async function people(db: Kysely<never>): Promise<void> {
  const text = isPostgres(db) ? sql<never>`text collate "C"` : sql<never>`text`;
  await db.schema
    .createTable('person')
    .addColumn('login', text, (column) => column.primaryKey())
    .addColumn('display_name', 'text')
    .addColumn('locale', 'text')
    .addColumn('operator', 'integer', (column) => column.notNull())
    .addColumn('password', 'text')
    .addColumn('totp_sealed', 'text')
    .addColumn('totp_confirmed', 'integer', (column) => column.notNull())
    .addColumn('totp_step', 'bigint', (column) => column.notNull())
    .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('team_person')
    .addColumn('team_id', 'text', (column) => column.notNull())
    .addColumn('login', text, (column) => column.notNull())
    .addColumn('rights', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('team_person_key', ['login', 'team_id'])
    .execute();
  await db.schema.createIndex('team_person_team').on('team_person').columns(['team_id', 'login']).execute();
  await db.schema
    .createTable('session')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('hash', 'text', (column) => column.notNull().unique())
    .addColumn('login', text, (column) => column.notNull())
    .addColumn('account_id', 'text')
    .addColumn('operator', 'integer', (column) => column.notNull())
    .addColumn('locale', 'text', (column) => column.notNull())
    .addColumn('address', 'text', (column) => column.notNull())
    .addColumn('user_agent', 'text', (column) => column.notNull())
    .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('last_seen_ms', 'bigint', (column) => column.notNull())
    .addColumn('expires_at_ms', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema.createIndex('session_login').on('session').columns(['login', 'id']).execute();
}

async function plans(db: Kysely<never>): Promise<void> {
  await db.schema.alterTable('account').addColumn('choice', 'text').execute();
  await db.schema.alterTable('account').addColumn('planned_by', 'text').execute();
  await sql`create index account_scheduled on account (scheduled_for) where scheduled_for is not null`.execute(
    db,
  );
  await db.schema
    .createTable('wave')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('team_id', 'text')
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('at_ms', 'bigint', (column) => column.notNull())
    .addColumn('rate_per_hour', 'integer')
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('stop_on_failure_percent', 'integer')
    .addColumn('created_by', 'text', (column) => column.notNull())
    .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('last_start_ms', 'bigint')
    .execute();
  await db.schema
    .createTable('wave_account')
    .addColumn('wave_id', 'text', (column) => column.notNull())
    .addColumn('account_id', 'text', (column) => column.notNull())
    .addColumn('started', 'integer', (column) => column.notNull())
    .addPrimaryKeyConstraint('wave_account_key', ['wave_id', 'account_id'])
    .execute();
}

async function views(db: Kysely<never>): Promise<void> {
  // One row an account: a worker writes it about once a second at most, however many mailboxes there are.
  await db.schema
    .createTable('account_detail')
    .addColumn('account_id', 'text', (column) => column.primaryKey())
    .addColumn('detail', 'text', (column) => column.notNull())
    .addColumn('copy_ms', 'bigint', (column) => column.notNull())
    .addColumn('copy_messages', 'bigint', (column) => column.notNull())
    .addColumn('copy_bytes', 'bigint', (column) => column.notNull())
    .addColumn('updated_ms', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema
    .createIndex('account_progress_updated')
    .on('account_progress')
    .columns(['updated_ms'])
    .execute();
  await db.schema
    .createTable('sample')
    .addColumn('at_ms', 'bigint', (column) => column.primaryKey())
    .addColumn('detail', 'text', (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('server_budget')
    .addColumn('side', 'text', (column) => column.primaryKey())
    .addColumn('limits', 'text', (column) => column.notNull())
    .execute();
}

async function outbox(db: Kysely<never>): Promise<void> {
  await db.schema
    .createTable('webhook')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('url', 'text', (column) => column.notNull())
    .addColumn('sealed', 'text', (column) => column.notNull())
    .addColumn('created_by', 'text', (column) => column.notNull())
    .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('outbox')
    .addColumn('id', 'text', (column) => column.primaryKey())
    // The same cause makes one row only, whoever notices it.
    .addColumn('cause', 'text', (column) => column.notNull().unique())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('target', 'text', (column) => column.notNull())
    .addColumn('body', 'text', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('attempts', 'integer', (column) => column.notNull())
    .addColumn('due_ms', 'bigint', (column) => column.notNull())
    .addColumn('last_error', 'text')
    .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema.createIndex('outbox_due').on('outbox').columns(['state', 'due_ms']).execute();
  await sql`insert into counter (name, value) select 'outbox', value from counter where name = 'event'`.execute(
    db,
  );
}
