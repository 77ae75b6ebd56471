/**
 * The engine's journal of one account in the daemon's database. Each step is one transaction that first checks the
 * lease: a worker that lost its account, however long it slept, writes nothing more.
 */
import type { Kysely } from 'kysely';
import { MailferryError } from '../../base/errors.ts';
import type { Journal, JournalContents, JournalEntry } from '../../sync/journal.ts';
import { databaseError } from './database-error.ts';
import * as rows from './journal-rows.ts';
import { checkLease, type Lease } from './leases.ts';
import type { Database } from './open-database.ts';
import type { Tables } from './tables.ts';

export class DatabaseJournal implements Journal {
  readonly #database: Database;
  readonly #accountId: string;
  readonly #lease: Lease | null;
  /** Steps are written in the order of the calls, without having to be awaited. */
  #last: Promise<void> = Promise.resolve();

  /** `lease` null for a process that has the database to itself (tests, tools). */
  constructor(database: Database, accountId: string, lease: Lease | null) {
    this.#database = database;
    this.#accountId = accountId;
    this.#lease = lease;
  }

  async load(): Promise<JournalContents> {
    await this.#last.catch(() => {});
    return this.#asked(async (db) => ({
      mailboxes: await rows.mailboxesOf(db, this.#accountId),
      intents: await rows.intentsOf(db, this.#accountId),
      refused: await rows.refusedOf(db, this.#accountId),
      notes: await rows.notesOf(db, this.#accountId),
    }));
  }

  async chunks(mailboxId: number, generation: number) {
    await this.#last.catch(() => {});
    return this.#asked((db) => rows.chunksOf(db, this.#accountId, mailboxId, generation));
  }

  /** Rejects with `lease-lost`; then nothing of the entry was written. */
  record(entry: JournalEntry): Promise<void> {
    // Read now: the caller may go on using its buffers.
    const own = structuredClone(entry);
    const written = this.#last.then(
      () => this.#write(own),
      () => this.#write(own),
    );
    this.#last = written;
    return written;
  }

  #write(entry: JournalEntry): Promise<void> {
    return this.#asked(() =>
      this.#database.durably(async (inside) => {
        if (this.#lease !== null) await checkLease(inside, this.#lease);
        await writeEntry(inside, this.#accountId, entry);
      }),
    );
  }

  async #asked<T>(question: (db: Kysely<Tables>) => Promise<T>): Promise<T> {
    try {
      return await question(this.#database.db);
    } catch (error) {
      if (error instanceof MailferryError) throw error;
      throw databaseError(this.#database.name, error);
    }
  }
}

/** Removals come before additions of the same kind, so that one entry can replace what it clears. */
async function writeEntry(inside: Kysely<Tables>, account: string, entry: JournalEntry): Promise<void> {
  for (const row of entry.mailboxes ?? []) await rows.putMailbox(inside, account, row);
  for (const drop of entry.dropGenerationsBelow ?? []) await rows.dropGenerationsBelow(inside, account, drop);
  for (const chunk of entry.chunks ?? []) await rows.writeChunk(inside, account, chunk);
  for (const row of entry.openIntents ?? []) await rows.openIntent(inside, account, row);
  await rows.closeIntents(inside, account, entry.closeIntents ?? []);
  for (const id of entry.clearRefusedOf ?? []) await rows.clearRefusedOf(inside, account, id);
  for (const one of entry.clearRefused ?? []) await rows.clearRefused(inside, account, one);
  for (const row of entry.refused ?? []) await rows.putRefused(inside, account, row);
  for (const [name, value] of Object.entries(entry.notes ?? {})) {
    await rows.putNote(inside, account, name, value);
  }
}
