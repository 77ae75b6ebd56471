/**
 * Accounts are shared out in shards, not one by one: a worker holds the leases of some shards and does all the work for
 * the accounts in them, so that each account has one writer.
 */

/** More than there will be workers, few enough to renew every few seconds. Fixed: it is in the database's rows. */
export const shardCount = 256;

/** 0 to 255: the last two hexadecimal digits of the account's id, which are random in a UUIDv7 (RFC 9562 5.7). */
export function shardOf(accountId: string): number {
  return Number.parseInt(accountId.slice(-2), 16) % shardCount || 0;
}

/**
 * How many shards a worker should hold when `workers` share them: the ones before in the order of their names take one
 * more where they do not divide evenly. `index` is the worker's place in that order, from 0.
 */
export function fairShare(workers: number, index: number): number {
  const each = Math.floor(shardCount / Math.max(1, workers));
  return each + (index < shardCount % Math.max(1, workers) ? 1 : 0);
}
