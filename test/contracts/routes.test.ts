/**
 * The ways in which Postfix learns an account's route give the same answers: an LMDB table that the edge keeps, the edge's
 * socketmap server, and the database itself. Postfix's own postmap asks.
 */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Phase, phases } from '../../src/domain/phase.ts';
import { placementOf } from '../../src/domain/placement.ts';
import {
  allRows,
  changedRows,
  nexthopOf,
  PostmapTable,
  routeLookup,
  serveSocketmap,
  type SocketmapServer,
} from '../../src/routing/index.ts';
import type { EdgeRow } from '../../src/state/database/edge-rows.ts';
import { Replica } from '../../src/state/replica/replica.ts';
import { type RoutesInDatabase, startRoutesInDatabase } from './routes-in-database.ts';

const nexthop = nexthopOf('new.example', 25);
let dir: string;
let replica: Replica;
let table: PostmapTable;
let server: SocketmapServer;
let inDatabase: RoutesInDatabase;
let pgsql: string;

const row = (name: string, epoch: number, phase: Phase, ...addresses: string[]): EdgeRow => ({
  id: `id-${name}`,
  epoch,
  phase,
  addresses,
  oldLogin: name,
  newLogin: name,
  appPasswords: [],
});

/** As the edge does: the replica, then the table; and as control does, which the edge has them from. */
async function take(rows: readonly EdgeRow[], upTo: number): Promise<void> {
  await inDatabase.put(rows);
  await table.change(changedRows('old', nexthop, replica.apply(rows, upTo, true), new Set()));
}

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'mf-routes-'));
  mkdirSync(join(dir, 'etc'));
  writeFileSync(
    join(dir, 'etc/main.cf'),
    'recipient_delimiter = +\nsmtputf8_enable = yes\ncompatibility_level = 3.6\n',
  );
  inDatabase = await startRoutesInDatabase();
  pgsql = inDatabase.table(join(dir, 'routes.cf'), 'old', 'new.example');
  replica = Replica.open(join(dir, 'replica'), 'old');
  table = new PostmapTable({ file: join(dir, 'transport'), configDirectory: join(dir, 'etc') });
  await table.rebuild([]);
  const lookup = routeLookup({ side: 'old', replica: () => replica, nexthop, delimiters: '+' });
  server = await serveSocketmap({ host: '127.0.0.1', port: 0 }, lookup, () => {});
}, 60_000);
afterAll(async () => {
  await server.close();
  await inDatabase.stop();
  replica.close();
  rmSync(dir, { recursive: true });
});

const ways = {
  lmdb: () => `lmdb:${join(dir, 'transport')}`,
  socketmap: () => `socketmap:inet:127.0.0.1:${(server.address as { port: number }).port}:transport`,
  pgsql: () => pgsql,
} as const;
const allWays = ['lmdb', 'socketmap', 'pgsql'] as const;

const ask = (way: keyof typeof ways, key: string) => postmapQuery(key, ways[way]());

/** Null where there is no such row. */
function postmapQuery(key: string, map: string): Promise<string | null> {
  return new Promise((resolve, reject) => {
    execFile(
      'postmap',
      ['-c', join(dir, 'etc'), '-q', key, map],
      { timeout: 20_000 },
      (error, stdout, stderr) => {
        if (error === null) resolve(stdout.trim());
        else if (error.code === 1 && stderr === '') resolve(null);
        else reject(new Error(`${stderr}${error.message}`));
      },
    );
  });
}

