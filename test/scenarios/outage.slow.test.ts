/** An old server that is away until each account's own pause is a quarter of an hour, on real Dovecots. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Database } from '../../src/state/database/open-database.ts';
import { accountOf, actAs } from '../interop/mailferry.ts';
import { judge } from '../judge/invariants.ts';
import { type ChaosProxy, startChaosProxy } from '../lab/chaos-proxy.ts';
import { type Dovecot, startDovecot } from '../lab/dovecot.ts';
import { openScenarioDatabase } from './scenario-database.ts';
import { makeFleet, until } from './worker-env.ts';

const users = [1, 2, 3, 4, 5, 6].map((n) => ({ name: `u${n}`, password: `geheim-${n}` }));
const quarterMs = 15 * 60_000;
let old: Dovecot;
let fresh: Dovecot;
let proxy: ChaosProxy;
let database: Database;

beforeAll(async () => {
  [old, fresh] = await Promise.all([
    startDovecot({ users, tls: false }),
    startDovecot({ users, tls: false }),
  ]);
  proxy = await startChaosProxy({ target: { port: old.imapPort } });
  database = await openScenarioDatabase();
});
afterAll(async () => {
  await proxy?.stop();
  await database?.close();
  await Promise.all([old?.stop(), fresh?.stop()]);
});

test('accounts that would wait a quarter of an hour go on soon after the server is back', {
  timeout: 400_000,
}, async () => {
  const more = '[worker]\npolling_seconds = 2\n';
  const fleet = await makeFleet({ database, old: { imapPort: proxy.port }, fresh, users, more });
  const put = async (subject: string) => {
    for (const user of users) {
      const imap = await actAs(old, user);
      await imap.append('INBOX', Buffer.from(`Subject: ${subject}\r\n\r\n${user.name}\r\n`));
      await imap.logout();
    }
  };
  const onNew = async (user: (typeof users)[number]) =>
    (await accountOf(fresh, user)).get('INBOX')?.messages.length ?? 0;
  await put('before');
  const first = await fleet.startWorker();
  for (const { name } of users) await fleet.begin(name);
  for (const { name } of users) await fleet.phase(name, 'in-step', 40_000);
  await first.close();
  proxy.refuse(true);
  // Its first connections fail: then all wait their quarter of an hour at once.
  const worker = await fleet.startWorker(database, undefined, { retryAfterMs: () => quarterMs });
  try {
    for (const { name } of users)
      await until(30_000, async () => (await fleet.notes(name)).attention?.code === 'unreachable');
    // Longer than the breaker's pause at its longest: what follows is the usual pace of an outage.
    await new Promise((resolve) => setTimeout(resolve, 65_000));
    await put('after');
    proxy.refuse(false);
    const back = performance.now();
    for (const user of users) {
      await until(150_000, async () => (await onNew(user)) === 2);
      await until(5_000, async () => (await fleet.notes(user.name)).attention === null);
    }
    // A minute and a quarter at most until one tries, and a minute for all.
    expect(performance.now() - back).toBeLessThan(145_000);
  } finally {
    await worker.close();
  }
  for (const user of users) {
    const there = await accountOf(old, user);
    const commandsToOld = proxy.connections.flatMap(({ commands }) => commands);
    const newAfter = await accountOf(fresh, user);
    expect(judge({ oldBefore: there, oldAfter: there, newAfter, commandsToOld })).toEqual([]);
  }
});
