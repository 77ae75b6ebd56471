/** The addresses that accounts are reached by: each belongs to one account, and its own is among them. */
import type { Kysely } from 'kysely';
import type { Tables } from './tables.ts';

/** Part of an address behind its last "@"; null where there is none. */
export function domainOf(address: string): string | null {
  const at = address.lastIndexOf('@');
  return at < 0 ? null : address.slice(at + 1);
}

export interface OwnedAddress {
  readonly address: string;
  readonly accountId: string;
}

/** Only inside the transaction of the account's change. Fails where one belongs to somebody already. */
export async function addAddresses(inside: Kysely<Tables>, rows: readonly OwnedAddress[]): Promise<void> {
  if (rows.length === 0) return;
  await inside
    .insertInto('address')
    .values(rows.map(({ address, accountId }) => ({ address, account_id: accountId })))
    .execute();
}

export async function removeAddresses(inside: Kysely<Tables>, addresses: readonly string[]): Promise<void> {
  if (addresses.length > 0) await inside.deleteFrom('address').where('address', 'in', addresses).execute();
}

/** Whose each of these is; what nobody has is left out. */
export async function ownersOf(
  db: Kysely<Tables>,
  addresses: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  if (addresses.length === 0) return new Map();
  const rows = await db.selectFrom('address').selectAll().where('address', 'in', addresses).execute();
  return new Map(rows.map((row) => [row.address, row.account_id]));
}

/** All addresses of each of these accounts, in order. */
export async function addressesOf(
  db: Kysely<Tables>,
  accountIds: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const found = new Map<string, string[]>(accountIds.map((id) => [id, []]));
  if (accountIds.length === 0) return found;
  const rows = await db
    .selectFrom('address')
    .selectAll()
    .where('account_id', 'in', accountIds)
    .orderBy('address')
    .execute();
  for (const row of rows) found.get(row.account_id)?.push(row.address);
  return found;
}
