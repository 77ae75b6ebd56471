/** The database as it answers Postfix: who may ask what, letters beyond ASCII, and what follows when it is away. */
import { execFile, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { domainToASCII } from 'node:url';
import { sql } from 'kysely';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RoutesInDatabase, startRoutesInDatabase } from './routes-in-database.ts';

let dir: string;
let routes: RoutesInDatabase;
let map: string;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'mf-routes-database-'));
  mkdirSync(join(dir, 'etc'));
  writeFileSync(join(dir, 'etc/main.cf'), 'smtputf8_enable = yes\ncompatibility_level = 3.6\n');
  routes = await startRoutesInDatabase();
  map = routes.table(join(dir, 'routes.cf'), 'old', 'new.example');
  await routes.put([{ id: 'anna', epoch: 1, phase: 'switched', addresses: ['anna@example.org'] }]);
}, 60_000);
afterAll(async () => {
  await routes.stop();
  rmSync(dir, { recursive: true });
});

const postmap = (key: Buffer | string) =>
  new Promise<{ readonly code: unknown; readonly out: string; readonly err: string }>((resolve) => {
    const asking = execFile('postmap', ['-c', join(dir, 'etc'), '-q', '-', map], (error, out, err) =>
      resolve({ code: error === null ? 0 : error.code, out: out.trim(), err }),
    );
    asking.stdin?.end(Buffer.concat([Buffer.from(key), Buffer.from('\n')]));
  });

it('letters beyond ASCII in names are encoded as everywhere else', async () => {
  const labels = [
    'bücher',
    'münchen-ost',
    'straße',
    'пример',
    '例え',
    'ελλάδα',
    'a-ü-b-ö',
    'ü',
    '1ü2',
    'fähre💩x',
  ];
  labels.push('我'.repeat(20), 'ä'.repeat(30), 'plain', 'xn--bcher-kva');
  for (const label of labels) {
    const { rows } = await sql<{ a: string }>`select a_label(${label}) as a`.execute(routes.database.db);
    expect(rows[0]?.a).toBe(domainToASCII(label));
  }
});

it('the user of a mail host may ask for one address, and for nothing else', async () => {
  const {
    hostname: host,
    port,
    username: user,
    pathname,
  } = new URL(routes.url.replace('postgres:', 'http:'));
  const client = new pg.Client({
    host,
    port: Number(port),
    user,
    password: routes.password,
    database: pathname.slice(1),
  });
  await client.connect();
  try {
    const answer = await client.query('select way from postfix_route($1, $2)', ['old', 'anna@example.org']);
    expect(answer.rows).toEqual([{ way: 'peer' }]);
    for (const forbidden of [
      'select * from account',
      'select * from address',
      'select * from credential',
      "select a_label('x')",
      'create table mine (a int)',
    ])
      await expect(client.query(forbidden)).rejects.toThrow(/permission denied/);
    // Tables of its own stand in nobody's way, its own either.
    await client.query('create temporary table account (id text, phase text)');
    await client.query('create temporary table address (address text, account_id text)');
    const again = await client.query('select way from postfix_route($1, $2)', ['old', 'anna@example.org']);
    expect(again.rows).toEqual([{ way: 'peer' }]);
  } finally {
    await client.end();
  }
});

it('an index answers, however many addresses there are', async () => {
  const { db } = routes.database;
  await sql`insert into account (id, address, old_login, new_login, phase, epoch, shard, created_at_ms)
    select 'many' || n, 'many' || n || '@many.example', 'x', 'x', 'in-step', n, 0, 0 from generate_series(1, 50000) as n`.execute(
    db,
  );
  await sql`insert into address (address, account_id)
    select 'many' || n || '@many.example', 'many' || n from generate_series(1, 50000) as n`.execute(db);
  await sql`analyze address, account`.execute(db);
  const looked = await db.transaction().execute(async (inside) => {
    await sql`select * from postfix_route('new', 'many77@many.example')`.execute(inside);
    await sql`select * from postfix_route('new', 'many.example')`.execute(inside);
    await sql`select * from postfix_route('new', 'absent.example')`.execute(inside);
    const { rows } = await sql<{
      scanned: string;
    }>`select pg_stat_get_xact_tuples_returned('address'::regclass)
      + pg_stat_get_xact_tuples_returned('account'::regclass) as scanned`.execute(inside);
    return Number(rows[0]?.scanned);
  });
  expect(looked).toBeLessThan(100);
});

it('octets that are no letters belong to nobody', async () => {
  for (const key of [
    Buffer.from([0x61, 0xff, 0x40, 0x62]),
    Buffer.from([0x40, 0xc3]),
    "'; drop table address; --@x",
  ])
    expect(await postmap(key)).toMatchObject({ out: '' });
  expect((await postmap('anna@example.org')).out).toMatch(/mailferry:\[new\.example\]:25$/);
});

it('a process of Postfix goes on after the database was started anew, and puts mail off while it is away', {
  timeout: 60_000,
}, async () => {
  const asking = spawn('postmap', ['-c', join(dir, 'etc'), '-q', '-', map], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const lines = createInterface({ input: asking.stdout })[Symbol.asyncIterator]();
  const ended = new Promise<number | null>((resolve) => asking.once('exit', resolve));
  let said = '';
  asking.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  // postmap prints when its buffer is full or at its end: enough of them fill it.
  const many = 'anna@example.org\n'.repeat(400);
  asking.stdin.write(many);
  expect((await lines.next()).value).toMatch(/mailferry:/);
  await routes.restart();
  asking.stdin.end(many);
  let count = 1;
  for (let next = await lines.next(); next.done !== true; next = await lines.next()) count++;
  expect([await ended, count]).toEqual([0, 800]);
  // The dead connection was noticed, and the next one asked.
  expect(said).toMatch(/terminating connection|server closed|query failed/);

  const asked = Promise.withResolvers<Awaited<ReturnType<typeof postmap>>>();
  await routes.restart(async () => asked.resolve(await postmap('anna@example.org')));
  const away = await asked.promise;
  expect([away.code, away.out]).toEqual([1, '']);
  // That is no "not found", which says nothing.
  expect(away.err).toMatch(/query error/);
});
