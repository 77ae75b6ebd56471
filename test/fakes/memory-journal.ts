/**
 * A journal in memory, held to the same contract as the state file. Rows are copied on the way in and on the way out,
 * so nothing is shared with the engine; `onStep` stops a run before or after any step, as a crash would.
 */
import { MailferryError } from '../../src/base/errors.ts';
import type {
  ChunkWrite,
  IntentRow,
  Journal,
  JournalContents,
  JournalEntry,
  MailboxRow,
  RefusedRow,
} from '../../src/sync/journal.ts';

/**
 * Called for each step, n counting from 1. Throwing at `before` means the entry is not durable; at `after`, that it
 * is, but the caller never hears of it.
 */
export type StepHook = (n: number, entry: JournalEntry, when: 'before' | 'after') => void;

/** What a journal holds at one moment. Rows are never changed in place, so copies of the maps are enough. */
export interface MemoryJournalSnapshot {
  readonly mailboxes: ReadonlyMap<number, MailboxRow>;
  readonly intents: ReadonlyMap<number, IntentRow>;
  readonly refused: ReadonlyMap<string, RefusedRow>;
  readonly chunks: ReadonlyMap<string, ChunkWrite>;
  readonly notes: ReadonlyMap<string, string>;
}

const refusedKey = (mailboxId: number, oldUid: number) => `${mailboxId}/${oldUid}`;
const chunkKey = (mailboxId: number, generation: number, chunk: number) =>
  `${mailboxId}/${generation}/${chunk}`;

export class MemoryJournal implements Journal {
  onStep: StepHook | undefined;
  /** Names of the steps recorded so far, in order. */
  readonly entries: string[] = [];
  #steps = 0;
  #mailboxes = new Map<number, MailboxRow>();
  #intents = new Map<number, IntentRow>();
  #refused = new Map<string, RefusedRow>();
  #chunks = new Map<string, ChunkWrite>();
  #notes = new Map<string, string>();

  constructor(from?: MemoryJournalSnapshot) {
    if (from) this.restore(from);
  }

  /** How many times `record` was called, refused calls included. */
  get steps(): number {
    return this.#steps;
  }

  async load(): Promise<JournalContents> {
    return structuredClone({
      mailboxes: [...this.#mailboxes.values()].sort((a, b) => a.id - b.id),
      intents: [...this.#intents.values()].sort((a, b) => a.id - b.id),
      refused: [...this.#refused.values()].sort((a, b) => a.mailboxId - b.mailboxId || a.oldUid - b.oldUid),
      notes: Object.fromEntries(this.#notes),
    });
  }

  async chunks(mailboxId: number, generation: number) {
    const found: { chunk: number; body: Uint8Array }[] = [];
    for (const one of this.#chunks.values()) {
      if (one.mailboxId === mailboxId && one.generation === generation && one.body) {
        found.push({ chunk: one.chunk, body: new Uint8Array(one.body) });
      }
    }
    return found.sort((a, b) => a.chunk - b.chunk);
  }

  async record(entry: JournalEntry): Promise<void> {
    const n = ++this.#steps;
    this.onStep?.(n, entry, 'before');
    for (const intent of entry.openIntents ?? []) {
      if (this.#intents.has(intent.id)) {
        throw new MailferryError('internal', `intent ${intent.id} is open already`);
      }
    }
    this.#apply(structuredClone(entry));
    this.entries.push(entry.step);
    this.onStep?.(n, entry, 'after');
  }

  snapshot(): MemoryJournalSnapshot {
    return {
      mailboxes: new Map(this.#mailboxes),
      intents: new Map(this.#intents),
      refused: new Map(this.#refused),
      chunks: new Map(this.#chunks),
      notes: new Map(this.#notes),
    };
  }

  /** Takes the contents back; counters and the log of steps go on. */
  restore(snapshot: MemoryJournalSnapshot): void {
    this.#mailboxes = new Map(snapshot.mailboxes);
    this.#intents = new Map(snapshot.intents);
    this.#refused = new Map(snapshot.refused);
    this.#chunks = new Map(snapshot.chunks);
    this.#notes = new Map(snapshot.notes);
  }

  /** Removals come before additions of the same kind, so that one entry can replace what it clears. */
  #apply(entry: JournalEntry): void {
    for (const row of entry.mailboxes ?? []) this.#mailboxes.set(row.id, row);
    this.#applyChunks(entry);
    for (const row of entry.openIntents ?? []) this.#intents.set(row.id, row);
    for (const id of entry.closeIntents ?? []) this.#intents.delete(id);
    for (const id of entry.clearRefusedOf ?? []) {
      for (const [key, row] of this.#refused) if (row.mailboxId === id) this.#refused.delete(key);
    }
    for (const one of entry.clearRefused ?? []) this.#refused.delete(refusedKey(one.mailboxId, one.oldUid));
    for (const row of entry.refused ?? []) this.#refused.set(refusedKey(row.mailboxId, row.oldUid), row);
    for (const [key, value] of Object.entries(entry.notes ?? {})) {
      if (value === null) this.#notes.delete(key);
      else this.#notes.set(key, value);
    }
  }

  #applyChunks(entry: JournalEntry): void {
    for (const drop of entry.dropGenerationsBelow ?? []) {
      for (const [key, one] of this.#chunks) {
        if (one.mailboxId === drop.mailboxId && one.generation < drop.generation) this.#chunks.delete(key);
      }
    }
    for (const write of entry.chunks ?? []) {
      const key = chunkKey(write.mailboxId, write.generation, write.chunk);
      if (write.body) this.#chunks.set(key, write);
      else this.#chunks.delete(key);
    }
  }
}
