/**
 * Who may work on something, until when, by the database's own clock. Each taking has the next fencing number; a write
 * checks it in its own transaction, so that a worker that slept through the end of its lease changes nothing.
 */
import { type Kysely, sql } from 'kysely';
import { MailferryError } from '../../base/errors.ts';
import { databaseNow, isPostgres } from './dialect.ts';
import type { Tables } from './tables.ts';

export interface Lease {
  readonly name: string;
  /** Who holds it, for people. */
  readonly holder: string;
  /** The fencing number: grows with each taking of this name, never reused. */
  readonly fence: number;
}

/** For `durationMs` from now; null while somebody holds it, be it the same holder. */
export async function acquireLease(
  db: Kysely<Tables>,
  name: string,
  holder: string,
  durationMs: number,
): Promise<Lease | null> {
  const [lease = null] = await acquireLeases(db, [name], holder, durationMs);
  return lease;
}

/** Those of these that nobody holds, in one statement. */
export async function acquireLeases(
  db: Kysely<Tables>,
  names: readonly string[],
  holder: string,
  durationMs: number,
): Promise<Lease[]> {
  if (names.length === 0) return [];
  const taken = await db
    .insertInto('lease')
    .values(names.map((name) => ({ name, holder, fence: 1, until_ms: until(db, durationMs) })))
    .onConflict((conflict) =>
      conflict
        .column('name')
        .doUpdateSet((eb) => ({
          holder: eb.ref('excluded.holder'),
          fence: sql<number>`lease.fence + 1`,
          until_ms: eb.ref('excluded.until_ms'),
        }))
        .where('lease.until_ms', '<=', databaseNow(db)),
    )
    .returning(['name', 'fence'])
    .execute();
  return taken.map(({ name, fence }) => ({ name, holder, fence }));
}

/** For `durationMs` from now. Throws `lease-lost` where it has run out, although nobody else may have taken it. */
export async function renewLease(db: Kysely<Tables>, lease: Lease, durationMs: number): Promise<void> {
  const [kept] = await renewLeases(db, [lease], durationMs);
  if (kept === undefined) throw lost(lease);
}

/** All in one statement; gives those that are still held. `leases` have one holder. */
export async function renewLeases(
  db: Kysely<Tables>,
  leases: readonly Lease[],
  durationMs: number,
): Promise<readonly Lease[]> {
  const [first] = leases;
  if (first === undefined) return [];
  const fences = new Map(leases.map((lease) => [lease.name, lease]));
  const rows = await db
    .updateTable('lease')
    .set({ until_ms: until(db, durationMs) })
    .where('name', 'in', [...fences.keys()])
    .where('holder', '=', first.holder)
    .where('until_ms', '>', databaseNow(db))
    .returning(['name', 'fence'])
    .execute();
  // Somebody of the same name may have taken it meanwhile: renewed for it then, not for this one.
  return leases.filter((lease) =>
    rows.some(({ name, fence }) => name === lease.name && fence === lease.fence),
  );
}

/** Frees it at once; does nothing where it is lost already. */
export async function releaseLease(db: Kysely<Tables>, lease: Lease): Promise<void> {
  // The row stays: the next taking needs its fencing number.
  await db
    .updateTable('lease')
    .set({ until_ms: 0 })
    .where('name', '=', lease.name)
    .where('fence', '=', lease.fence)
    .execute();
}

/**
 * First in a transaction that writes: nobody can take the lease before it ends. Others with the same lease may write at
 * the same time. Throws `lease-lost`.
 */
export async function checkLease(inside: Kysely<Tables>, lease: Lease): Promise<void> {
  const held = inside
    .selectFrom('lease')
    .select('fence')
    .where('name', '=', lease.name)
    .where('fence', '=', lease.fence)
    .where('until_ms', '>', databaseNow(inside));
  // On SQLite a transaction is alone from its beginning.
  if ((await (isPostgres(inside) ? held.forShare() : held).executeTakeFirst()) === undefined)
    throw lost(lease);
}

function lost({ name, holder }: Lease): MailferryError {
  return new MailferryError('lease-lost', `${holder} no longer holds ${name}`);
}

function until(db: Kysely<Tables>, durationMs: number) {
  return sql<number>`${databaseNow(db)} + ${sql.lit(Math.round(durationMs))}`;
}
