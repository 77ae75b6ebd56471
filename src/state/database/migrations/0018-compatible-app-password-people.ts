// compatible: adds columns that may be empty.
import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/**
 * Who made an app password, who revoked it, which worker used it last; and the account's epoch of when it was made, from which on
 * edges know it.
 */
export const appPasswordPeople: Migration = {
  async up(db: Kysely<never>): Promise<void> {
    await db.schema.alterTable('app_password').addColumn('epoch', 'bigint').execute();
    for (const column of ['created_by', 'revoked_by', 'last_used_by'])
      await db.schema.alterTable('app_password').addColumn(column, 'text').execute();
  },
};
