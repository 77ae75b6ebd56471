/**
 * The ledger of one mailbox's generation in memory: which old UID is which new UID, with digest, size, date, agreed flags
 * and notes. Rows lie in chunks of at most 1,024, ascending by old UID; only changed chunks are encoded and written. About
 * 38 bytes a message in memory; never an object per message.
 */
import { UidBitmap } from '../base/uid-bitmap.ts';
import { type ChunkColumns, decodeChunk, encodeChunk } from './ledger-codec.ts';
import type { ChunkWrite } from './journal.ts';

/** 1,024 rows encode to about 25 KB: small enough to rewrite per batch, large enough that a million rows are a thousand rows of SQL. */
export const rowsPerChunk = 1024;

/** What is worth remembering about one message; bits of `LedgerRow.notes`. */
export const ledgerNote = {
  canonicalised: 1,
  dateFromReceived: 2,
  dateFromHeader: 4,
  dateMissing: 8,
  keywordsDropped: 16,
  deletedDropped: 32,
  /** A person moved or deleted our copy on the new side; it never comes back. */
  removedOnNew: 64,
  /** Found on the new side by digest instead of being sent. */
  adopted: 128,
  /** Gone on the old side, but changed by a person on the new one: theirs now. */
  keptByUser: 256,
  sentAsBinary: 512,
  /** The new server changed what it stored; found by header and date. */
  alteredOnNew: 1024,
} as const;

export interface LedgerRow {
  readonly oldUid: number;
  readonly newUid: number;
  readonly sizeBytes: number;
  /** First 16 bytes of the body's SHA-256. */
  readonly digest: Uint8Array;
  /** Old side's flags as last carried over, canonical order, joined by blanks. */
  readonly flags: string;
  readonly notes: number;
  /**
   * Stamp of the INTERNALDATE that both sides have (message-date.ts); 0 where it is not known. Tells twins apart when
   * their UIDs are lost.
   */
  readonly dateStamp: number;
}

interface Chunk extends ChunkColumns {
  readonly number: number;
  dirty: boolean;
}

export class Ledger {
  readonly mailboxId: number;
  readonly generation: number;
  #chunks: Chunk[] = [];
  #nextNumber = 0;
  #removedChunks: number[] = [];
  #flagTable: string[] = [];
  #flagIndex = new Map<string, number>();
  #count = 0;
  #newUids: UidBitmap | null = null;

  constructor(
    mailboxId: number,
    generation: number,
    stored: readonly { readonly chunk: number; readonly body: Uint8Array }[] = [],
  ) {
    this.mailboxId = mailboxId;
    this.generation = generation;
    for (const { chunk, body } of stored) {
      const columns = emptyColumns();
      decodeChunk(body, columns, (flags) => this.#flagId(flags));
      this.#chunks.push(Object.assign(columns, { number: chunk, dirty: false }));
      this.#nextNumber = Math.max(this.#nextNumber, chunk + 1);
      this.#count += columns.count;
    }
    this.#chunks.sort((a, b) => (a.oldUid[0] ?? 0) - (b.oldUid[0] ?? 0));
  }

  get count(): number {
    return this.#count;
  }

  has(oldUid: number): boolean {
    return this.#find(oldUid) !== null;
  }

  /** A copy: it stays as it is whatever happens to the ledger. */
  get(oldUid: number): LedgerRow | null {
    const at = this.#find(oldUid);
    return at === null ? null : this.#row(at.chunk, at.index);
  }

  /** The flags of a row without the row: asked for every message of a mailbox. Null where there is none. */
  flagsOf(oldUid: number): string | null {
    const at = this.#find(oldUid);
    return at === null ? null : (this.#flagTable[at.chunk.flagId[at.index] ?? 0] ?? '');
  }

  /** Whether some row claims this UID of the new side. */
  claims(newUid: number): boolean {
    if (this.#newUids === null) {
      this.#newUids = new UidBitmap();
      for (const row of this.newUids()) this.#newUids.add(row);
    }
    return this.#newUids.has(newUid);
  }

  /** Copies, ascending by old UID. Rows may be replaced meanwhile, not added or removed. */
  *rows(): Generator<LedgerRow> {
    for (const chunk of this.#chunks) for (let i = 0; i < chunk.count; i++) yield this.#row(chunk, i);
  }

  *newUids(): Generator<number> {
    for (const chunk of this.#chunks) for (let i = 0; i < chunk.count; i++) yield chunk.newUid[i] ?? 0;
  }

  *oldUids(): Generator<number> {
    for (const chunk of this.#chunks) for (let i = 0; i < chunk.count; i++) yield chunk.oldUid[i] ?? 0;
  }

  /** Adds or replaces. Throws when the new UID is claimed already by another row: that would be a twin (I2). */
  put(row: LedgerRow): void {
    const at = this.#find(row.oldUid);
    if (at !== null) {
      if (at.chunk.newUid[at.index] !== row.newUid) {
        this.#newUids?.delete(at.chunk.newUid[at.index] ?? 0);
        this.#newUids?.add(row.newUid);
      }
      this.#write(at.chunk, at.index, row);
      return;
    }
    const chunk = this.#chunkFor(row.oldUid);
    const index = lowerBound(chunk, row.oldUid);
    shift(chunk, index, 1);
    chunk.count++;
    this.#count++;
    this.#newUids?.add(row.newUid);
    this.#write(chunk, index, row);
  }

  remove(oldUid: number): void {
    const at = this.#find(oldUid);
    if (at === null) return;
    this.#newUids?.delete(at.chunk.newUid[at.index] ?? 0);
    shift(at.chunk, at.index, -1);
    at.chunk.count--;
    at.chunk.dirty = true;
    this.#count--;
    if (at.chunk.count === 0) {
      this.#chunks.splice(this.#chunks.indexOf(at.chunk), 1);
      this.#removedChunks.push(at.chunk.number);
    }
  }

  /** The changed chunks, encoded; they count as written from here on. */
  takeWrites(): ChunkWrite[] {
    const { mailboxId, generation } = this;
    const writes: ChunkWrite[] = this.#removedChunks.map((chunk) => ({
      mailboxId,
      generation,
      chunk,
      body: null,
    }));
    this.#removedChunks = [];
    for (const chunk of this.#chunks) {
      if (!chunk.dirty) continue;
      chunk.dirty = false;
      writes.push({
        mailboxId,
        generation,
        chunk: chunk.number,
        body: encodeChunk(chunk, (id) => this.#flagTable[id] ?? ''),
      });
    }
    return writes;
  }

  #flagId(flags: string): number {
    const known = this.#flagIndex.get(flags);
    if (known !== undefined) return known;
    const id = this.#flagTable.length;
    this.#flagTable.push(flags);
    this.#flagIndex.set(flags, id);
    return id;
  }

  #row(chunk: Chunk, i: number): LedgerRow {
    return {
      oldUid: chunk.oldUid[i] ?? 0,
      newUid: chunk.newUid[i] ?? 0,
      sizeBytes: chunk.size[i] ?? 0,
      digest: chunk.digest.slice(i * 16, i * 16 + 16),
      flags: this.#flagTable[chunk.flagId[i] ?? 0] ?? '',
      notes: chunk.notes[i] ?? 0,
      dateStamp: chunk.date[i] ?? 0,
    };
  }

  #write(chunk: Chunk, i: number, row: LedgerRow): void {
    chunk.oldUid[i] = row.oldUid;
    chunk.newUid[i] = row.newUid;
    chunk.size[i] = Math.min(row.sizeBytes, 0xffffffff);
    chunk.digest.set(row.digest, i * 16);
    chunk.flagId[i] = this.#flagId(row.flags);
    chunk.notes[i] = row.notes;
    chunk.date[i] = row.dateStamp;
    chunk.dirty = true;
  }

