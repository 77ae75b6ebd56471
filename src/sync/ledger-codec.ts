/**
 * The stored form of a ledger chunk, about 26 bytes a message:
 *
 *   byte 0   format version (2)
 *   varint   number of rows, number of flag sets; each flag set: varint length, bytes (ISO 8859-1)
 *   rows     old UID (delta to the row before), new UID (zigzag delta), size, flag set, notes, date (zigzag delta):
 *            varints; digest: 16 bytes
 *
 * Version 1 had no dates. It is read as rows whose dates are unknown, and written anew when its chunk changes.
 */
import { MailferryError } from '../base/errors.ts';

export interface ChunkColumns {
  count: number;
  readonly oldUid: Uint32Array;
  readonly newUid: Uint32Array;
  readonly size: Uint32Array;
  readonly digest: Uint8Array;
  readonly flagId: Uint32Array;
  readonly notes: Uint16Array;
  /** Stamps (message-date.ts). */
  readonly date: Uint32Array;
}

const version = 2;
const versionWithoutDates = 1;

export function encodeChunk(chunk: ChunkColumns, flagsOf: (id: number) => string): Uint8Array {
  const local = new Map<number, number>();
  const sets: string[] = [];
  for (let i = 0; i < chunk.count; i++) {
    const id = chunk.flagId[i] ?? 0;
    if (local.has(id)) continue;
    local.set(id, sets.length);
    sets.push(flagsOf(id));
  }
  const room = 16 + sets.reduce((sum, s) => sum + s.length + 5, 0) + chunk.count * (16 + 6 * 5);
  const out = new Writer(new Uint8Array(room));
  out.byte(version);
  out.varint(chunk.count);
  out.varint(sets.length);
  for (const set of sets) {
    out.varint(set.length);
    for (let i = 0; i < set.length; i++) out.byte(set.charCodeAt(i) & 0xff);
  }
  let oldUid = 0;
  let newUid = 0;
  let date = 0;
  for (let i = 0; i < chunk.count; i++) {
    const o = chunk.oldUid[i] ?? 0;
    const n = chunk.newUid[i] ?? 0;
    out.varint(o - oldUid);
    out.signed(n - newUid);
    out.varint(chunk.size[i] ?? 0);
    out.varint(local.get(chunk.flagId[i] ?? 0) ?? 0);
    out.varint(chunk.notes[i] ?? 0);
    const d = chunk.date[i] ?? 0;
    out.signed((d - date) | 0);
    out.bytes(chunk.digest.subarray(i * 16, i * 16 + 16));
    oldUid = o;
    newUid = n;
    date = d;
  }
  return out.done();
}

/** Fills `into` (of at least as many rows); throws 'state-damaged' on anything that `encodeChunk` does not write. */
export function decodeChunk(body: Uint8Array, into: ChunkColumns, flagIdOf: (flags: string) => number): void {
  const from = new Reader(body);
  const written = from.byte();
  if (written !== version && written !== versionWithoutDates) throw damaged('written by a newer version');
  const count = from.varint();
  if (count > into.oldUid.length) throw damaged('too many rows');
  const ids: number[] = [];
  for (let sets = from.varint(); sets > 0; sets--) {
    let text = '';
    for (let length = from.varint(); length > 0; length--) text += String.fromCharCode(from.byte());
    ids.push(flagIdOf(text));
  }
  let oldUid = 0;
  let newUid = 0;
  let date = 0;
  for (let i = 0; i < count; i++) {
    oldUid += from.varint();
    newUid += from.signed();
    into.oldUid[i] = oldUid;
    into.newUid[i] = newUid;
    into.size[i] = from.varint();
    const id = ids[from.varint()];
    if (id === undefined) throw damaged('unknown flag set');
    into.flagId[i] = id;
    into.notes[i] = from.varint();
    if (written === version) date = (date + from.signed()) >>> 0;
    into.date[i] = date;
    into.digest.set(from.bytes(16), i * 16);
  }
  if (!from.atEnd) throw damaged('bytes left over');
  into.count = count;
}

function damaged(what: string): MailferryError {
  return new MailferryError('state-damaged', `a part of the state file cannot be read: ${what}`);
}

class Writer {
  #buffer: Uint8Array;
  #at = 0;

  constructor(buffer: Uint8Array) {
    this.#buffer = buffer;
  }

  byte(value: number): void {
    this.#buffer[this.#at++] = value;
  }

  varint(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.#buffer[this.#at++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#buffer[this.#at++] = rest;
  }

  /** Zigzag: small numbers of either sign become short varints. */
  signed(value: number): void {
    this.varint(value >= 0 ? value * 2 : -value * 2 - 1);
  }

  bytes(value: Uint8Array): void {
    this.#buffer.set(value, this.#at);
    this.#at += value.length;
  }

  done(): Uint8Array {
    return this.#buffer.slice(0, this.#at);
  }
}

class Reader {
  readonly #buffer: Uint8Array;
  #at = 0;

  constructor(buffer: Uint8Array) {
    this.#buffer = buffer;
  }

  get atEnd(): boolean {
    return this.#at === this.#buffer.length;
  }

  byte(): number {
    const value = this.#buffer[this.#at++];
    if (value === undefined) throw damaged('cut off');
    return value;
  }

  varint(): number {
    let value = 0;
    let factor = 1;
    for (let i = 0; i < 7; i++) {
      const byte = this.byte();
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
      factor *= 0x80;
    }
    throw damaged('a number is too long');
  }

  signed(): number {
    const zigzag = this.varint();
    return zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2;
  }

  bytes(length: number): Uint8Array {
    if (this.#at + length > this.#buffer.length) throw damaged('cut off');
    this.#at += length;
    return this.#buffer.subarray(this.#at - length, this.#at);
  }
}
