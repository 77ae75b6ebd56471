import { expect, test } from 'vitest';
import { notesOf, setNotes } from '../../src/state/database/account-notes.ts';
import { addAccount } from '../../src/state/database/accounts.ts';
import { auditOf } from '../../src/state/database/audit.ts';
import { acquireLease } from '../../src/state/database/leases.ts';
import { describeOnBoth } from './database-env.ts';

const actor = 'operator:anna';
const none = { paused: null, attention: null, scheduledForMs: null };
const paused = { by: actor, why: 'holiday' };
const attention = { code: 'login-refused', reason: 'NO', action: 'Check it.', sinceMs: 5 } as const;

describeOnBoth('notes of an account', (env) => {
  const add = () =>
    addAccount(env.database.db, { address: 'a@example.org', oldLogin: 'a', newLogin: 'a' }, actor, 1_000);

  test('are empty at first', async () => {
    expect(await notesOf(env.database.db, await add())).toEqual(none);
  });

  test('are set one by one, leave the others, and are cleared by null', async () => {
    const { db } = env.database;
    const id = await add();
    await setNotes(db, id, { paused }, { actor });
    await setNotes(db, id, { attention, scheduledForMs: 1_800_000_000_000 }, { actor });
    expect(await notesOf(db, id)).toEqual({ paused, attention, scheduledForMs: 1_800_000_000_000 });
    await setNotes(db, id, { paused: null, attention: null, scheduledForMs: null }, { actor });
    expect(await notesOf(db, id)).toEqual(none);
    expect((await auditOf(db, id, 9)).map((row) => row.action)).toEqual([
      'account.notes',
      'account.notes',
      'account.notes',
      'account.add',
    ]);
  });

  test('of an account that is not there are refused', async () => {
    const { db } = env.database;
    await expect(setNotes(db, 'x', { paused }, { actor })).rejects.toMatchObject({ code: 'account-unknown' });
    await expect(notesOf(db, 'x')).rejects.toMatchObject({ code: 'account-unknown' });
    expect(await auditOf(db, 'x', 9)).toEqual([]);
  });

  test('are not written by a worker that lost its lease', async () => {
    const { db } = env.database;
    const id = await add();
    const lease = await acquireLease(db, id, 'worker 1', 0);
    if (lease === null) throw new Error('a free lease was not given');
    const late = setNotes(db, id, { attention }, { actor: 'worker:1', lease });
    await expect(late).rejects.toMatchObject({ code: 'lease-lost' });
    expect(await notesOf(db, id)).toEqual(none);
  });
});
