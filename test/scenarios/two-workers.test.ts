/** What two workers on one PostgreSQL cost the servers together, on real Dovecots. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { Secret } from '../../src/base/secret.ts';
import { type Database, openDatabase } from '../../src/state/database/open-database.ts';
import { changeBudget } from '../../src/state/database/server-budgets.ts';
import { accountOf, actAs } from '../interop/mailferry.ts';
import { judge } from '../judge/invariants.ts';
import { type ChaosProxy, startChaosProxy } from '../lab/chaos-proxy.ts';
import { type Dovecot, startDovecot } from '../lab/dovecot.ts';
import { type Postgres, startPostgres } from '../lab/postgres.ts';
import { makeFleet, until } from './worker-env.ts';

// That all of them are one worker's share happens once in two thousand times.
const twelve = (letter: string) =>
  Array.from({ length: 12 }, (_, n) => ({ name: `${letter}${n}`, password: `geheim-${n}` }));
/** Small messages, and such of four kilobytes. */
const [users, heavy] = [twelve('u'), twelve('h')];
const each = 20;
const heavyEach = 40;
const messagesPerSecond = 8;
const bytesPerSecond = 60_000;
const connections = 8;
const actor = 'operator';

let old: Dovecot;
let fresh: Dovecot;
let postgres: Postgres;
const proxies: ChaosProxy[] = [];
const databases: Database[] = [];

beforeAll(async () => {
  [old, fresh, postgres] = await Promise.all([
    startDovecot({ users: [...users, ...heavy], tls: false }),
    startDovecot({ users: [...users, ...heavy], tls: false }),
    startPostgres(),
  ]);
  for (const { imapPort } of [old, fresh])
    proxies.push(await startChaosProxy({ target: { port: imapPort } }));
  const url = await postgres.newDatabase();
  const password = new Secret(postgres.password);
  for (const _ of [1, 2]) databases.push(await openDatabase({ url, password, clock: systemClock }));
});
afterAll(async () => {
  await Promise.all(databases.map((database) => database.close()));
  await Promise.all([...proxies, old, fresh, postgres].map((one) => one?.stop()));
});

/** Without a connection of ours. */
function messagesOnNew(): number {
  const files = (name: string, folder: string) => {
    try {
      return readdirSync(join(fresh.mailDir(name), folder)).length;
    } catch {
      // Nobody has logged in yet.
      return 0;
    }
  };
  return users.reduce((sum, { name }) => sum + files(name, 'cur') + files(name, 'new'), 0);
}

async function perSecond(withinMs: number, count: () => number): Promise<number> {
  const [since, before] = [performance.now(), count()];
  await new Promise((resolve) => setTimeout(resolve, withinMs));
  return ((count() - before) / (performance.now() - since)) * 1_000;
}

/** The most connections that were open at two looks in a row: one that ends and its successor may overlap for a moment. */
function watchConnections(proxy: ChaosProxy) {
  let before = 0;
  let most = 0;
  const look = () => {
    const now = proxy.connections.filter(({ open }) => open).length;
    most = Math.max(most, Math.min(before, now));
    before = now;
  };
  const timer = setInterval(look, 20);
  return { most: () => most, stop: () => clearInterval(timer) };
}

async function fill(some: typeof users, count: number, text: string): Promise<void> {
  for (const user of some) {
    const imap = await actAs(old, user);
    for (let n = 0; n < count; n++)
      await imap.append('INBOX', Buffer.from(`Subject: ${user.name} ${n}\r\n\r\n${text}\r\n`));
    await imap.logout();
  }
}

const octetsOn = (proxy: ChaosProxy | undefined, direction: 'toClient' | 'toServer') =>
  (proxy?.connections ?? []).reduce((sum, { bytes }) => sum + bytes[direction], 0);

/** Octets so far in the direction that mail takes, whichever worker carries it. */
const mailOnWire = {
  old: () => octetsOn(proxies[0], 'toClient'),
  new: () => octetsOn(proxies[1], 'toServer'),
};

