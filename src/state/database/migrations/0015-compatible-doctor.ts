// compatible: adds columns that the release before leaves empty.
import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** What the doctor of an edge's host last found, and when control heard of it. */
export const doctor: Migration = {
  async up(db: Kysely<never>): Promise<void> {
    await db.schema.alterTable('edge').addColumn('report', 'text').execute();
    await db.schema.alterTable('edge').addColumn('reported_at_ms', 'bigint').execute();
  },
};
