/** Which accounts are in which shard, which shards are free, and which workers live. */
import { type Kysely, sql } from 'kysely';
import { shardCount } from '../../domain/shard.ts';
import { databaseNow } from './dialect.ts';
import type { Tables } from './tables.ts';

const workerPrefix = 'worker/';
const shardPrefix = 'shard/';

export const workerLeaseName = (worker: string): string => workerPrefix + worker;
export const shardLeaseName = (shard: number): string => shardPrefix + shard;

/** Ascending by name. */
export async function liveWorkers(db: Kysely<Tables>): Promise<string[]> {
  const rows = await db
    .selectFrom('lease')
    .select('name')
    .where('name', 'like', `${workerPrefix}%`)
    .where('until_ms', '>', databaseNow(db))
    .orderBy('name')
    .execute();
  return rows.map(({ name }) => name.slice(workerPrefix.length));
}

/** Held by nobody, ascending. */
export async function freeShards(db: Kysely<Tables>): Promise<number[]> {
  const rows = await db
    .selectFrom('lease')
    .select('name')
    .where('name', 'like', `${shardPrefix}%`)
    .where('until_ms', '>', databaseNow(db))
    .execute();
  const held = new Set(rows.map(({ name }) => Number(name.slice(shardPrefix.length))));
  return Array.from({ length: shardCount }, (_, shard) => shard).filter((shard) => !held.has(shard));
}

/** Those that a worker may have something to do for: copying or in step. */
export async function accountsInShard(db: Kysely<Tables>, shard: number): Promise<string[]> {
  const rows = await db
    .selectFrom('account')
    .select('id')
    .where('shard', '=', shard)
    .where('phase', 'in', ['copying', 'in-step'])
    .orderBy('id')
    .execute();
  return rows.map(({ id }) => id);
}

/** Those of several shards, in one question. */
export async function accountsInShards(
  db: Kysely<Tables>,
  shards: readonly number[],
): Promise<{ readonly id: string; readonly shard: number }[]> {
  if (shards.length === 0) return [];
  return await db
    .selectFrom('account')
    .select(['id', 'shard'])
    .where('shard', 'in', shards)
    .where('phase', 'in', ['copying', 'in-step'])
    .execute();
}

/** How many such accounts each of several shards has; one without any has no entry. */
export async function accountCounts(
  db: Kysely<Tables>,
  shards: readonly number[],
): Promise<ReadonlyMap<number, number>> {
  if (shards.length === 0) return new Map();
  const rows = await db
    .selectFrom('account')
    .select(['shard', sql<number>`cast(count(*) as integer)`.as('accounts')])
    .where('shard', 'in', shards)
    .where('phase', 'in', ['copying', 'in-step'])
    .groupBy('shard')
    .execute();
  return new Map(rows.map(({ shard, accounts }) => [shard, accounts]));
}

/** Octets that were carried to or from a server on one day, by all workers. */
export async function addUsage(
  db: Kysely<Tables>,
  side: string,
  day: string,
  bytes: number,
): Promise<number> {
  const { bytes: total } = await db
    .insertInto('server_usage')
    .values({ side, day, bytes })
    .onConflict((conflict) =>
      conflict.columns(['side', 'day']).doUpdateSet({ bytes: sql<number>`server_usage.bytes + ${bytes}` }),
    )
    .returning('bytes')
    .executeTakeFirstOrThrow();
  return total;
}
