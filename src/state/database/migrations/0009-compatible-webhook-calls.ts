// compatible: adds columns that may be empty, and an index.
import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Webhooks that are held for a while, and what came of each call. */
export const webhookCalls: Migration = {
  async up(db: Kysely<never>): Promise<void> {
    // Null: on. A release before knows nothing of it, and goes on calling.
    await db.schema.alterTable('webhook').addColumn('off_since_ms', 'bigint').execute();
    await db.schema.alterTable('outbox').addColumn('tried_ms', 'bigint').execute();
    await db.schema.alterTable('outbox').addColumn('answer', 'integer').execute();
    await db.schema.createIndex('outbox_target').on('outbox').columns(['target', 'id']).execute();
  },
};
