/** The daemon's database in memory, whose time is a simulated one: leases run out by it. Everything in it is microtasks. */
import { DatabaseSync } from 'node:sqlite';
import { Kysely } from 'kysely';
import type { Clock } from '../../src/base/clock.ts';
import { migrate } from '../../src/state/database/migrate.ts';
import { listenLocally } from '../../src/state/database/notifications.ts';
import type { Database } from '../../src/state/database/open-database.ts';
import { sqliteDialect } from '../../src/state/database/sqlite.ts';
import type { Tables } from '../../src/state/database/tables.ts';

export interface SimulatedDatabase extends Database {
  /** Whether steps are under way whose outcome the account's journal does not know. At once, between two awaits. */
  hasIntents(accountId: string): boolean;
  /** As another process does it, at once: also while a question of ours is being answered. */
  pauseNow(accountId: string): void;
}

export async function openSimulatedDatabase(clock: Clock): Promise<SimulatedDatabase> {
  const sqlite = new DatabaseSync(':memory:');
  sqlite.function('unixepoch', { varargs: true }, () => clock.now() / 1000);
  const db = new Kysely<Tables>({ dialect: sqliteDialect(sqlite, clock) });
  await migrate(db, 'in memory');
  const pause = sqlite.prepare(`update account set paused = '{"by":"x","why":""}' where id = ?`);
  const intents = sqlite.prepare('select count(*) as n from journal_intent where account_id = ?');
  return {
    name: 'in memory',
    db,
    durably: (work) => db.transaction().execute(work),
    listen: listenLocally,
    close: () => db.destroy(),
    hasIntents: (accountId) => Number(intents.get(accountId)?.['n']) > 0,
    pauseNow: (accountId) => void pause.run(accountId),
  };
}
