// compatible: adds a table.
import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** What each worker last said of what it asks of a server. */
export const serverLoad: Migration = {
  async up(db: Kysely<never>): Promise<void> {
    await db.schema
      .createTable('server_load')
      .addColumn('worker', 'text', (column) => column.notNull())
      .addColumn('side', 'text', (column) => column.notNull())
      .addColumn('at_ms', 'bigint', (column) => column.notNull())
      .addColumn('detail', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('server_load_key', ['worker', 'side'])
      .execute();
  },
};
