// compatible: adds a table.
import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Where the making of each account on new stands, and the hash that Mailferry put there, sealed. */
export const provisioning: Migration = {
  async up(db: Kysely<never>): Promise<void> {
    await db.schema
      .createTable('provision')
      .addColumn('account_id', 'text', (column) => column.primaryKey())
      .addColumn('state', 'text', (column) => column.notNull())
      .addColumn('adapter', 'text')
      .addColumn('password', 'text', (column) => column.notNull())
      .addColumn('sealed', 'text')
      .addColumn('failures', 'integer', (column) => column.notNull())
      .addColumn('due_ms', 'bigint')
      .addColumn('code', 'text')
      .addColumn('reason', 'text')
      .addColumn('made_at_ms', 'bigint')
      .addColumn('changed_at_ms', 'bigint', (column) => column.notNull())
      .execute();
    await db.schema.createIndex('provision_due').on('provision').column('due_ms').execute();
  },
};
