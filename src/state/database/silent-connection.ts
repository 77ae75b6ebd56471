/**
 * Connections to PostgreSQL that have died without a word, as behind a firewall that forgot them or after a failover:
 * what is asked on them would wait for ever. A question without an answer is followed by another on a new connection:
 * whether the server still works on it. Long statements go on; dead connections are cut, and with them all that rest.
 */
import type { Socket } from 'node:net';
import pg from 'pg';

export interface SilenceTiming {
  /** Without an answer for so long the server is asked; then again after as long. */
  readonly askAfterMs: number;
  /** Of the question itself. */
  readonly answerMs: number;
}

/** A worker whose questions wait gives up its shards after 10 s; it should have the next connection about then. */
export const defaultSilenceTiming: SilenceTiming = { askAfterMs: 5_000, answerMs: 4_000 };

/** What pg has of a client and does not tell in its types. */
interface Inside {
  readonly processID: number | null;
  readonly connection: { readonly stream: Socket };
}

/** Watches each connection of the pool from its beginning. */
export function cutSilentConnections(
  pool: pg.Pool,
  config: pg.ClientConfig,
  timing: SilenceTiming = defaultSilenceTiming,
): void {
  const resting = new Set<Socket>();
  pool.on('connect', (client) => {
    const { stream } = inside(client).connection;
    /** Of what is asked on it now: the pool gives it to one user at a time. */
    const timers = new Set<NodeJS.Timeout>();
    stream.once('close', () => {
      resting.delete(stream);
      for (const timer of timers) clearInterval(timer);
    });
    resting.add(stream);
    let asking = false;
    const askAbout = async () => {
      if (asking) return;
      asking = true;
      const works = await worksOn(inside(client).processID, config, timing.answerMs);
      asking = false;
      if (works || timers.size === 0) return;
      const gone = new Error('the database stopped to answer on this connection');
      for (const one of [stream, ...resting]) one.destroy(gone);
    };
    const query = client.query.bind(client) as (...args: unknown[]) => unknown;
    client.query = ((...args: unknown[]) => {
      const answer = query(...args);
      if (!(answer instanceof Promise)) return answer;
      resting.delete(stream);
      const timer = setInterval(() => void askAbout(), timing.askAfterMs);
      timers.add(timer);
      const answered = () => {
        clearInterval(timer);
        timers.delete(timer);
        if (timers.size === 0 && !stream.destroyed) resting.add(stream);
      };
      answer.then(answered, answered);
      return answer;
    }) as typeof client.query;
  });
}

function inside(client: pg.PoolClient): Inside {
  return client as unknown as Inside;
}

/** False where the server does nothing for that connection, or cannot be asked either. */
async function worksOn(processId: number | null, config: pg.ClientConfig, ms: number): Promise<boolean> {
  const asker = new pg.Client({ ...config, connectionTimeoutMillis: ms, query_timeout: ms });
  asker.on('error', () => undefined);
  try {
    await asker.connect();
    const text = `select 1 from pg_stat_activity where pid = $1 and state = 'active'`;
    return (await asker.query(text, [processId])).rowCount === 1;
  } catch {
    return false;
  } finally {
    // Not awaited: it may be as silent as the other.
    asker.end().catch(() => undefined);
  }
}
