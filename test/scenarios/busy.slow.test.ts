/** Accounts into which mail arrives all the time come into step as well. */
import { expect, test } from 'vitest';
import { accountOf, actAs } from '../interop/mailferry.ts';
import { judge } from '../judge/invariants.ts';
import { startChaosProxy } from '../lab/chaos-proxy.ts';
import { startDovecot } from '../lab/dovecot.ts';
import { openScenarioDatabase } from './scenario-database.ts';
import { makeFleet, until } from './worker-env.ts';

const users = ['u0', 'u1', 'u2', 'u3'].map((name) => ({ name, password: `geheim-${name}` }));

test('mail that arrives while the check looks is no reason to ask a person', {
  timeout: 90_000,
}, async () => {
  const options = { users, tls: false } as const;
  const [old, fresh] = await Promise.all([startDovecot(options), startDovecot(options)]);
  const proxy = await startChaosProxy({ target: { port: old.imapPort } });
  const database = await openScenarioDatabase();
  const fleet = await makeFleet({ database, old: { imapPort: proxy.port }, fresh, users });
  const worker = await fleet.startWorker();
  const over = new AbortController();
  try {
    const busy = users.map(async (user) => {
      const imap = await actAs(old, user);
      for (let i = 0; !over.signal.aborted; i++) {
        await imap.append('INBOX', Buffer.from(`Subject: ${i}\r\n\r\n${i}\r\n`));
        await new Promise((resolve) => setTimeout(resolve, 30));
      }
      await imap.logout();
    });
    for (const { name } of users) await fleet.begin(name);
    for (const { name } of users) await fleet.phase(name, 'in-step', 40_000);
    over.abort();
    await Promise.all(busy);
    for (const user of users) {
      const count = async (server: typeof old) =>
        (await accountOf(server, user)).get('INBOX')?.messages.length;
      await until(30_000, async () => (await count(old)) === (await count(fresh)));
      expect((await fleet.notes(user.name)).attention).toBeNull();
      const there = await accountOf(old, user);
      const here = await accountOf(fresh, user);
      const commandsToOld = proxy.connections.flatMap(({ commands }) => commands);
      expect(commandsToOld.length).toBeGreaterThan(users.length);
      expect(judge({ oldBefore: there, oldAfter: there, newAfter: here, commandsToOld })).toEqual([]);
    }
  } finally {
    over.abort();
    await worker.close();
    await database.close();
    await Promise.all([proxy.stop(), old.stop(), fresh.stop()]);
  }
});
