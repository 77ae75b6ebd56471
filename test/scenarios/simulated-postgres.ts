/**
 * The daemon's database on a real PostgreSQL in simulated time. The simulation's clock stands still while a question is
 * being answered, and `clock_timestamp()` is a function of ours that gives its time. What the server decides by itself
 * (which of two transactions comes first) it decides anew each time, so that a seed does not replay.
 */
import { Kysely, PostgresDialect, type PostgresPoolClient, sql } from 'kysely';
import type pg from 'pg';
import { Secret } from '../../src/base/secret.ts';
import { migrate } from '../../src/state/database/migrate.ts';
import { openPool } from '../../src/state/database/postgres.ts';
import type { Tables } from '../../src/state/database/tables.ts';
import type { FakeClock } from '../fakes/fake-clock.ts';
import { type Postgres, startPostgres } from '../lab/postgres.ts';
import type { SimulatedDatabase } from './simulated-database.ts';

/** One server for all fleets of a test file; who starts it stops it. */
let server: Promise<Postgres> | null = null;

export async function stopSimulatedPostgres(): Promise<void> {
  await (await server)?.stop();
  server = null;
}

/** Before `pg_catalog` in the path, so that the product's own SQL finds this one. */
const simulatedTime = [
  'create schema simulated',
  `create function simulated.clock_timestamp() returns timestamptz volatile language sql as
   $$ select to_timestamp(current_setting('simulated.now')::double precision / 1000) $$`,
];
const searchPath = 'simulated, pg_catalog, public';

export async function openSimulatedPostgres(clock: FakeClock): Promise<SimulatedDatabase> {
  server ??= startPostgres();
  const { password, newDatabase } = await clock.whileBusy(server);
  const pool = openPool(await clock.whileBusy(newDatabase()), new Secret(password));
  for (const statement of simulatedTime) await clock.whileBusy(pool.query(statement));
  const hearing = new Set<() => void>();
  const prepared = new WeakSet<pg.PoolClient>();
  const db = new Kysely<Tables>({
    dialect: new PostgresDialect({ pool: { connect, end: () => pool.end(), options: pool.options } }),
  });
  await migrate(db, 'the simulated PostgreSQL');

  async function connect(): Promise<PostgresPoolClient> {
    const client = await clock.whileBusy(pool.connect().then(withPath));
    return {
      query: ((text: string, values: readonly unknown[]) =>
        ask(client, text, values)) as PostgresPoolClient['query'],
      release: () => client.release(),
    };
  }
  async function withPath(client: pg.PoolClient): Promise<pg.PoolClient> {
    if (!prepared.has(client)) await client.query(`set search_path = ${searchPath}`);
    prepared.add(client);
    return client;
  }
  function ask(client: pg.PoolClient, text: string, values: readonly unknown[]): Promise<unknown> {
    const asking = async () => {
      if (text.includes('clock_timestamp')) await client.query(`set simulated.now = '${clock.now()}'`);
      return await client.query(text, [...values]);
    };
    return clock.whileBusy(asking()).finally(() => {
      // A real notification would come at any time of the simulated clock; one too many does no harm.
      if (/^commit/i.test(text)) for (const wake of hearing) setImmediate(wake);
    });
  }

  // Steps of journals wait while somebody looks at one.
  const held: { by: Promise<void> | null } = { by: null };
  const steps = new Set<Promise<void>>();
  return {
    name: 'the simulated PostgreSQL',
    db,
    urgent: db,
    durably: async (work) => {
      while (held.by !== null) await held.by;
      const step = db.transaction().execute(work);
      const ended = step.then(
        () => {},
        () => {},
      );
      steps.add(ended);
      await ended;
      steps.delete(ended);
      await step;
    },
    listen: (wake) => {
      hearing.add(wake);
      return { close: async () => void hearing.delete(wake) };
    },
    close: () => db.destroy(),
    hasIntents: async (accountId) => {
      const { rows } =
        await sql`select 1 from journal_intent where account_id = ${accountId} limit 1`.execute(db);
      return rows.length > 0;
    },
    holdJournals: async () => {
      while (held.by !== null) await held.by;
      let release = () => {};
      held.by = new Promise((resolve) => {
        release = () => {
          held.by = null;
          resolve();
        };
      });
      while (steps.size > 0) await Promise.all(steps);
      return release;
    },
  };
}