describe.each(allWays)('by %s', (way) => {
  beforeAll(async () => {
    await take(
      [
        row('anna', 1, 'switched', 'anna@example.org', 'alias@example.org', 'catch@all.example'),
        row('bela', 2, 'in-step', 'bela@example.org'),
        row('näh', 3, 'done', 'nähe@bücher.example'),
        row('two', 4, 'rolling-back', 'two words@example.org', "o'brien@example.org", 'a!b%c@example.org'),
        row('wait', 5, 'switching', 'wait@example.org'),
      ],
      5,
    );
  });

  it.each([
    ['anna@example.org', true],
    ['ANNA@Example.ORG', true],
    ['alias@example.org', true],
    ['bela@example.org', false],
    ['wait@example.org', false],
    ['nobody@example.org', false],
    ['nähe@bücher.example', true],
    ['NÄHE@BÜCHER.example', true],
    ['nähe@xn--bcher-kva.example', true],
    ['"two words"@example.org', true],
    ["o'brien@example.org", true],
    ['a!b%c@example.org', true],
    ['bela+news@example.org', false],
    ['#anna@example.org', false],
    ['@example.org', false],
    ['.example.org', false],
    ['%s@example.org', false],
    ['example.org', false],
    ['*', false],
    ['anna@example.org ', false],
    [' anna@example.org', false],
    ['anna @example.org', false],
    ['anna@example.org\n', false],
    ['anna@example.org\t', false],
    ['anna\u0001@example.org', false],
    ['anna@%65xample.org', false],
    ['anna@ｅxample.org', false],
    ['anna@example.org.', false],
  ])('%s is relayed: %s', async (key, relayed) => {
    expect(await ask(way, key)).toBe(relayed ? nexthop : null);
  });

  it('octets that are no UTF-8 are nobody’s address', async () => {
    // The shell makes the argument: what Node hands over is UTF-8 always.
    const asked = `exec postmap -c "$1" -q "$(printf '\\344nna@example.org')" "$2"`;
    const answer = await new Promise((resolve) => {
      execFile('sh', ['-c', asked, 'sh', join(dir, 'etc'), ways[way]()], (error, stdout) =>
        resolve([error?.code ?? 0, stdout]),
      );
    });
    expect(answer).toEqual([1, '']);
  });

  it('an account that goes and comes back is asked for anew each time', async () => {
    for (const [epoch, phase] of [
      [10, 'switched'],
      [11, 'in-step'],
      [12, 'switched'],
    ] as const) {
      await take([row('bela', epoch, phase, 'bela@example.org')], epoch);
      expect(await ask(way, 'bela@example.org')).toBe(phase === 'switched' ? nexthop : null);
    }
    await take([row('bela', 13, 'in-step', 'bela@example.org')], 13);
  });

  it('an address goes with the account that has it', async () => {
    await take([row('anna', 20, 'switched', 'anna@example.org')], 20);
    expect(await ask(way, 'alias@example.org')).toBeNull();
    await take([row('bela', 21, 'in-step', 'bela@example.org', 'anna@example.org')], 21);
    expect(await ask(way, 'anna@example.org')).toBeNull();
    await take([row('anna', 22, 'switched', 'anna@example.org', 'alias@example.org')], 22);
    expect(await ask(way, 'anna@example.org')).toBe(nexthop);
  });
});

it('an address that one row takes and another gives up in the same page goes where it is in the end', async () => {
  await take([row('left', 30, 'switched', 'left@example.org', 'info@example.org')], 30);
  const rows = [
    row('left', 31, 'switched', 'left@example.org'),
    row('right', 32, 'switched', 'right@example.org', 'info@example.org'),
  ];
  await take(rows, 32);
  for (const way of allWays) expect(await ask(way, 'info@example.org')).toBe(nexthop);
  // And the other way round, to one that has not moved.
  await take(
    [
      row('left', 33, 'switched', 'left@example.org', 'info@example.org'),
      row('right', 34, 'in-step', 'right@example.org', 'info@example.org'),
    ],
    34,
  );
  for (const way of allWays) expect(await ask(way, 'info@example.org')).toBeNull();
});

it('a socketmap takes the extension off by itself, as Postfix does not', async () => {
  expect(await ask('socketmap', 'anna+news@example.org')).toBe(nexthop);
  expect(await ask('socketmap', 'bela+news@example.org')).toBeNull();
});

it('a table that is made anew holds what single changes made', async () => {
  await table.rebuild(allRows('old', nexthop, replica.addresses()));
  expect(await ask('lmdb', 'nähe@xn--bcher-kva.example')).toBe(nexthop);
  expect(await ask('lmdb', 'bela@example.org')).toBeNull();
});

it('without a whole replica nobody is told "not found"', async () => {
  const lookup = routeLookup({ side: 'old', replica: () => null, nexthop, delimiters: '+' });
  const said: unknown[] = [];
  const other = await serveSocketmap({ host: '127.0.0.1', port: 0 }, lookup, (error) => said.push(error));
  try {
    const map = `socketmap:inet:127.0.0.1:${(other.address as { port: number }).port}:transport`;
    const answer = new Promise((resolve) => {
      execFile('postmap', ['-c', join(dir, 'etc'), '-q', 'x@y.org', map], (error, _, stderr) =>
        resolve(`${error?.code} ${stderr}`),
      );
    });
    expect(await answer).toMatch(/routes are not known/);
    expect(said.length).toBeGreaterThan(0);
  } finally {
    await other.close();
  }
});

