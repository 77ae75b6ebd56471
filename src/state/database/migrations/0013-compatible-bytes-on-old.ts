// compatible: adds a column that the release before leaves empty.
import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** How much lies on old, beside the JSON that it is in: lists of many accounts show it. */
export const bytesOnOld: Migration = {
  async up(db: Kysely<never>): Promise<void> {
    await db.schema.alterTable('account_detail').addColumn('bytes_on_old', 'bigint').execute();
  },
};
