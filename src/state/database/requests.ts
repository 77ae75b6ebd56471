/** What people ask the worker of an account for; it takes a request away once it has carried it out. */
import type { Kysely } from 'kysely';
import { databaseNow } from './dialect.ts';
import { checkLease, type Lease } from './leases.ts';
import type { Tables } from './tables.ts';

export const requestKinds = [
  /** Try refused messages again. */
  'retry-refused',
  /** A person looked at an unusual mass of deletions and wants them followed. */
  'confirm-deletions',
  /** Look at old now, whatever it tells. */
  'look-now',
] as const;
export type RequestKind = (typeof requestKinds)[number];

/** Asking twice is asking once. In a transaction with its audit row; the event `account.request` wakes the worker. */
export async function addRequest(
  inside: Kysely<Tables>,
  accountId: string,
  kind: RequestKind,
): Promise<void> {
  await inside
    .insertInto('account_request')
    .values({ account_id: accountId, kind, at_ms: databaseNow(inside) })
    .onConflict((conflict) => conflict.columns(['account_id', 'kind']).doNothing())
    .execute();
}

export async function requestsOf(db: Kysely<Tables>, accountId: string): Promise<ReadonlySet<RequestKind>> {
  const rows = await db
    .selectFrom('account_request')
    .select('kind')
    .where('account_id', '=', accountId)
    .execute();
  return new Set(requestKinds.filter((kind) => rows.some((row) => row.kind === kind)));
}

/** Carried out. Throws `lease-lost`. */
export async function closeRequest(
  db: Kysely<Tables>,
  accountId: string,
  kind: RequestKind,
  lease: Lease,
): Promise<void> {
  await db.transaction().execute(async (inside) => {
    await checkLease(inside, lease);
    await inside
      .deleteFrom('account_request')
      .where('account_id', '=', accountId)
      .where('kind', '=', kind)
      .execute();
  });
}
