/** The two servers: where they are, what they may be asked for, and what they were last seen able to do. */
import type { Kysely } from 'kysely';
import { appendAudit } from './audit.ts';
import { databaseNow } from './dialect.ts';
import { appendEvent } from './events.ts';
import type { Tables } from './tables.ts';

export type Side = 'old' | 'new';

export interface ServerSettings {
  readonly side: Side;
  readonly host: string;
  readonly port: number;
  /** As configured. */
  readonly limits: Readonly<Record<string, unknown>>;
}

export interface ServerRow extends ServerSettings {
  /** Words that the server announced last; null before a worker reached it. */
  readonly capabilities: readonly string[] | null;
  readonly seenAtMs: number | null;
}

/** Old first. */
export async function allServers(db: Kysely<Tables>): Promise<ServerRow[]> {
  const rows = await db.selectFrom('server').selectAll().orderBy('side', 'desc').execute();
  return rows.map((row) => ({
    side: row.side as Side,
    host: row.host,
    port: row.port,
    limits: JSON.parse(row.limits) as Record<string, unknown>,
    capabilities: row.capabilities === null ? null : (JSON.parse(row.capabilities) as string[]),
    seenAtMs: row.seen_at_ms,
  }));
}

/** With audit row and event where something differs; does nothing otherwise. */
export async function putServer(db: Kysely<Tables>, server: ServerSettings, actor: string): Promise<void> {
  const { side, host, port } = server;
  const limits = JSON.stringify(server.limits);
  await db.transaction().execute(async (inside) => {
    const before = await inside
      .selectFrom('server')
      .select(['host', 'port', 'limits'])
      .where('side', '=', side)
      .executeTakeFirst();
    if (before?.host === host && before.port === port && before.limits === limits) return;
    // Another server: what the one before was able to do says nothing.
    const kept = before?.host === host && before.port === port;
    const changing = { host, port, limits, ...(kept ? {} : { capabilities: null, seen_at_ms: null }) };
    await inside
      .insertInto('server')
      .values({ side, host, port, limits, capabilities: null, seen_at_ms: null })
      .onConflict((conflict) => conflict.column('side').doUpdateSet(changing))
      .execute();
    const detail = { host, port, limits: server.limits };
    await appendAudit(inside, { actor, action: 'server.set', subject: side, detail });
    await appendEvent(inside, { kind: 'server.set', subject: side, detail });
  });
}

/** A worker reached it. No audit row: nobody changed anything. */
export async function sawServer(
  db: Kysely<Tables>,
  side: Side,
  capabilities: readonly string[],
): Promise<void> {
  await db
    .updateTable('server')
    .set({ capabilities: JSON.stringify(capabilities), seen_at_ms: databaseNow(db) })
    .where('side', '=', side)
    .execute();
}
