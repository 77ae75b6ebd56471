// breaking: a release without these tables has no accounts to work on.
import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Not sequences: a sequence gives numbers in another order than transactions commit. */
const counters = ['epoch', 'event'];

export const accounts: Migration = {
  async up(db: Kysely<never>): Promise<void> {
    await db.schema
      .createTable('counter')
      .addColumn('name', 'text', (column) => column.primaryKey())
      .addColumn('value', 'bigint', (column) => column.notNull())
      .execute();
    const untyped = db as unknown as Kysely<{ counter: { name: string; value: number } }>;
    await untyped
      .insertInto('counter')
      .values(counters.map((name) => ({ name, value: 0 })))
      .execute();
    await db.schema
      .createTable('account')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('address', 'text', (column) => column.notNull().unique())
      .addColumn('old_login', 'text', (column) => column.notNull())
      .addColumn('new_login', 'text', (column) => column.notNull())
      .addColumn('phase', 'text', (column) => column.notNull())
      .addColumn('epoch', 'bigint', (column) => column.notNull())
      .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
      .execute();
    await db.schema
      .createTable('lease')
      .addColumn('name', 'text', (column) => column.primaryKey())
      .addColumn('holder', 'text', (column) => column.notNull())
      .addColumn('fence', 'bigint', (column) => column.notNull())
      .addColumn('until_ms', 'bigint', (column) => column.notNull())
      .execute();
    await db.schema
      .createTable('event')
      .addColumn('id', 'bigint', (column) => column.primaryKey())
      .addColumn('at_ms', 'bigint', (column) => column.notNull())
      .addColumn('kind', 'text', (column) => column.notNull())
      .addColumn('subject', 'text', (column) => column.notNull())
      .addColumn('detail', 'text', (column) => column.notNull())
      .execute();
  },
};
