// compatible: adds tables.
import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import { isPostgres } from '../dialect.ts';

/** What the list of old's addresses told: those that were adopted, those that are missing, and how the last look went. */
export const discovery: Migration = {
  async up(db: Kysely<never>): Promise<void> {
    const text = isPostgres(db) ? sql<never>`text collate "C"` : sql<never>`text`;
    await db.schema
      .createTable('discovered')
      .addColumn('account_id', 'text', (column) => column.primaryKey())
      .addColumn('address', text, (column) => column.notNull())
      .addColumn('state', 'text', (column) => column.notNull())
      .addColumn('at_ms', 'bigint', (column) => column.notNull())
      .execute();
    await db.schema.createIndex('discovered_state').on('discovered').columns(['state', 'address']).execute();
    await db.schema
      .createTable('discovery_look')
      .addColumn('source', 'text', (column) => column.primaryKey())
      .addColumn('at_ms', 'bigint', (column) => column.notNull())
      .addColumn('good_at_ms', 'bigint')
      .addColumn('listed', 'bigint', (column) => column.notNull())
      .addColumn('code', 'text')
      .addColumn('reason', 'text')
      .execute();
  },
};
