/**
 * Journals in the daemon's database for the runs of a world. Each run has a lease of its own with the next fencing number,
 * as the worker has that takes over; before it begins, a step of the run before it comes late, and must be refused. What
 * the database holds is compared with the journal in memory, which is the model, each time it is read.
 */
import { isDeepStrictEqual } from 'node:util';
import { isMailferryError } from '../../src/base/errors.ts';
import { DatabaseJournal } from '../../src/state/database/journal.ts';
import { acquireLease, type Lease, releaseLease } from '../../src/state/database/leases.ts';
import { newId } from '../../src/state/database/new-id.ts';
import type { Database } from '../../src/state/database/open-database.ts';
import type { Journal, JournalContents, JournalEntry } from '../../src/sync/journal.ts';
import type { FakeClock } from '../fakes/fake-clock.ts';
import type { MemoryJournal } from '../fakes/memory-journal.ts';
import type { OpenJournal } from './world.ts';

const hourMs = 3_600_000;

/** One account of the database for each journal in memory. */
interface Kept {
  readonly accountId: string;
  runs: number;
  lease: Lease | null;
  journal: BothJournals | null;
}

export function journalsIn(database: Database): OpenJournal {
  const known = new WeakMap<MemoryJournal, Kept>();
  return (memory, clock) => clock.whileBusy(open(memory, clock));

  async function open(memory: MemoryJournal, clock: FakeClock): Promise<Journal> {
    const kept = known.get(memory) ?? { accountId: newId(Date.now()), runs: 0, lease: null, journal: null };
    const isNew = !known.has(memory);
    known.set(memory, kept);
    await kept.journal?.written();
    if (kept.lease !== null) await releaseLease(database.db, kept.lease);
    const name = `account/${kept.accountId}`;
    kept.lease = await acquireLease(database.db, name, `run ${++kept.runs}`, hourMs);
    if (kept.lease === null) throw new Error('the lease of a run that is over could not be taken');
    await kept.journal?.comesLate();
    const inDatabase = new DatabaseJournal(database, kept.accountId, kept.lease);
    if (isNew) await inDatabase.record(asOneStep(memory));
    kept.journal = new BothJournals(memory, inDatabase, clock);
    return kept.journal;
  }
}

function asOneStep(memory: MemoryJournal): JournalEntry {
  const { mailboxes, intents, refused, chunks, notes } = memory.snapshot();
  return {
    step: 'copied',
    mailboxes: [...mailboxes.values()],
    openIntents: [...intents.values()],
    refused: [...refused.values()],
    chunks: [...chunks.values()],
    notes: Object.fromEntries(notes),
  };
}

/** Reads the database; writes both, the memory first: it counts the steps and knows where the run is to end. */
class BothJournals implements Journal {
  readonly #memory: MemoryJournal;
  readonly #database: DatabaseJournal;
  readonly #clock: FakeClock;
  #last: Promise<unknown> = Promise.resolve();

  constructor(memory: MemoryJournal, database: DatabaseJournal, clock: FakeClock) {
    this.#memory = memory;
    this.#database = database;
    this.#clock = clock;
  }

  async load(): Promise<JournalContents> {
    const found = await this.#clock.whileBusy(this.#database.load());
    return same('contents', found, await this.#memory.load());
  }

  async chunks(mailboxId: number, generation: number) {
    const found = await this.#clock.whileBusy(this.#database.chunks(mailboxId, generation));
    return same('chunks', found, await this.#memory.chunks(mailboxId, generation));
  }

  async record(entry: JournalEntry): Promise<void> {
    const before = this.#memory.entries.length;
    const told = this.#memory.record(entry);
    told.catch(() => {});
    // A crash before the step: nothing of it is written.
    if (this.#memory.entries.length === before) return await told;
    const written = this.#clock.whileBusy(this.#database.record(entry));
    this.#last = written.catch(() => {});
    await written;
    await told;
  }

  /** A commit that the dead run had sent is in the database before anybody else holds the lease. */
  async written(): Promise<void> {
    await this.#last;
  }

  async comesLate(): Promise<void> {
    const late = { step: 'late', notes: { late: 'a dead run wrote this' } };
    const refused = await this.#database.record(late).then(
      () => false,
      (error: unknown) => isMailferryError(error, 'lease-lost'),
    );
    if (!refused) throw new Error('a step of a run that had lost its lease was not refused');
  }
}

function same<T>(what: string, found: T, expected: T): T {
  if (isDeepStrictEqual(structuredClone(found), structuredClone(expected))) return found;
  const text = (value: T) =>
    JSON.stringify(value, (_, v: unknown) => (typeof v === 'bigint' ? `${v}n` : v), 1);
  throw new Error(`the database holds other ${what}\n${text(found)}\n  instead of\n${text(expected)}`);
}
