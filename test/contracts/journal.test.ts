import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DatabaseJournal } from '../../src/state/database/journal.ts';
import { acquireLease } from '../../src/state/database/leases.ts';
import { openState } from '../../src/state/index.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { MemoryJournal } from '../fakes/memory-journal.ts';
import { describeOnBoth } from './database-env.ts';
import { describeJournalContract } from './journal.contract.ts';
import { intentRow, mailboxRow, refusedRow } from './journal-rows.ts';

describeJournalContract('in memory', async () => {
  const journal = new MemoryJournal();
  return {
    journal,
    reopen: async () => new MemoryJournal(journal.snapshot()),
    close: async () => undefined,
  };
});

describeJournalContract('in a state file', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'mailferry-state-'));
  const open = () =>
    openState(join(directory, 'state'), {
      pair: { from: 'imaps://anna@old.example', to: 'imaps://anna@new.example' },
      clock: new FakeClock(),
    });
  let file = await open();
  return {
    journal: file,
    reopen: async () => {
      await file.close();
      file = await open();
      return file;
    },
    close: async () => {
      await file.close();
      rmSync(directory, { recursive: true });
    },
  };
});

const account = '01890000-0000-7000-8000-000000000001';
const neighbour = '01890000-0000-7000-8000-000000000002';

describeOnBoth('the journal of an account', (env) => {
  // The suite makes its environment before each test, which is when the database is there.
  describeJournalContract('in the database', async () => {
    const other = new DatabaseJournal(env.database, neighbour, null);
    const step = {
      step: 'other',
      notes: { a: 'other' },
      mailboxes: [mailboxRow(1)],
      openIntents: [intentRow(1)],
    };
    await other.record({ ...step, refused: [refusedRow(1, 1)], chunks: [otherChunk] });
    const kept = await other.load();
    return {
      journal: new DatabaseJournal(env.database, account, null),
      reopen: async () => new DatabaseJournal(await env.reopen(), account, null),
      close: async () => {
        const after = new DatabaseJournal(env.database, neighbour, null);
        expect(await after.load()).toEqual(kept);
        expect(await after.chunks(1, 1)).toHaveLength(1);
      },
    };
  });

  test('is written only by who holds the lease', async () => {
    const { database } = env;
    const lease = await acquireLease(database.db, 'shard/1', 'worker 1', 3_600_000);
    const journal = new DatabaseJournal(database, account, lease);
    await journal.record({ step: 'held', notes: { a: '1' } });
    await database.db.updateTable('lease').set({ until_ms: 0 }).execute();
    const taken = await acquireLease(database.db, 'shard/1', 'worker 2', 3_600_000);
    await expect(journal.record({ step: 'late', notes: { a: '2' } })).rejects.toMatchObject({
      code: 'lease-lost',
    });
    await expect(journal.record({ step: 'late', notes: { b: '2' } })).rejects.toMatchObject({
      code: 'lease-lost',
    });
    const next = new DatabaseJournal(database, account, taken);
    expect((await next.load()).notes).toEqual({ a: '1' });
    await next.record({ step: 'next', notes: { a: '3' } });
    expect((await next.load()).notes).toEqual({ a: '3' });
  });

  test('keeps what a header may hold and a database may not', async () => {
    const journal = new DatabaseJournal(env.database, account, null);
    await journal.record({ step: 'x', refused: [refusedRow(1, 1, { subject: 'a\0b\ud800c' })] });
    expect((await journal.load()).refused[0]?.subject).toBe('a\0b\ufffdc');
  });
});

const otherChunk = { mailboxId: 1, generation: 1, chunk: 0, body: Uint8Array.of(1) };
