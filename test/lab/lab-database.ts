/** An empty database of the daemon, of either kind, for a program or a whole file of tests. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../src/base/clock.ts';
import { Secret } from '../../src/base/secret.ts';
import { type Database, openDatabase } from '../../src/state/database/open-database.ts';
import { startPostgres } from './postgres.ts';

export type DatabaseKind = 'SQLite' | 'PostgreSQL';

export interface LabDatabase {
  readonly database: Database;
  /** Closes it, and stops the server that was started for it. */
  remove(): Promise<void>;
}

export async function openLabDatabase(kind: DatabaseKind): Promise<LabDatabase> {
  if (kind === 'SQLite') {
    const directory = mkdtempSync(join(tmpdir(), 'mailferry-database-'));
    const url = `sqlite:${join(directory, 'database')}`;
    const database = await openDatabase({ url, clock: systemClock });
    const remove = async () => {
      await database.close();
      rmSync(directory, { recursive: true });
    };
    return { database, remove };
  }
  const server = await startPostgres();
  const password = new Secret(server.password);
  const database = await openDatabase({ url: await server.newDatabase(), password, clock: systemClock });
  const remove = async () => {
    await database.close();
    await server.stop();
  };
  return { database, remove };
}
