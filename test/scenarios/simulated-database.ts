/**
 * The daemon's database in simulated time: leases run out by the simulation's clock. SQLite in memory, where everything is
 * microtasks, or a database of the lab's PostgreSQL, whose answers come in an order of their own.
 */
import { DatabaseSync } from 'node:sqlite';
import { Kysely } from 'kysely';
import { migrate } from '../../src/state/database/migrate.ts';
import { listenLocally } from '../../src/state/database/notifications.ts';
import type { Database } from '../../src/state/database/open-database.ts';
import { sqliteDialects } from '../../src/state/database/sqlite.ts';
import type { Tables } from '../../src/state/database/tables.ts';
import type { FakeClock } from '../fakes/fake-clock.ts';
import { onPostgres } from './scenario-database.ts';
import { openSimulatedPostgres } from './simulated-postgres.ts';

export interface SimulatedDatabase extends Database {
  /** Whether steps are under way whose outcome the account's journal does not know. On SQLite at once, between two awaits. */
  hasIntents(accountId: string): boolean | Promise<boolean>;
  /** On SQLite, as another process does it, at once: also while a question of ours is being answered. */
  readonly pauseNow?: (accountId: string) => void;
  /** Where an answer takes time: no step of a journal is under way from when it resolves until its result is called. */
  readonly holdJournals?: () => Promise<() => void>;
}

export async function openSimulatedDatabase(clock: FakeClock): Promise<SimulatedDatabase> {
  return await (onPostgres ? openSimulatedPostgres(clock) : openInMemory(clock));
}

async function openInMemory(clock: FakeClock): Promise<SimulatedDatabase> {
  const sqlite = new DatabaseSync(':memory:');
  sqlite.function('unixepoch', { varargs: true }, () => clock.now() / 1000);
  const dialects = sqliteDialects(sqlite, clock);
  const db = new Kysely<Tables>({ dialect: dialects.fair });
  await migrate(db, 'in memory');
  const pause = sqlite.prepare(`update account set paused = '{"by":"x","why":""}' where id = ?`);
  const intents = sqlite.prepare('select count(*) as n from journal_intent where account_id = ?');
  return {
    name: 'in memory',
    db,
    urgent: new Kysely<Tables>({ dialect: dialects.urgent }),
    durably: (work) => db.transaction().execute(work),
    listen: listenLocally,
    close: () => db.destroy(),
    hasIntents: (accountId) => Number(intents.get(accountId)?.['n']) > 0,
    pauseNow: (accountId) => void pause.run(accountId),
  };
}
