// compatible: adds a table that the release before does not look at.
import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Mailboxes that the last pass over an account could not carry over. */
export const mailboxProblems: Migration = {
  async up(db: Kysely<never>): Promise<void> {
    await db.schema
      .createTable('mailbox_problem')
      .addColumn('account_id', 'text', (column) => column.notNull())
      .addColumn('mailbox', 'text', (column) => column.notNull())
      .addColumn('code', 'text', (column) => column.notNull())
      .addColumn('reason', 'text', (column) => column.notNull())
      .addColumn('since_ms', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('mailbox_problem_key', ['account_id', 'mailbox'])
      .execute();
  },
};
