/** What the workers ask of a server right now: each says it every few seconds, and together it is the server's load. */
import type { Kysely } from 'kysely';
import { databaseNow } from './dialect.ts';
import type { Side } from './servers.ts';
import type { Tables } from './tables.ts';

export interface ServerLoad {
  /** Open now, those that only listen included. */
  readonly connections: number;
  /** Of these at most. */
  readonly allowed: number;
  /** Passes that wait for one. */
  readonly waiting: number;
  readonly messagesPerSecond: number;
  readonly bytesPerSecond: number;
  /** Median of short commands; of several workers the highest. Null before there were enough. */
  readonly latencyMs: number | null;
  /** Octets of all workers since midnight, as the worker last read them. */
  readonly bytesToday: number;
}

/** What was said longer ago does not count: the worker has gone, or hangs. Three reports. */
const freshMs = 15_000;
/** How often a worker says it. */
export const reportEveryMs = 5_000;

export async function reportLoad(
  db: Kysely<Tables>,
  worker: string,
  side: Side,
  load: ServerLoad,
): Promise<void> {
  const said = { at_ms: databaseNow(db), detail: JSON.stringify(load) };
  await db
    .insertInto('server_load')
    .values({ worker, side, ...said })
    .onConflict((conflict) => conflict.columns(['worker', 'side']).doUpdateSet(said))
    .execute();
}

/** A worker that ends asks for nothing any more. */
export async function forgetLoad(db: Kysely<Tables>, worker: string): Promise<void> {
  await db.deleteFrom('server_load').where('worker', '=', worker).execute();
}

/** Of workers that ended without a word. */
export async function forgetStaleLoads(db: Kysely<Tables>, now: number): Promise<void> {
  await db
    .deleteFrom('server_load')
    .where('at_ms', '<', now - 60 * freshMs)
    .execute();
}

/** Null for a side that no worker has told of lately. */
export async function serverLoads(db: Kysely<Tables>): Promise<Readonly<Record<Side, ServerLoad | null>>> {
  const rows = await db
    .selectFrom('server_load')
    .select(['side', 'detail'])
    .where('at_ms', '>', (eb) => eb(databaseNow(db), '-', freshMs))
    .execute();
  const of = (side: Side): ServerLoad | null =>
    together(rows.filter((row) => row.side === side).map(({ detail }) => JSON.parse(detail) as ServerLoad));
  return { old: of('old'), new: of('new') };
}

function together(loads: readonly ServerLoad[]): ServerLoad | null {
  if (loads.length === 0) return null;
  const sum = (of: (one: ServerLoad) => number): number => loads.reduce((total, one) => total + of(one), 0);
  const latencies = loads.flatMap(({ latencyMs }) => (latencyMs === null ? [] : [latencyMs]));
  return {
    connections: sum((one) => one.connections),
    allowed: sum((one) => one.allowed),
    waiting: sum((one) => one.waiting),
    messagesPerSecond: sum((one) => one.messagesPerSecond),
    bytesPerSecond: sum((one) => one.bytesPerSecond),
    latencyMs: latencies.length === 0 ? null : Math.max(...latencies),
    bytesToday: Math.max(...loads.map(({ bytesToday }) => bytesToday)),
  };
}