  #chunkIndex(oldUid: number): number {
    let low = 0;
    let high = this.#chunks.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#chunks[middle]?.oldUid[0] ?? 0) <= oldUid) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  #find(oldUid: number): { chunk: Chunk; index: number } | null {
    const chunk = this.#chunks[this.#chunkIndex(oldUid)];
    if (chunk === undefined) return null;
    const index = lowerBound(chunk, oldUid);
    return index < chunk.count && chunk.oldUid[index] === oldUid ? { chunk, index } : null;
  }

  /** The chunk a new row belongs to, with room for it. */
  #chunkFor(oldUid: number): Chunk {
    const at = Math.max(0, this.#chunkIndex(oldUid));
    const chunk = this.#chunks[at];
    if (chunk !== undefined && chunk.count < rowsPerChunk) return chunk;
    const atEnd =
      chunk === undefined ||
      (at === this.#chunks.length - 1 && oldUid > (chunk.oldUid[chunk.count - 1] ?? 0));
    const fresh: Chunk = Object.assign(emptyColumns(), { number: this.#nextNumber++, dirty: true });
    this.#chunks.splice(chunk === undefined ? 0 : at + 1, 0, fresh);
    if (atEnd) return fresh;
    moveUpperHalf(chunk, fresh);
    chunk.dirty = true;
    return oldUid < (fresh.oldUid[0] ?? 0) ? chunk : fresh;
  }
}

function emptyColumns(): ChunkColumns {
  return {
    count: 0,
    oldUid: new Uint32Array(rowsPerChunk),
    newUid: new Uint32Array(rowsPerChunk),
    size: new Uint32Array(rowsPerChunk),
    digest: new Uint8Array(rowsPerChunk * 16),
    flagId: new Uint32Array(rowsPerChunk),
    notes: new Uint16Array(rowsPerChunk),
    date: new Uint32Array(rowsPerChunk),
  };
}

function lowerBound(chunk: ChunkColumns, oldUid: number): number {
  let low = 0;
  let high = chunk.count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((chunk.oldUid[middle] ?? 0) < oldUid) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Opens (+1) or closes (-1) the row at `index`. */
function shift(chunk: ChunkColumns, index: number, by: 1 | -1): void {
  const from = by === 1 ? index : index + 1;
  for (const column of [chunk.oldUid, chunk.newUid, chunk.size, chunk.flagId, chunk.notes, chunk.date]) {
    column.copyWithin(from + by, from, chunk.count);
  }
  chunk.digest.copyWithin((from + by) * 16, from * 16, chunk.count * 16);
}

function moveUpperHalf(from: ChunkColumns, to: ChunkColumns): void {
  const half = from.count >> 1;
  for (const name of ['oldUid', 'newUid', 'size', 'flagId', 'notes', 'date'] as const) {
    to[name].set(from[name].subarray(half, from.count));
  }
  to.digest.set(from.digest.subarray(half * 16, from.count * 16));
  to.count = from.count - half;
  from.count = half;
}
