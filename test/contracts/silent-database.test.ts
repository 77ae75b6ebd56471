/** A PostgreSQL whose connections die without a word, while new ones work: as after a failover behind a firewall. */
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { Secret } from '../../src/base/secret.ts';
import { openDatabase } from '../../src/state/database/open-database.ts';
import { type Postgres, startPostgres } from '../lab/postgres.ts';
import { type SilentProxy, startSilentProxy } from '../lab/silent-proxy.ts';

let postgres: Postgres;
let proxy: SilentProxy;
let url: string;

beforeAll(async () => {
  postgres = await startPostgres();
  proxy = await startSilentProxy(postgres.port);
  url = (await postgres.newDatabase()).replace(`:${postgres.port}/`, `:${proxy.port}/`);
}, 60_000);
afterAll(async () => {
  await proxy?.stop();
  await postgres?.stop();
});

test('what waits on dead connections is refused, and the next question is answered', async () => {
  const database = await openDatabase({ url, password: new Secret(postgres.password), clock: systemClock });
  const ask = () => sql`select 1`.execute(database.db);
  // The pool has several by now.
  await Promise.all(Array.from({ length: 6 }, () => sql`select pg_sleep(0.2)`.execute(database.db)));
  proxy.silence();
  const since = performance.now();
  await expect(ask()).rejects.toThrow(/stopped to answer|terminated/);
  expect(performance.now() - since).toBeLessThan(20_000);
  await ask();
  expect(performance.now() - since).toBeLessThan(21_000);
  await database.close();
});

test('a long statement is left to end', async () => {
  const database = await openDatabase({ url, password: new Secret(postgres.password), clock: systemClock });
  const { rows } = await sql<{ one: number }>`select 1 as one from pg_sleep(12)`.execute(database.db);
  expect(rows).toHaveLength(1);
  await database.close();
});
