/**
 * Accounts in a real PostgreSQL, in any phase and with any addresses, and the file by which Postfix asks for them: as
 * `mailferry config postfix --pgsql` writes it, for a user who may do nothing else.
 */
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { sql } from 'kysely';
import { systemClock } from '../../src/base/clock.ts';
import { Secret } from '../../src/base/secret.ts';
import type { ServerSide } from '../../src/domain/placement.ts';
import { pgsqlFile, pgsqlPlaceOf } from '../../src/routing/index.ts';
import { readAddress } from '../../src/state/database/address-form.ts';
import type { EdgeRow } from '../../src/state/database/edge-rows.ts';
import { type Database, openDatabase } from '../../src/state/database/open-database.ts';
import { startPostgres } from '../lab/postgres.ts';

export interface RoutesInDatabase {
  readonly database: Database;
  /** Of the user whom Postfix asks as. */
  readonly url: string;
  readonly password: string;
  /** The accounts as these rows have them; others stay. */
  put(rows: readonly Pick<EdgeRow, 'id' | 'epoch' | 'phase' | 'addresses'>[]): Promise<void>;
  /** Forgets all accounts. */
  clear(): Promise<void>;
  /** Writes the file, and gives the table's name. */
  table(file: string, side: ServerSide, peer: string): string;
  /** Stops the server and starts it again; `meanwhile` it is away. */
  restart(meanwhile?: () => Promise<void>): Promise<void>;
  stop(): Promise<void>;
}

export async function startRoutesInDatabase(): Promise<RoutesInDatabase> {
  const server = await startPostgres();
  try {
    const owner = await server.newDatabase();
    const database = await openDatabase({
      url: owner,
      password: new Secret(server.password),
      clock: systemClock,
    });
    const [user, password] = ['postfix_of_a_host', `it's ${randomBytes(9).toString('base64')} \\ %s`];
    // As docs/operations/edges.md tells the operator.
    await sql
      .raw(`create role ${user} login password '${password.replaceAll("'", "''")}'`)
      .execute(database.db);
    await sql.raw(`grant execute on function postfix_route(text, text) to ${user}`).execute(database.db);
    const url = owner.replace('//lab@', `//${user}@`);
    return {
      database,
      url,
      password,
      put: (rows) => put(database, rows),
      clear: async () => {
        for (const table of ['address', 'account'] as const) await database.db.deleteFrom(table).execute();
      },
      table: (file, side, peer) => {
        const place = pgsqlPlaceOf(url, new Secret(password));
        const { whole } = pgsqlFile(place, side, { host: peer, port: 25 });
        writeFileSync(file, whole?.reveal() ?? '');
        return `pgsql:${file}`;
      },
      restart: (meanwhile) => server.restart(meanwhile),
      stop: async () => {
        await database.close();
        await server.stop();
      },
    };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

async function put(
  { db }: Database,
  rows: readonly Pick<EdgeRow, 'id' | 'epoch' | 'phase' | 'addresses'>[],
): Promise<void> {
  await db.transaction().execute(async (inside) => {
    const ids = rows.map(({ id }) => id);
    await inside.deleteFrom('address').where('account_id', 'in', ids).execute();
    for (const { id, epoch, phase, addresses } of rows) {
      const own = { address: id, old_login: id, new_login: id, shard: 0, created_at_ms: 0 };
      await inside
        .insertInto('account')
        .values({ id, epoch, phase, ...own })
        .onConflict((conflict) => conflict.column('id').doUpdateSet({ epoch, phase }))
        .execute();
      for (const text of addresses) {
        // As an import would have it; what it would refuse may be there from elsewhere.
        const address = readAddress(text) ?? text;
        await inside
          .insertInto('address')
          .values({ address, account_id: id })
          .onConflict((conflict) => conflict.column('address').doUpdateSet({ account_id: id }))
          .execute();
      }
    }
  });
}
