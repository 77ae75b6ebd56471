// compatible: adds tables and an index, and gives numbers to accounts that had none.
import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import { isPostgres } from '../dialect.ts';

/** What edges on the mail hosts pull, and what they are known by. */
export const routing: Migration = {
  async up(db: Kysely<never>): Promise<void> {
    const text = isPostgres(db) ? sql<never>`text collate "C"` : sql<never>`text`;
    await db.schema
      .createTable('edge')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('side', 'text', (column) => column.notNull())
      .addColumn('name', text, (column) => column.notNull().unique())
      .addColumn('code_hash', 'text')
      .addColumn('code_until_ms', 'bigint')
      .addColumn('token_hash', 'text')
      .addColumn('enrolled_at_ms', 'bigint')
      .addColumn('epoch', 'bigint', (column) => column.notNull())
      .addColumn('seen_at_ms', 'bigint')
      .addColumn('version', 'text')
      .addColumn('health', 'text', (column) => column.notNull())
      .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
      .execute();
    await db.schema
      .createTable('app_password')
      .addColumn('id', text, (column) => column.primaryKey())
      .addColumn('account_id', 'text', (column) => column.notNull())
      .addColumn('side', 'text', (column) => column.notNull())
      .addColumn('hash', 'text', (column) => column.notNull())
      .addColumn('sealed', 'text', (column) => column.notNull())
      .addColumn('protocols', 'text', (column) => column.notNull())
      .addColumn('nets', 'text', (column) => column.notNull())
      .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
      .addColumn('expires_at_ms', 'bigint', (column) => column.notNull())
      .addColumn('revoked_at_ms', 'bigint')
      .addColumn('last_used_ms', 'bigint')
      .execute();
    await db.schema
      .createIndex('app_password_account')
      .on('app_password')
      .columns(['account_id', 'side'])
      .execute();
    // Accounts were numbered by their first change; edges hear of each by its number.
    await sql`update account set epoch = numbered.epoch from (
      select id, (select value from counter where name = 'epoch') + row_number() over (order by id) as epoch
      from account where epoch = 0) as numbered where numbered.id = account.id`.execute(db);
    await sql`update counter set value = max_of.epoch from (
      select coalesce(max(epoch), 0) as epoch from account) as max_of
      where name = 'epoch' and value < max_of.epoch`.execute(db);
    await db.schema.createIndex('account_epoch').on('account').column('epoch').execute();
  },
};
