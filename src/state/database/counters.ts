/**
 * Numbers whose order is the order of commits: whoever takes one holds the row until its transaction ends. So who has
 * seen n has seen all below n.
 */
import { type Kysely, sql } from 'kysely';
import type { Tables } from './tables.ts';

/** Only inside a transaction. */
export async function nextOf(inside: Kysely<Tables>, name: 'epoch' | 'event'): Promise<number> {
  const { value } = await inside
    .updateTable('counter')
    .set({ value: sql<number>`value + 1` })
    .where('name', '=', name)
    .returning('value')
    .executeTakeFirstOrThrow();
  return value;
}
