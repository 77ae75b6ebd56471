// breaking: the first schema.
import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** `bytea` is PostgreSQL's type; SQLite keeps blobs as they are under any name. */
export const journal: Migration = {
  async up(db: Kysely<never>): Promise<void> {
    await db.schema
      .createTable('account_pair')
      .addColumn('id', 'integer', (column) => column.primaryKey())
      .addColumn('from_account', 'text', (column) => column.notNull())
      .addColumn('to_account', 'text', (column) => column.notNull())
      .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
      .execute();
    await db.schema
      .createTable('mailbox')
      .addColumn('id', 'integer', (column) => column.primaryKey())
      .addColumn('old_name', 'text', (column) => column.notNull())
      .addColumn('new_name', 'text', (column) => column.notNull())
      .addColumn('mapped_by', 'text', (column) => column.notNull())
      .addColumn('place', 'text', (column) => column.notNull())
      .addColumn('created_by_us', 'integer', (column) => column.notNull())
      .addColumn('generation', 'integer', (column) => column.notNull())
      .addColumn('old_uid_validity', 'bigint')
      .addColumn('new_uid_validity', 'bigint')
      .addColumn('old_mailbox_id', 'text')
      .addColumn('new_mailbox_id', 'text')
      .addColumn('old_mark', 'text')
      .addColumn('new_mark', 'text')
      .addColumn('adopted_below', 'bigint', (column) => column.notNull())
      .addColumn('subscribed', 'integer', (column) => column.notNull())
      .execute();
    await db.schema
      .createTable('intent')
      .addColumn('id', 'integer', (column) => column.primaryKey())
      .addColumn('mailbox_id', 'integer', (column) => column.notNull())
      .addColumn('kind', 'text', (column) => column.notNull())
      .addColumn('new_uid_validity', 'bigint', (column) => column.notNull())
      .addColumn('uid_next_before', 'bigint', (column) => column.notNull())
      .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
      .addColumn('messages', 'text', (column) => column.notNull())
      .execute();
    await db.schema
      .createTable('ledger_chunk')
      .addColumn('mailbox_id', 'integer', (column) => column.notNull())
      .addColumn('generation', 'integer', (column) => column.notNull())
      .addColumn('chunk', 'integer', (column) => column.notNull())
      .addColumn('body', 'bytea' as 'blob', (column) => column.notNull())
      .addPrimaryKeyConstraint('ledger_chunk_key', ['mailbox_id', 'generation', 'chunk'])
      .execute();
    await db.schema
      .createTable('refused_message')
      .addColumn('mailbox_id', 'integer', (column) => column.notNull())
      .addColumn('old_uid', 'bigint', (column) => column.notNull())
      .addColumn('code', 'text', (column) => column.notNull())
      .addColumn('reason', 'text', (column) => column.notNull())
      .addColumn('size_bytes', 'bigint', (column) => column.notNull())
      .addColumn('sent_date', 'text')
      .addColumn('subject', 'text')
      .addColumn('sender', 'text')
      .addColumn('attempts', 'integer', (column) => column.notNull())
      .addColumn('at_ms', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('refused_message_key', ['mailbox_id', 'old_uid'])
      .execute();
    await db.schema
      .createTable('note')
      .addColumn('name', 'text', (column) => column.primaryKey())
      .addColumn('value', 'text', (column) => column.notNull())
      .execute();
  },
};
