/** What people ask the worker of an account for; it takes a request away once it has carried it out. */
import { type Kysely, sql } from 'kysely';
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
    .onConflict((conflict) =>
      conflict.columns(['account_id', 'kind']).doUpdateSet({
        // Always later than before: who carries out the earlier one must not take this one away.
        at_ms: sql`case when excluded.at_ms > account_request.at_ms then excluded.at_ms else account_request.at_ms + 1 end`,
      }),
    )
    .execute();
}

/** What was confirmed is no longer what stands there: another mass of deletions is asked about anew. */
export async function dropConfirmation(inside: Kysely<Tables>, accountIds: readonly string[]): Promise<void> {
  await inside
    .deleteFrom('account_request')
    .where('account_id', 'in', accountIds)
    .where('kind', '=', 'confirm-deletions')
    .execute();
}

/** What is asked, and when it was asked last, in the database's epoch milliseconds. */
export type Requests = ReadonlyMap<RequestKind, number>;

/** So long after it a confirmation covers what a pass finds: whoever confirmed saw what stood there then. */
const confirmedForMs = 3_600_000;

/** A confirmation that nobody could act on in time, since the account was paused or a server away, is not among them. */
export async function requestsOf(db: Kysely<Tables>, accountId: string): Promise<Requests> {
  const rows = await db
    .selectFrom('account_request')
    .select(['kind', 'at_ms'])
    .where('account_id', '=', accountId)
    .where((eb) =>
      eb.or([
        eb('kind', '!=', 'confirm-deletions'),
        eb('at_ms', '>', sql<number>`${databaseNow(db)} - ${sql.lit(confirmedForMs)}`),
      ]),
    )
    .execute();
  const known = new Map<RequestKind, number>();
  for (const kind of requestKinds) {
    const row = rows.find((one) => one.kind === kind);
    if (row !== undefined) known.set(kind, row.at_ms);
  }
  return known;
}

/** Carried out, as it was read at `atMs`; what was asked again meanwhile stays. Throws `lease-lost`. */
export async function closeRequest(
  db: Kysely<Tables>,
  accountId: string,
  kind: RequestKind,
  atMs: number,
  lease: Lease,
): Promise<void> {
  await db.transaction().execute(async (inside) => {
    await checkLease(inside, lease);
    await inside
      .deleteFrom('account_request')
      .where('account_id', '=', accountId)
      .where('kind', '=', kind)
      .where('at_ms', '<=', atMs)
      .execute();
  });
}