describe('on new', () => {
  let fresh: Replica;
  let other: SocketmapServer;
  let all: PostmapTable;
  let fromDatabase: string;
  const known = new Set<string>();
  const toOld = nexthopOf('old.example', 25);
  const rest = 'mailferry-rest:[old.example]:25';
  const change = async (rows: readonly EdgeRow[], upTo: number) => {
    await inDatabase.put(rows);
    await all.change(changedRows('new', toOld, fresh.apply(rows, upTo, true), known));
  };
  const asked = async (key: string) => {
    const port = (other.address as { port: number }).port;
    const of = (map: string) => postmapQuery(key, `socketmap:inet:127.0.0.1:${port}:${map}`);
    return {
      lmdb: await postmapQuery(key, `lmdb:${join(dir, 'on-new')}`),
      pgsql: await postmapQuery(key, fromDatabase),
      socketmap: [await of('transport'), await of('rest'), await of('domains')],
    };
  };

  beforeAll(async () => {
    await inDatabase.clear();
    fromDatabase = inDatabase.table(join(dir, 'routes-new.cf'), 'new', 'old.example');
    fresh = Replica.open(join(dir, 'replica-new'), 'new');
    all = new PostmapTable({ file: join(dir, 'on-new'), configDirectory: join(dir, 'etc') });
    await all.rebuild([]);
    const lookup = routeLookup({ side: 'new', replica: () => fresh, nexthop: toOld, delimiters: '+' });
    other = await serveSocketmap({ host: '127.0.0.1', port: 0 }, lookup, () => {});
    await change(
      [
        row('anna', 1, 'switched', 'anna@example.org', 'info@example.org'),
        row('bela', 2, 'in-step', 'bela@example.org', 'nähe@bücher.example'),
      ],
      2,
    );
  });
  afterAll(async () => {
    await other.close();
    fresh.close();
  });

  it.each([
    ['anna@example.org', ':', [':', null, rest]],
    ['bela@example.org', toOld, [toOld, null, rest]],
    ['list@example.org', null, [null, rest, rest]],
    ['example.org', rest, [null, null, rest]],
    ['@example.org', rest, [null, null, rest]],
    ['xn--bcher-kva.example', rest, [null, null, rest]],
    ['anna@lists.example.org', null, [null, null, null]],
    ['lists.example.org', null, [null, null, null]],
    ['bücher.example', rest, [null, null, rest]],
    ['@bücher.example', rest, [null, null, rest]],
    ['nähe@xn--bcher-kva.example', toOld, [toOld, null, rest]],
    ['INFO@Example.org', ':', [':', null, rest]],
    ['*', null, [null, null, null]],
  ] as const)('%s is answered by what the table has for it', async (key, lmdb, socketmap) => {
    expect(await asked(key)).toEqual({ lmdb, pgsql: lmdb, socketmap });
  });

  it('an address changes hands within a page, and keeps its row', async () => {
    await change(
      [
        row('anna', 11, 'switched', 'anna@example.org'),
        row('bela', 12, 'switched', 'bela@example.org', 'info@example.org', 'nähe@bücher.example'),
      ],
      12,
    );
    const same = async (key: string, value: string | null) =>
      expect(await asked(key)).toMatchObject({ lmdb: value, pgsql: value });
    await same('info@example.org', ':');
    await same('bela@example.org', ':');
    await change(
      [
        row('bela', 13, 'switched', 'bela@example.org'),
        row('clara', 14, 'in-step', 'clara@example.org', 'info@example.org'),
      ],
      14,
    );
    await same('info@example.org', toOld);
    await same('nähe@bücher.example', null);
    expect(fresh.hasDomain('bücher.example')).toBe(false);
    expect((await asked('bücher.example')).pgsql).toBeNull();
  });

  it.each(phases)('an account that is %s is answered for alike', async (phase) => {
    const [address, key] = ['phase@example.org', 'phase@example.org'];
    const epoch = 100 + phases.indexOf(phase);
    await change([row('phase', epoch, phase, address)], epoch);
    await take([row('phase', epoch, phase, address)], epoch);
    const onNew = placementOf(phase).mail === 'new';
    const value = onNew ? ':' : toOld;
    expect(await asked(key)).toEqual({ lmdb: value, pgsql: value, socketmap: [value, null, rest] });
    for (const way of allWays) expect(await ask(way, key)).toBe(onNew ? nexthop : null);
  });

  it('answers while somebody has locked the replica', async () => {
    const lock = new DatabaseSync(join(dir, 'replica-new'));
    lock.exec('begin exclusive');
    expect((await asked('anna@example.org')).socketmap).toEqual([':', null, rest]);
    lock.exec('rollback');
    lock.close();
  });
});
