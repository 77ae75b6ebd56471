// compatible: only adds columns that may be empty.
import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** SQLite adds one column with each statement. */
export const accountNotes: Migration = {
  async up(db: Kysely<never>): Promise<void> {
    for (const name of ['paused', 'attention'] as const) {
      await db.schema.alterTable('account').addColumn(name, 'text').execute();
    }
    await db.schema.alterTable('account').addColumn('scheduled_for', 'bigint').execute();
  },
};
