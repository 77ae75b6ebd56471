/** A PostgreSQL whose connections die without a word, while new ones work: as after a failover behind a firewall. */
import { connect, createServer, type Server, type Socket } from 'node:net';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { Secret } from '../../src/base/secret.ts';
import { openDatabase } from '../../src/state/database/open-database.ts';
import { type Postgres, startPostgres } from '../lab/postgres.ts';

let postgres: Postgres;
let proxy: Server;
let url: string;
const sockets = new Set<Socket>();
/** Connections that are there are never heard again. */
let silence: () => void;

beforeAll(async () => {
  postgres = await startPostgres();
  const toServer = new Set<Socket>();
  proxy = createServer((client) => {
    const server = connect(postgres.port, '127.0.0.1');
    let silent = false;
    silenced.add(() => {
      silent = true;
    });
    for (const socket of [client, server]) {
      sockets.add(socket);
      socket.on('error', () => {});
    }
    toServer.add(server);
    client.on('data', (bytes) => void (silent || server.write(bytes)));
    server.on('data', (bytes) => void (silent || client.write(bytes)));
    client.on('close', () => void (silent || server.destroy()));
    server.on('close', () => void (silent || client.destroy()));
  });
  const silenced = new Set<() => void>();
  silence = () => {
    for (const one of silenced) one();
  };
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const address = proxy.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  url = (await postgres.newDatabase()).replace(`:${postgres.port}/`, `:${address.port}/`);
}, 60_000);
afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  proxy?.close();
  await postgres?.stop();
});

test('what waits on dead connections is refused, and the next question is answered', async () => {
  const database = await openDatabase({ url, password: new Secret(postgres.password), clock: systemClock });
  const ask = () => sql`select 1`.execute(database.db);
  // The pool has several by now.
  await Promise.all(Array.from({ length: 6 }, () => sql`select pg_sleep(0.2)`.execute(database.db)));
  silence();
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
