import { expect, test } from 'vitest';
import { acquireLease } from '../../src/state/database/leases.ts';
import { mailboxProblemsOf, setMailboxProblems } from '../../src/state/database/mailbox-problems.ts';
import { syncStatus } from '../../src/state/database/sync-status.ts';
import { describeOnBoth } from './database-env.ts';

describeOnBoth('mailboxes that are not carried over', (env) => {
  const leased = async () => {
    const lease = await acquireLease(env.database.db, 'shard/0', 'w', 3_600_000);
    if (lease === null) throw new Error('a free lease was not given');
    return lease;
  };
  const shut = { mailbox: 'Box', code: 'mailbox-unusable', reason: 'NO no right' } as const;

  test('stand until the next pass says otherwise, each since when it began', async () => {
    const { db } = env.database;
    const lease = await leased();
    const odd = { mailbox: 'a\0%\xff', code: 'mailbox-not-created', reason: 'N\0O \ud800' } as const;
    const first = await setMailboxProblems(db, 'a', [shut, odd], lease);
    expect(first.map(({ mailbox, reason }) => [mailbox, reason])).toEqual([
      ['Box', 'NO no right'],
      ['a\0%\xff', 'N\0O \ufffd'],
    ]);
    await db.updateTable('mailbox_problem').set({ since_ms: 7 }).execute();
    const next = await setMailboxProblems(db, 'a', [{ ...shut, reason: 'NO other words' }], lease);
    expect(next).toEqual([{ ...shut, reason: 'NO other words', sinceMs: 7 }]);
    const [other] = await setMailboxProblems(db, 'a', [{ ...shut, code: 'command-refused' }], lease);
    expect(other?.sinceMs).toBeGreaterThan(1_700_000_000_000);
    await setMailboxProblems(db, 'b', [shut, { ...shut, mailbox: 'Box 2' }], lease);
    expect(await mailboxProblemsOf(db, 'a')).toEqual([other]);
    expect((await syncStatus(db)).mailboxProblems).toBe(2);
    await setMailboxProblems(db, 'b', [], lease);
    expect((await syncStatus(db)).mailboxProblems).toBe(1);
  });

  test('are written by the holder of the lease only, and a thousand at once', async () => {
    const { db } = env.database;
    const lease = await leased();
    const lost = setMailboxProblems(db, 'a', [shut], { ...lease, fence: lease.fence + 1 });
    await expect(lost).rejects.toMatchObject({ code: 'lease-lost' });
    expect(await mailboxProblemsOf(db, 'a')).toEqual([]);
    const many = Array.from({ length: 1_000 }, (_, n) => ({ ...shut, mailbox: `Box ${n}` }));
    expect(await setMailboxProblems(db, 'a', many, lease)).toHaveLength(1_000);
  });
});
