/** A worker between servers of other makers, while people work on both sides with programs of other makers. */
import { expect, test } from 'vitest';
import { accountOf, type LabImap } from '../interop/mailferry.ts';
import { judge } from '../judge/invariants.ts';
import { startChaosProxy } from '../lab/chaos-proxy.ts';
import { startCourier } from '../lab/courier.ts';
import { startCyrus } from '../lab/cyrus.ts';
import { startDovecot } from '../lab/dovecot.ts';
import { lookNow, looksIn, sentFromNow } from './at-rest.ts';
import { type Contents, digestOf, type Side, TwoSided } from './two-sided.ts';
import { openScenarioDatabase } from './scenario-database.ts';
import { makeFleet, until } from './worker-env.ts';

const user = { name: 'anna', password: 'lab-geheim' };
type Lab = LabImap & { stop(): Promise<void> };

const makers = {
  Dovecot: () => startDovecot({ users: [user], tls: false }),
  Cyrus: () => startCyrus({ users: [user] }),
  Courier: () => startCourier({ users: [user] }),
} satisfies Record<string, () => Promise<Lab>>;
type Maker = keyof typeof makers;

const side = (maker: Maker, server: LabImap): Side => ({
  server,
  name: (...levels) => (maker === 'Courier' ? ['INBOX', ...levels].join('.') : levels.join('/')),
});

test.each<[Maker, Maker]>([
  ['Dovecot', 'Dovecot'],
  ['Cyrus', 'Dovecot'],
  ['Courier', 'Dovecot'],
  ['Dovecot', 'Cyrus'],
])('from %s to %s, what people do on both sides at once stands', { timeout: 240_000 }, async (from, to) => {
  const [old, fresh]: [Lab, Lab] = await Promise.all([makers[from](), makers[to]()]);
  const [proxy, toNew] = await Promise.all(
    [old, fresh].map(({ imapPort }) => startChaosProxy({ target: { port: imapPort } })),
  );
  if (proxy === undefined || toNew === undefined) throw new Error('no proxies');
  const database = await openScenarioDatabase();
  try {
    const people = new TwoSided(user, side(from, old), side(to, fresh));
    await people.fill();
    const oldBefore = await accountOf(old, user);
    const newBefore = await accountOf(fresh, user);
    const fleet = await makeFleet({
      database,
      old: { imapPort: proxy.port },
      fresh: { imapPort: toNew.port },
      users: [user],
      // So slow that people do their part while the first copy runs.
      more: '[worker]\npolling_seconds = 2\n[new.limits]\nmessages_per_second = 12\n',
    });
    /** Until new is exactly what it has to be; tells the difference where it does not become so. */
    const settled = async () => {
      let last: { is: Contents; wanted: Contents } | undefined;
      await until(60_000, async () => {
        // A mailbox may go while it is read.
        last = await people.contents().catch(() => undefined);
        if (last === undefined) return false;
        return JSON.stringify(sorted(last.is)) === JSON.stringify(sorted(last.wanted));
      }).catch(() => expect(last?.is).toEqual(last?.wanted));
    };
    let commandsToNewAtRest: readonly string[];
    let worker = await fleet.startWorker();
    try {
      await fleet.begin(user.name);
      await people.oldWhileCopying();
      await fleet.phase(user.name, 'in-step', 60_000);
      await settled();
      await people.bothInStep();
      await settled();
      await people.oldAfterwards();
      await settled();
      // What is to stay as it is must still be so after further looks at both sides: by the clock, because somebody
      // asked, and by a worker that knows only what the database holds.
      await lookNow(database, fleet.idOf(user.name));
      const sentToNew = sentFromNow(toNew);
      await new Promise((resolve) => setTimeout(resolve, 5_000));
      // Dovecot tells of everything, and is not looked at every two seconds.
      const byTheClock = from === 'Dovecot' ? 0 : 3;
      await until(20_000, async () => looksIn(sentToNew()) >= byTheClock);
      await lookNow(database, fleet.idOf(user.name));
      await worker.close();
      worker = await fleet.startWorker();
      await lookNow(database, fleet.idOf(user.name));
      commandsToNewAtRest = sentToNew();
      expect(looksIn(commandsToNewAtRest)).toBeGreaterThanOrEqual(byTheClock + 2);
      await settled();
      expect((await fleet.notes(user.name)).attention).toBeNull();
    } finally {
      await worker.close();
    }
    const oldAfter = await accountOf(old, user);
    const newAfter = await accountOf(fresh, user);
    const commandsToOld = proxy.connections.flatMap(({ commands }) => commands);
    const violations = judge({
      oldBefore,
      // Whatever changed there, people did; what Mailferry sent is held against the list.
      oldExpected: oldAfter,
      oldAfter,
      newBefore,
      newAfter,
      mapping: people.mapping,
      actsOnNew: people.acts,
      ignoredFlags: ['\\Deleted'],
      commandsToOld,
      commandsToNewAtRest,
    });
    expect(violations).toEqual([]);
    expect(commandsToOld.length).toBeGreaterThan(20);
    for (const box of oldAfter.values()) {
      if (box.subscribed) expect(newAfter.get(people.mapping(box.name))?.subscribed, box.name).toBe(true);
    }
    const inbox = newAfter.get('INBOX')?.messages ?? [];
    expect(inbox.some(({ sha256 }) => sha256 === digestOf('m7'))).toBe(false);
    const m9 = inbox.find(({ sha256 }) => sha256 === digestOf('m9'));
    expect(m9?.flags).toEqual(expect.arrayContaining(['\\flagged', 'Eilig']));
  } finally {
    await Promise.all([proxy.stop(), toNew.stop()]);
    await database.close();
    await Promise.all([old.stop(), fresh.stop()]);
  }
});

function sorted(contents: Contents): Contents {
  return Object.fromEntries(Object.entries(contents).sort(([a], [b]) => (a < b ? -1 : 1)));
}
