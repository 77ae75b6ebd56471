import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openState } from '../../src/state/index.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { MemoryJournal } from '../fakes/memory-journal.ts';
import { describeJournalContract } from './journal.contract.ts';

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
