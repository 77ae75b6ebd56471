// breaking: the first schema.
import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import { isPostgres } from '../dialect.ts';
import { ascendingId } from './ascending-id.ts';

/** Append-only by trigger, on both: neither a defect of ours nor an operator in a hurry changes what was written. */
export const audit: Migration = {
  async up(db: Kysely<never>): Promise<void> {
    await ascendingId(db, db.schema.createTable('audit'))
      .addColumn('at_ms', 'bigint', (column) => column.notNull())
      .addColumn('actor', 'text', (column) => column.notNull())
      .addColumn('action', 'text', (column) => column.notNull())
      .addColumn('subject', 'text')
      .addColumn('detail', 'text', (column) => column.notNull())
      .execute();
    await db.schema.createIndex('audit_subject').on('audit').columns(['subject', 'id']).execute();
    if (isPostgres(db)) {
      await sql`create function audit_refuse() returns trigger language plpgsql as
        $$ begin raise exception 'the audit log is append-only'; end $$`.execute(db);
      await sql`create trigger audit_append_only before update or delete or truncate on audit
        for each statement execute function audit_refuse()`.execute(db);
      return;
    }
    for (const event of ['update', 'delete']) {
      await sql`create trigger ${sql.raw(`audit_no_${event}`)} before ${sql.raw(event)} on audit
        begin select raise(abort, 'the audit log is append-only'); end`.execute(db);
    }
  },
};
