// compatible: adds a table.
import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import { isPostgres } from '../dialect.ts';

/** How often logins were tried, for all controls of one database. */
export const loginAttempts: Migration = {
  async up(db: Kysely<never>): Promise<void> {
    const text = isPostgres(db) ? sql<never>`text collate "C"` : sql<never>`text`;
    await db.schema
      .createTable('login_attempt')
      .addColumn('key', text, (column) => column.primaryKey())
      .addColumn('tried', 'integer', (column) => column.notNull())
      .addColumn('until_ms', 'bigint', (column) => column.notNull())
      .execute();
    await db.schema.createIndex('login_attempt_until').on('login_attempt').column('until_ms').execute();
  },
};
