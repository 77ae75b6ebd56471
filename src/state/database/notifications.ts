/**
 * Tells processes at once that the event table has grown: by LISTEN and NOTIFY on PostgreSQL, inside the process on
 * SQLite, which nobody else writes. A hint only; what happened is read from the table.
 */
import { type Kysely, sql } from 'kysely';
import pg from 'pg';
import { isPostgres } from './dialect.ts';
import type { Tables } from './tables.ts';

const channel = 'mailferry_event';
const reconnectMs = 1_000;
/** A connection that only listens does not notice that it has died: it is asked this often, and has so long to answer. */
const heartbeatMs = 30_000;
const answerMs = 10_000;

/** Of all SQLite databases of this process: there is one, and a hint too many does no harm. */
const local = new Set<() => void>();

/** In the transaction of the event: nobody hears of it before the commit. */
export async function notify(inside: Kysely<Tables>): Promise<void> {
  if (isPostgres(inside)) await sql`select pg_notify(${channel}, '')`.execute(inside);
  // Whoever asks now waits for this transaction: SQLite has one connection.
  else for (const wake of local) setImmediate(wake);
}

export interface Notifications {
  close(): Promise<void>;
}

export function listenLocally(wake: () => void): Notifications {
  local.add(wake);
  return {
    close: async () => {
      local.delete(wake);
    },
  };
}

/** Reconnects by itself, and wakes after it has: what came meanwhile was not heard. */
export function listenOnPostgres(config: pg.ClientConfig, wake: () => void): Notifications {
  let over = false;
  let client: pg.Client | null = null;
  let timer: NodeJS.Timeout | null = null;
  let heartbeat: NodeJS.Timeout | null = null;
  const connect = async () => {
    const fresh = new pg.Client({ ...config, keepAlive: true, query_timeout: answerMs });
    client = fresh;
    const again = () => {
      if (over || client !== fresh) return;
      client = null;
      if (heartbeat !== null) clearInterval(heartbeat);
      timer = setTimeout(() => void connect(), reconnectMs);
    };
    fresh.on('error', again);
    fresh.on('end', again);
    fresh.on('notification', wake);
    try {
      await fresh.connect();
      await fresh.query(`listen ${channel}`);
      heartbeat = setInterval(() => {
        fresh.query('select 1').catch(() => {
          again();
          // Not awaited: nobody may be there to say goodbye to.
          void fresh.end().catch(() => {});
        });
      }, heartbeatMs);
      wake();
    } catch {
      await fresh.end().catch(() => {});
      again();
    }
  };
  void connect();
  return {
    close: async () => {
      over = true;
      if (timer !== null) clearTimeout(timer);
      if (heartbeat !== null) clearInterval(heartbeat);
      await client?.end().catch(() => {});
    },
  };
}
