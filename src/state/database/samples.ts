/** Where the fleet stood, once a minute: for the curves of the dashboard. Older samples are thinned. */
import { type Kysely, sql } from 'kysely';
import { databaseNow } from './dialect.ts';
import { forgetStaleLoads, type ServerLoad, serverLoads } from './server-load.ts';
import type { Side } from './servers.ts';
import { syncStatus } from './sync-status.ts';
import type { Tables } from './tables.ts';

export interface Sample {
  readonly atMs: number;
  readonly phases: Readonly<Record<string, number>>;
  readonly messagesDone: number;
  readonly bytesCopied: number;
  readonly lagMs: number | null;
  readonly refused: number;
  /** Left out in samples of a release before. */
  readonly servers?: Readonly<Record<Side, ServerLoad | null>>;
}

const minute = 60_000;
const day = 24 * 60 * minute;
/** Older than `afterMs` only one in `everyMs` is kept: a year is some 13,000 rows. */
const thinning = [
  { afterMs: 2 * day, everyMs: 10 * minute },
  { afterMs: 30 * day, everyMs: 60 * minute },
] as const;
const keepMs = 400 * day;

/** One a minute, whoever asks first. */
export async function takeSample(db: Kysely<Tables>): Promise<void> {
  const { rows } = await sql<{ now: number }>`select ${databaseNow(db)} as now`.execute(db);
  const now = rows[0]?.now ?? 0;
  const atMs = Math.floor(now / minute) * minute;
  const there = await db.selectFrom('sample').select('at_ms').where('at_ms', '=', atMs).executeTakeFirst();
  if (there !== undefined) return;
  const { phases, messagesDone, bytesCopied, lagMeanMs, messagesRefused } = await syncStatus(db);
  const servers = await serverLoads(db);
  const detail = { phases, messagesDone, bytesCopied, lagMs: lagMeanMs, refused: messagesRefused, servers };
  await db
    .insertInto('sample')
    .values({ at_ms: atMs, detail: JSON.stringify(detail) })
    .onConflict((conflict) => conflict.column('at_ms').doNothing())
    .execute();
  await thin(db, now);
  await forgetStaleLoads(db, now);
}

async function thin(db: Kysely<Tables>, now: number): Promise<void> {
  await db
    .deleteFrom('sample')
    .where('at_ms', '<', now - keepMs)
    .execute();
  for (const { afterMs, everyMs } of thinning) {
    await db
      .deleteFrom('sample')
      .where('at_ms', '<', now - afterMs)
      .where(sql<boolean>`at_ms % ${sql.lit(everyMs)} <> 0`)
      .execute();
  }
}

/** Ascending, at most `limit` of them, evenly left out where there are more. */
export async function samplesBetween(
  db: Kysely<Tables>,
  { fromMs, toMs, limit }: { readonly fromMs: number; readonly toMs: number; readonly limit: number },
): Promise<Sample[]> {
  const rows = await db
    .selectFrom('sample')
    .selectAll()
    .where('at_ms', '>=', fromMs)
    .where('at_ms', '<=', toMs)
    .orderBy('at_ms')
    .execute();
  const step = Math.ceil(rows.length / limit);
  // Counted from the end: the newest is always among them.
  const kept = rows.filter((_, i) => (rows.length - 1 - i) % Math.max(1, step) === 0);
  return kept.map(({ at_ms: atMs, detail }) => ({
    ...(JSON.parse(detail) as Omit<Sample, 'atMs'>),
    atMs,
  }));
}
