/** A backup of the database that is taken while the daemon runs, and what a daemon makes of it later. */
import { expect, test } from 'vitest';
import { accountOf, actAs } from '../interop/mailferry.ts';
import { judge } from '../judge/invariants.ts';
import { startChaosProxy } from '../lab/chaos-proxy.ts';
import { startDovecot } from '../lab/dovecot.ts';
import { makeServePlace } from './serve-env.ts';
import { until } from './worker-env.ts';

const user = { name: 'anna', password: 'lab-geheim' };

test('a daemon goes on from an older backup: what was copied since is found, not sent again', {
  timeout: 120_000,
}, async () => {
  const options = { users: [user], tls: false } as const;
  const [old, fresh] = await Promise.all([startDovecot(options), startDovecot(options)]);
  const proxy = await startChaosProxy({ target: { port: old.imapPort } });
  const place = await makeServePlace({ old: { imapPort: proxy.port }, fresh });
  const put = async (count: number) => {
    const imap = await actAs(old, user);
    for (let i = 0; i < count; i++)
      await imap.append('INBOX', Buffer.from(`Subject: ${i}\r\n\r\n${Math.random()}\r\n`));
    await imap.logout();
  };
  const onNew = async () => (await accountOf(fresh, user)).get('INBOX')?.messages.length ?? 0;
  try {
    await put(10);
    const first = await place.start();
    await place.importAccounts([user]);
    await place.cli('sync', 'start', '--all');
    await place.inStep(1);
    const restore = place.backup();
    await put(10);
    await until(20_000, async () => (await onNew()) === 20);
    first.kill('SIGTERM');
    await first.done;

    restore();
    await put(5);
    await place.start();
    await place.inStep(1);
    await until(20_000, async () => (await onNew()) >= 25);
    const there = await accountOf(old, user);
    const newAfter = await accountOf(fresh, user);
    const commandsToOld = proxy.connections.flatMap(({ commands }) => commands);
    expect(commandsToOld.length).toBeGreaterThan(10);
    expect(judge({ oldBefore: there, oldAfter: there, newAfter, commandsToOld })).toEqual([]);
    expect(await onNew()).toBe(25);
  } finally {
    await place.close();
    await Promise.all([proxy.stop(), old.stop(), fresh.stop()]);
  }
});
