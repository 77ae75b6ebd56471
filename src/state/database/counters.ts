/**
 * Numbers whose order is the order of commits: whoever takes one holds the row until its transaction ends. So who has
 * seen n has seen all below n.
 */
import { type Kysely, sql } from 'kysely';
import type { Tables } from './tables.ts';

/** Only inside a transaction. Takes `many` numbers and gives the last of them. */
export async function nextOf(
  inside: Kysely<Tables>,
  name: 'epoch' | 'event' | 'outbox',
  many = 1,
): Promise<number> {
  const { value } = await inside
    .updateTable('counter')
    .set({ value: sql<number>`value + ${sql.lit(many)}` })
    .where('name', '=', name)
    .returning('value')
    .executeTakeFirstOrThrow();
  return value;
}
