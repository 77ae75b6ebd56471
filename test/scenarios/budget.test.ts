/** A budget that an operator changes while a worker copies, on real Dovecots. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { progressOf } from '../../src/state/database/progress.ts';
import { changeBudget } from '../../src/state/database/server-budgets.ts';
import { serverLoads } from '../../src/state/database/server-load.ts';
import { describeOnBoth } from '../contracts/database-env.ts';
import { accountOf, actAs } from '../interop/mailferry.ts';
import { judge } from '../judge/invariants.ts';
import { type Dovecot, startDovecot } from '../lab/dovecot.ts';
import { makeFleet, until } from './worker-env.ts';

let old: Dovecot;
let fresh: Dovecot;
let round = 0;
const users = ['p0', 'p1'].map((name) => ({ name, password: `geheim-${name}` }));

beforeAll(async () => {
  [old, fresh] = await Promise.all([
    startDovecot({ users, tls: false }),
    startDovecot({ users, tls: false }),
  ]);
});
afterAll(async () => {
  await Promise.all([old?.stop(), fresh?.stop()]);
});

describeOnBoth('a server’s budget', (env) => {
  test('holds a running worker, and lets it go, within seconds', { timeout: 90_000 }, async () => {
    const user = users[round++] ?? expect.fail('more databases than users');
    const imap = await actAs(old, user);
    const letter = Buffer.from('Subject: x\r\n\r\nx\r\n');
    for (let n = 0; n < 60; n++) await imap.append('INBOX', letter);
    const { db } = env.database;
    const fleet = await makeFleet({ database: env.database, old, fresh, users: [user] });
    await changeBudget(db, 'new', { messagesPerSecond: 2 }, 'operator');
    const worker = await fleet.startWorker();
    try {
      await fleet.begin(user.name);
      const id = fleet.idOf(user.name);
      const done = async () => (await progressOf(db, [id])).get(id)?.messagesDone ?? 0;
      await until(20_000, async () => (await done()) > 0);
      await new Promise((resolve) => setTimeout(resolve, 3_000));
      // Thirty seconds' worth at this pace; without it all would be across in one.
      expect(await done()).toBeLessThan(40);
      // It says so itself, for who watches the servers.
      const told = async () => await serverLoads(db);
      await until(15_000, async () => ((await told()).new?.messagesPerSecond ?? 0) > 0);
      const { old: ofOld, new: ofNew } = await told();
      for (const load of [ofOld, ofNew]) {
        expect(load?.messagesPerSecond).toBeLessThan(5);
        expect(load?.connections).toBeGreaterThan(0);
        expect(load?.connections).toBeLessThanOrEqual(load?.allowed ?? 0);
      }
      await changeBudget(db, 'new', { messagesPerSecond: null }, 'operator');
      await fleet.phase(user.name, 'in-step', 12_000);
    } finally {
      await worker.close();
    }
    expect(await serverLoads(db)).toEqual({ old: null, new: null });
    const there = await accountOf(old, user);
    expect(there.get('INBOX')?.messages).toHaveLength(60);
    const newAfter = await accountOf(fresh, user);
    expect(judge({ oldBefore: there, oldAfter: there, newAfter })).toEqual([]);
  });
});
