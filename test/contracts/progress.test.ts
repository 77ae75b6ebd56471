import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { acquireLease } from '../../src/state/database/leases.ts';
import { type Progress, progressOf, saveProgress } from '../../src/state/database/progress.ts';
import { progressSince } from '../../src/state/database/progress-feed.ts';
import { addRequest, closeRequest, requestsOf } from '../../src/state/database/requests.ts';
import { fairShare, shardCount, shardOf } from '../../src/domain/shard.ts';
import { describeOnBoth } from './database-env.ts';

const progress: Progress = {
  messagesTotal: 10,
  messagesDone: 4,
  messagesRefused: 1,
  mailboxes: 3,
  bytesCopied: 2 ** 40,
  activity: 'copying',
  heardBy: 'nothing',
  lagMs: null,
  lastPassMs: null,
};

describeOnBoth('what a worker tells and is asked', (env) => {
  test('keeps the last report of each account', async () => {
    const { db } = env.database;
    await saveProgress(db, []);
    await saveProgress(db, [
      { accountId: 'a', ...progress },
      { accountId: 'b', ...progress },
    ]);
    const next = { ...progress, activity: 'following', heardBy: 'all', lagMs: 12, lastPassMs: 99 } as const;
    await saveProgress(db, [{ accountId: 'a', ...next }]);
    const found = await progressOf(db, ['a', 'b', 'c']);
    expect([...found.keys()].sort()).toEqual(['a', 'b']);
    expect(found.get('a')).toMatchObject(next);
    expect(found.get('b')).toMatchObject(progress);
    expect(found.get('a')?.updatedMs).toBeGreaterThan(1_700_000_000_000);
    expect(await progressOf(db, [])).toEqual(new Map());
  });

  test('tells of everybody in their turn, also where more reported than one look takes', async () => {
    const { db } = env.database;
    const many = Array.from({ length: 5_600 }, (_, n) => ({ id: `a${n}`, updated_ms: 100_000 + n }));
    for (let at = 0; at < many.length; at += 700) {
      const some = many.slice(at, at + 700).toReversed();
      await db
        .insertInto('account')
        .values(
          some.map(({ id }) => ({
            id,
            address: id,
            old_login: id,
            new_login: id,
            phase: 'copying',
            epoch: 0,
            shard: 0,
            created_at_ms: 1,
          })),
        )
        .execute();
      await saveProgress(
        db,
        some.map(({ id }) => ({ accountId: id, ...progress })),
      );
    }
    await sql`update account_progress set updated_ms = 100000 + cast(substr(account_id, 2) as integer)`.execute(
      db,
    );
    const first = await progressSince(db, 100_000);
    const ids = ({ changed }: typeof first) => changed.map(({ accountId }) => accountId);
    expect(ids(first)).toEqual(many.slice(0, 5_000).map(({ id }) => id));
    const second = await progressSince(db, first.until);
    expect(ids(second)).toEqual(many.slice(4_999).map(({ id }) => id));
    expect(await progressSince(db, second.until)).toMatchObject({ changed: [] });
  });

  test('keeps a request until the holder of the lease has carried it out', async () => {
    const { db } = env.database;
    const kindsOf = async (id: string) => [...(await requestsOf(db, id)).keys()];
    await addRequest(db, 'a', 'retry-refused');
    await addRequest(db, 'a', 'retry-refused');
    await addRequest(db, 'a', 'confirm-deletions');
    expect(await kindsOf('a')).toEqual(['retry-refused', 'confirm-deletions']);
    const atMs = (await requestsOf(db, 'a')).get('retry-refused') ?? Number.NaN;
    const lease = await acquireLease(db, 'shard/0', 'w', 3_600_000);
    if (lease === null) throw new Error('a free lease was not given');
    const other = { ...lease, fence: lease.fence + 1 };
    await expect(closeRequest(db, 'a', 'retry-refused', atMs, other)).rejects.toMatchObject({
      code: 'lease-lost',
    });
    // Asked again while it is carried out, and be it in the same millisecond.
    await addRequest(db, 'a', 'retry-refused');
    await closeRequest(db, 'a', 'retry-refused', atMs, lease);
    expect(await kindsOf('a')).toEqual(['retry-refused', 'confirm-deletions']);
    await closeRequest(db, 'a', 'retry-refused', Number.MAX_SAFE_INTEGER, lease);
    expect(await kindsOf('a')).toEqual(['confirm-deletions']);
    expect(await kindsOf('b')).toEqual([]);
  });
});

test('shards are shared out evenly, and none is left', () => {
  for (const workers of [1, 2, 3, 7, 256, 300]) {
    const shares = Array.from({ length: workers }, (_, index) => fairShare(workers, index));
    expect(shares.reduce((sum, share) => sum + share)).toBe(shardCount);
    expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(1);
  }
  expect(shardOf('01890000-0000-7000-8000-0000000000ff')).toBe(255);
});
