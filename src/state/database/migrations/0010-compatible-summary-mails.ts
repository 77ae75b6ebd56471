// compatible: adds a table that the release before does not look at.
import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import { isPostgres } from '../dialect.ts';

/** Who asked for a mail about their team now and then. */
export const summaryMails: Migration = {
  async up(db: Kysely<never>): Promise<void> {
    const text = isPostgres(db) ? sql<never>`text collate "C"` : sql<never>`text`;
    await db.schema
      .createTable('summary_mail')
      .addColumn('team_id', text, (column) => column.notNull())
      .addColumn('login', text, (column) => column.notNull())
      .addColumn('since_ms', 'bigint', (column) => column.notNull())
      // What the last one told, so that nobody gets the same twice.
      .addColumn('last_told', 'text')
      .addPrimaryKeyConstraint('summary_mail_key', ['team_id', 'login'])
      .execute();
  },
};
