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
const users = Array.from({ length: 12 }, (_, n) => ({ name: `u${n}`, password: `geheim-${n}` }));
const each = 20;
const messagesPerSecond = 8;
const connections = 8;
const actor = 'operator';

let old: Dovecot;
let fresh: Dovecot;
let postgres: Postgres;
const proxies: ChaosProxy[] = [];
const databases: Database[] = [];

beforeAll(async () => {
  [old, fresh, postgres] = await Promise.all([
    startDovecot({ users, tls: false }),
    startDovecot({ users, tls: false }),
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

test('stays within the servers’ limits together', { timeout: 120_000 }, async () => {
  const [first, second] = databases;
  if (first === undefined || second === undefined) throw new Error('no databases');
  for (const user of users) {
    const imap = await actAs(old, user);
    for (let n = 0; n < each; n++) {
      await imap.append('INBOX', Buffer.from(`Subject: ${user.name} ${n}\r\n\r\ntext\r\n`));
    }
    await imap.logout();
  }
  const [toOld, toFresh] = proxies.map(({ host, port }) => ({ host, imapPort: port }));
  if (toOld === undefined || toFresh === undefined) throw new Error('no proxies');
  for (const side of ['old', 'new'] as const) await changeBudget(first.db, side, { connections }, actor);
  await changeBudget(first.db, 'new', { messagesPerSecond }, actor);
  const fleet = await makeFleet({ database: first, old: toOld, fresh: toFresh, users });
  const workers = [await fleet.startWorker(first), await fleet.startWorker(second)];
  const watches = proxies.map(watchConnections);
  try {
    await until(30_000, async () => workers.every(({ shards }) => shards === 128));
    // Both have heard that they are two.
    await new Promise((resolve) => setTimeout(resolve, 4_500));
    for (const { name } of users) await fleet.begin(name);
    await until(20_000, async () => messagesOnNew() > 2 * messagesPerSecond);
    expect(workers.map(({ accounts }) => accounts > 0)).toEqual([true, true]);
    const [since, before] = [performance.now(), messagesOnNew()];
    await new Promise((resolve) => setTimeout(resolve, 8_000));
    const seconds = (performance.now() - since) / 1_000;
    const rate = (messagesOnNew() - before) / seconds;
    // Both may have a second's worth saved up. One may be through with its accounts; none at work would say nothing.
    expect(rate).toBeLessThanOrEqual(messagesPerSecond * (1 + 1 / seconds));
    expect(rate).toBeGreaterThan(messagesPerSecond * 0.4);
    await changeBudget(first.db, 'new', { messagesPerSecond: null }, actor);
    for (const { name } of users) await fleet.phase(name, 'in-step', 40_000);
    for (const { most } of watches) {
      expect(most()).toBeLessThanOrEqual(connections);
      // More than one worker's share of it.
      expect(most()).toBeGreaterThan(connections / 2);
    }
  } finally {
    for (const { stop } of watches) stop();
    await Promise.all(workers.map((worker) => worker.close()));
  }
  for (const user of users) {
    const there = await accountOf(old, user);
    const here = await accountOf(fresh, user);
    expect(here.get('INBOX')?.messages).toHaveLength(each);
    const commandsToOld = (proxies[0]?.connections ?? []).flatMap(({ commands }) => commands);
    expect(commandsToOld.length).toBeGreaterThan(users.length);
    expect(judge({ oldBefore: there, oldAfter: there, newAfter: here, commandsToOld })).toEqual([]);
  }
});
