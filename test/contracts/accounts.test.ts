import { expect, test } from 'vitest';
import { accountOf, addAccount, changePhase } from '../../src/state/database/accounts.ts';
import { auditOf } from '../../src/state/database/audit.ts';
import { eventsSince, pruneEvents } from '../../src/state/database/events.ts';
import { acquireLease, checkLease, releaseLease, renewLease } from '../../src/state/database/leases.ts';
import { newId } from '../../src/state/database/new-id.ts';
import { describeOnBoth } from './database-env.ts';

const actor = 'operator:anna';
const hourMs = 3_600_000;
const anna = { address: 'anna@example.org', oldLogin: 'anna', newLogin: 'anna@example.org' };

describeOnBoth('accounts', (env) => {
  const add = (address = anna.address) => addAccount(env.database.db, { ...anna, address }, actor, 1_000);

  test('begin on old, and only once for each address', async () => {
    const id = await add();
    expect(await accountOf(env.database.db, id)).toEqual({ ...anna, id, phase: 'old', epoch: 1 });
    await expect(add()).rejects.toMatchObject({ code: 'account-exists' });
  });

  test('that are not there are named as such', async () => {
    await expect(accountOf(env.database.db, 'x')).rejects.toMatchObject({ code: 'account-unknown' });
  });

  test('change their phase together with epoch, audit row and event', async () => {
    const { db } = env.database;
    const id = await add();
    await changePhase(db, { accountId: id, event: 'start', actor });
    expect(await accountOf(db, id)).toMatchObject({ phase: 'copying', epoch: 2 });
    const detail = { event: 'start', from: 'old', to: 'copying', epoch: 2 };
    expect((await auditOf(db, id, 1))[0]).toMatchObject({ actor, action: 'account.phase', detail });
    expect(await eventsSince(db, 1, 9)).toMatchObject([
      { id: 2, kind: 'account.phase', subject: id, detail },
    ]);
  });

  test('refuse what cannot happen, and leave no trace of it', async () => {
    const { db } = env.database;
    const id = await add();
    const refused = changePhase(db, { accountId: id, event: 'commit', actor });
    await expect(refused).rejects.toMatchObject({ code: 'phase-refused' });
    expect(await auditOf(db, id, 9)).toHaveLength(1);
    await changePhase(db, { accountId: id, event: 'start', actor });
    expect((await accountOf(db, id)).epoch).toBe(2);
  });

  test('that change at the same time each get an epoch of their own, without a gap', async () => {
    const { db } = env.database;
    const ids: string[] = [];
    for (let n = 0; n < 8; n += 1) ids.push(await add(`user${n}@example.org`));
    const changed = await Promise.all(
      ids.map((accountId) => changePhase(db, { accountId, event: 'start', actor })),
    );
    expect(changed.map(({ epoch }) => epoch).sort((a, b) => a - b)).toEqual([9, 10, 11, 12, 13, 14, 15, 16]);
  });

  test('change their phase only for who holds the lease', async () => {
    const { db } = env.database;
    const accountId = await add();
    const lease = await acquireLease(db, accountId, 'worker 1', 0);
    const thief = await acquireLease(db, accountId, 'worker 2', hourMs);
    if (lease === null || thief === null) throw new Error('a free lease was not given');
    const late = changePhase(db, { accountId, event: 'start', actor, lease });
    await expect(late).rejects.toMatchObject({ code: 'lease-lost' });
    expect((await accountOf(db, accountId)).phase).toBe('old');
    expect(await changePhase(db, { accountId, event: 'start', actor, lease: thief })).toMatchObject({
      epoch: 2,
    });
  });
});

describeOnBoth('a lease', (env) => {
  test('is held by one, and counts up with each taking', async () => {
    const { db } = env.database;
    const first = await acquireLease(db, 'a', 'w1', hourMs);
    expect(first).toEqual({ name: 'a', holder: 'w1', fence: 1 });
    expect(await acquireLease(db, 'a', 'w2', hourMs)).toBeNull();
    expect(await acquireLease(db, 'b', 'w2', hourMs)).toMatchObject({ fence: 1 });
    if (first !== null) await releaseLease(db, first);
    expect(await acquireLease(db, 'a', 'w2', hourMs)).toEqual({ name: 'a', holder: 'w2', fence: 2 });
  });

  test('goes to one only of many that ask at once', async () => {
    const { db } = env.database;
    const asked = await Promise.all([1, 2, 3, 4].map((n) => acquireLease(db, 'a', `w${n}`, hourMs)));
    expect(asked.filter((one) => one !== null)).toHaveLength(1);
  });

  test('that has run out is neither renewed nor good for a write', async () => {
    const { db } = env.database;
    const lease = await acquireLease(db, 'a', 'w1', 0);
    if (lease === null) throw new Error('a free lease was not given');
    await expect(renewLease(db, lease, hourMs)).rejects.toMatchObject({ code: 'lease-lost' });
    await expect(checkLease(db, lease)).rejects.toMatchObject({ code: 'lease-lost' });
  });

  test('that is renewed stays with its holder', async () => {
    const { db } = env.database;
    const lease = await acquireLease(db, 'a', 'w1', hourMs);
    if (lease === null) throw new Error('a free lease was not given');
    await renewLease(db, lease, 2 * hourMs);
    await checkLease(db, lease);
    expect(await acquireLease(db, 'a', 'w2', hourMs)).toBeNull();
  });
});

describeOnBoth('events', (env) => {
  test('are pruned by age, and their ids are not given again', async () => {
    const { db } = env.database;
    await addAccount(db, anna, actor, 1_000);
    await pruneEvents(db, hourMs);
    expect(await eventsSince(db, 0, 9)).toHaveLength(1);
    await pruneEvents(db, -hourMs);
    expect(await eventsSince(db, 0, 9)).toEqual([]);
    await addAccount(db, { ...anna, address: 'b@example.org' }, actor, 1_000);
    expect(await eventsSince(db, 0, 9)).toMatchObject([{ id: 2 }]);
  });
});

test('an id holds its time, its version and random bits', () => {
  expect(newId(0x0123456789ab, new Uint8Array(10).fill(0xff))).toBe('01234567-89ab-7fff-bfff-ffffffffffff');
});