test('stays within the servers’ limits of connections, messages and octets together', {
  timeout: 120_000,
}, async () => {
  const [first, second] = databases;
  if (first === undefined || second === undefined) throw new Error('no databases');
  await fill(users, each, 'text');
  await fill(heavy, heavyEach, `${'text '.repeat(15)}\r\n`.repeat(52));
  const [toOld, toFresh] = proxies.map(({ host, port }) => ({ host, imapPort: port }));
  if (toOld === undefined || toFresh === undefined) throw new Error('no proxies');
  for (const side of ['old', 'new'] as const) await changeBudget(first.db, side, { connections }, actor);
  await changeBudget(first.db, 'new', { messagesPerSecond }, actor);
  const fleet = await makeFleet({ database: first, old: toOld, fresh: toFresh, users: [...users, ...heavy] });
  const workers = [await fleet.startWorker(first), await fleet.startWorker(second)];
  const watches = proxies.map(watchConnections);
  try {
    await until(30_000, async () => workers.every(({ shards }) => shards === 128));
    // Both have heard that they are two.
    await new Promise((resolve) => setTimeout(resolve, 4_500));
    for (const { name } of users) await fleet.begin(name);
    await until(20_000, async () => messagesOnNew() > 2 * messagesPerSecond);
    expect(workers.map(({ accounts }) => accounts > 0)).toEqual([true, true]);
    const rate = await perSecond(8_000, messagesOnNew);
    // Both may have a second's worth saved up. One may be through with its accounts; none at work would say nothing.
    expect(rate).toBeLessThanOrEqual(messagesPerSecond * (1 + 1 / 8));
    expect(rate).toBeGreaterThan(messagesPerSecond * 0.4);
    await changeBudget(first.db, 'new', { messagesPerSecond: null }, actor);
    for (const { name } of users) await fleet.phase(name, 'in-step', 40_000);

    for (const side of ['old', 'new'] as const) await changeBudget(first.db, side, { bytesPerSecond }, actor);
    // Both have heard of it: they look once a second.
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    const atFirst = mailOnWire.new();
    for (const { name } of heavy) await fleet.begin(name);
    // By then old has been read ahead as far as it may be: two batches for each account that is being copied.
    await until(20_000, async () => mailOnWire.new() - atFirst > bytesPerSecond);
    const rates = await Promise.all(Object.values(mailOnWire).map((count) => perSecond(6_000, count)));
    for (const octets of rates) {
      // A second's worth saved up, and what is said beside the messages.
      expect(octets).toBeLessThanOrEqual(bytesPerSecond * (1 + 1 / 6 + 0.1));
      // More than one worker's share of it.
      expect(octets).toBeGreaterThan(bytesPerSecond * 0.55);
    }
    for (const side of ['old', 'new'] as const)
      await changeBudget(first.db, side, { bytesPerSecond: null }, actor);
    for (const { name } of heavy) await fleet.phase(name, 'in-step', 40_000);
    for (const { most } of watches) {
      expect(most()).toBeLessThanOrEqual(connections);
      // More than one worker's share of it.
      expect(most()).toBeGreaterThan(connections / 2);
    }
  } finally {
    for (const { stop } of watches) stop();
    await Promise.all(workers.map((worker) => worker.close()));
  }
  for (const user of [...users, ...heavy]) {
    const there = await accountOf(old, user);
    const here = await accountOf(fresh, user);
    expect(here.get('INBOX')?.messages).toHaveLength(heavy.includes(user) ? heavyEach : each);
    const commandsToOld = (proxies[0]?.connections ?? []).flatMap(({ commands }) => commands);
    expect(commandsToOld.length).toBeGreaterThan(users.length);
    expect(judge({ oldBefore: there, oldAfter: there, newAfter: here, commandsToOld })).toEqual([]);
  }
});
