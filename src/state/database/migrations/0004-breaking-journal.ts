// breaking: a release without these tables would copy every account anew.
import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import { isPostgres } from '../dialect.ts';

/** What the engine remembers of each account (sync/journal.ts), how far it is, and what people ask a worker for. */
export const journal: Migration = {
  async up(db: Kysely<never>): Promise<void> {
    await db.schema
      .alterTable('account')
      .addColumn('shard', 'integer', (column) => column.notNull().defaultTo(0))
      .execute();
    await db.schema.createIndex('account_shard').on('account').columns(['shard', 'phase']).execute();
    const bytes = isPostgres(db) ? 'bytea' : 'blob';
    await db.schema
      .createTable('journal_mailbox')
      .addColumn('account_id', 'text', (column) => column.notNull())
      .addColumn('id', 'bigint', (column) => column.notNull())
      .addColumn('old_name', 'text', (column) => column.notNull())
      .addColumn('new_name', 'text', (column) => column.notNull())
      .addColumn('mapped_by', 'text', (column) => column.notNull())
      .addColumn('place', 'text', (column) => column.notNull())
      .addColumn('created_by_us', 'integer', (column) => column.notNull())
      .addColumn('generation', 'bigint', (column) => column.notNull())
      .addColumn('old_uid_validity', 'bigint')
      .addColumn('new_uid_validity', 'bigint')
      .addColumn('old_mailbox_id', 'text')
      .addColumn('new_mailbox_id', 'text')
      .addColumn('old_mark', 'text')
      .addColumn('new_mark', 'text')
      .addColumn('adopted_below', 'bigint', (column) => column.notNull())
      .addColumn('subscribed', 'integer', (column) => column.notNull())
      .addPrimaryKeyConstraint('journal_mailbox_key', ['account_id', 'id'])
      .execute();
    await db.schema
      .createTable('journal_intent')
      .addColumn('account_id', 'text', (column) => column.notNull())
      .addColumn('id', 'bigint', (column) => column.notNull())
      .addColumn('mailbox_id', 'bigint', (column) => column.notNull())
      .addColumn('kind', 'text', (column) => column.notNull())
      .addColumn('new_uid_validity', 'bigint', (column) => column.notNull())
      .addColumn('uid_next_before', 'bigint', (column) => column.notNull())
      .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
      .addColumn('messages', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('journal_intent_key', ['account_id', 'id'])
      .execute();
    await db.schema
      .createTable('journal_chunk')
      .addColumn('account_id', 'text', (column) => column.notNull())
      .addColumn('mailbox_id', 'bigint', (column) => column.notNull())
      .addColumn('generation', 'bigint', (column) => column.notNull())
      .addColumn('chunk', 'bigint', (column) => column.notNull())
      .addColumn('body', bytes as 'bytea', (column) => column.notNull())
      .addPrimaryKeyConstraint('journal_chunk_key', ['account_id', 'mailbox_id', 'generation', 'chunk'])
      .execute();
    await db.schema
      .createTable('journal_refused')
      .addColumn('account_id', 'text', (column) => column.notNull())
      .addColumn('mailbox_id', 'bigint', (column) => column.notNull())
      .addColumn('old_uid', 'bigint', (column) => column.notNull())
      .addColumn('code', 'text', (column) => column.notNull())
      .addColumn('reason', 'text', (column) => column.notNull())
      .addColumn('size_bytes', 'bigint', (column) => column.notNull())
      .addColumn('date', 'text')
      .addColumn('subject', 'text')
      .addColumn('from_line', 'text')
      .addColumn('attempts', 'bigint', (column) => column.notNull())
      .addColumn('at_ms', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('journal_refused_key', ['account_id', 'mailbox_id', 'old_uid'])
      .execute();
    await db.schema
      .createTable('journal_note')
      .addColumn('account_id', 'text', (column) => column.notNull())
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('value', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('journal_note_key', ['account_id', 'name'])
      .execute();
    await db.schema
      .createTable('account_progress')
      .addColumn('account_id', 'text', (column) => column.primaryKey())
      .addColumn('messages_total', 'bigint', (column) => column.notNull())
      .addColumn('messages_done', 'bigint', (column) => column.notNull())
      .addColumn('messages_refused', 'bigint', (column) => column.notNull())
      .addColumn('mailboxes', 'bigint', (column) => column.notNull())
      .addColumn('bytes_copied', 'bigint', (column) => column.notNull())
      .addColumn('activity', 'text', (column) => column.notNull())
      .addColumn('heard_by', 'text', (column) => column.notNull())
      .addColumn('lag_ms', 'bigint')
      .addColumn('last_pass_ms', 'bigint')
      .addColumn('updated_ms', 'bigint', (column) => column.notNull())
      .execute();
    await db.schema
      .createTable('server_usage')
      .addColumn('side', 'text', (column) => column.notNull())
      .addColumn('day', 'text', (column) => column.notNull())
      .addColumn('bytes', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('server_usage_key', ['side', 'day'])
      .execute();
    await db.schema
      .createTable('account_request')
      .addColumn('account_id', 'text', (column) => column.notNull())
      .addColumn('kind', 'text', (column) => column.notNull())
      .addColumn('at_ms', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('account_request_key', ['account_id', 'kind'])
      .execute();
  },
};
