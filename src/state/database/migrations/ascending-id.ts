/** The one column whose definition the two databases cannot share: a number that grows with each row. */
import type { CreateTableBuilder, Kysely } from 'kysely';
import { isPostgres } from '../dialect.ts';

export function ascendingId(
  db: Kysely<never>,
  table: CreateTableBuilder<string>,
): CreateTableBuilder<string> {
  if (isPostgres(db)) return table.addColumn('id', 'bigserial', (column) => column.primaryKey());
  // Without "autoincrement" SQLite would give the number of a pruned row a second time.
  return table.addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement());
}
