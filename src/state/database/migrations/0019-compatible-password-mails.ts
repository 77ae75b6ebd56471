// compatible: adds columns with defaults, and indexes.
import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** How often the owner of an account without a password was written to; and what lists of accounts on new are read by. */
export const passwordMails: Migration = {
  async up(db: Kysely<never>): Promise<void> {
    await db.schema
      .alterTable('provision')
      .addColumn('asked', 'integer', (column) => column.notNull().defaultTo(0))
      .execute();
    await db.schema.alterTable('provision').addColumn('asked_ms', 'bigint').execute();
    // All that is counted stands in it: rows are wide, for they hold hashes.
    await db.schema
      .createIndex('provision_state')
      .on('provision')
      .columns(['state', 'password', 'asked', 'asked_ms', 'account_id'])
      .execute();
    await sql`create index provision_trouble on provision (account_id) where code is not null`.execute(db);
    await sql`create index provision_bare on provision (account_id)
      where state = 'made' and password in ('none', 'locked')`.execute(db);
  },
};
