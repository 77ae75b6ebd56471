import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isMailferryError } from '../base/errors.ts';
import { Ledger, type LedgerRow, rowsPerChunk } from './ledger.ts';

function rowOf(oldUid: number, newUid: number, salt = 0): LedgerRow {
  const digest = new Uint8Array(16).map((_, i) => (oldUid * 7 + salt + i) & 0xff);
  const flags = ['', '\\Seen', '$Label \\Flagged \\Seen'][(oldUid + salt) % 3] ?? '';
  return {
    oldUid,
    newUid,
    sizeBytes: oldUid * 13 + salt,
    digest,
    flags,
    notes: salt & 0x7ff,
    dateStamp: (oldUid * 0x9e3779b1 * salt) >>> 0,
  };
}

const plain = (row: LedgerRow) => ({ ...row, digest: [...row.digest] });

/** What a journal would hold after these writes. */
function stored(ledger: Ledger, before = new Map<number, Uint8Array>()): Map<number, Uint8Array> {
  for (const { chunk, body } of ledger.takeWrites()) {
    if (body === null) before.delete(chunk);
    else before.set(chunk, body);
  }
  return before;
}

function reopened(chunks: ReadonlyMap<number, Uint8Array>): Ledger {
  return new Ledger(
    1,
    1,
    [...chunks].map(([chunk, body]) => ({ chunk, body })),
  );
}

describe('the ledger', () => {
  it('holds what a map would hold, and the same after it was stored and read', () => {
    const step = fc.record({
      what: fc.constantFrom('put', 'put', 'put', 'remove', 'store'),
      uid: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 0xffff_ffff })),
      salt: fc.integer({ min: 0, max: 0x7ff }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const model = new Map<number, LedgerRow>();
        let ledger = new Ledger(1, 1);
        let chunks = new Map<number, Uint8Array>();
        for (const { what, uid, salt } of steps) {
          if (what === 'put') {
            const row = rowOf(uid, (uid * 3 + salt) % 0xffff_ffff, salt);
            model.set(uid, { ...row, sizeBytes: Math.min(row.sizeBytes, 0xffff_ffff) });
            ledger.put(row);
          } else if (what === 'remove') {
            model.delete(uid);
            ledger.remove(uid);
          } else {
            chunks = stored(ledger, chunks);
            ledger = reopened(chunks);
          }
        }
        const wanted = [...model.values()].sort((a, b) => a.oldUid - b.oldUid);
        expect([...ledger.rows()].map(plain)).toEqual(wanted.map(plain));
        expect(ledger.count).toBe(model.size);
        for (const row of wanted) expect(ledger.claims(row.newUid)).toBe(true);
        for (const row of wanted) expect(ledger.flagsOf(row.oldUid)).toBe(row.flags);
      }),
    );
  });

  it('splits full chunks wherever a row is put between, and writes only what changed', () => {
    const ledger = new Ledger(1, 1);
    const uids = Array.from({ length: rowsPerChunk * 3 }, (_, i) => i * 2 + 1);
    for (const uid of uids) ledger.put(rowOf(uid, uid));
    const chunks = stored(ledger);
    expect(chunks.size).toBe(3);
    for (const uid of [2, rowsPerChunk * 2 + 2, 0xffff]) ledger.put(rowOf(uid, 1_000_000 + uid));
    const changed = ledger.takeWrites();
    expect(changed.length).toBeLessThan(6);
    for (const { chunk, body } of changed) if (body !== null) chunks.set(chunk, body);
    const again = reopened(chunks);
    expect([...again.oldUids()]).toEqual([...ledger.oldUids()]);
    expect([...again.oldUids()]).toEqual([...again.oldUids()].sort((a, b) => a - b));
    expect(ledger.takeWrites()).toEqual([]);
  });

  it('tells the journal to drop a chunk that became empty', () => {
    const ledger = new Ledger(1, 1);
    ledger.put(rowOf(5, 6));
    const chunks = stored(ledger);
    ledger.remove(5);
    expect(stored(ledger, chunks).size).toBe(0);
    expect(ledger.claims(6)).toBe(false);
  });

  it('gives rows that stay as they are when the ledger changes', () => {
    const ledger = new Ledger(1, 1);
    for (const uid of [1, 2, 3]) ledger.put(rowOf(uid, uid));
    const [second, all] = [ledger.get(2), [...ledger.rows()]];
    ledger.remove(1);
    ledger.put(rowOf(2, 2, 9));
    expect(second && plain(second)).toEqual(plain(rowOf(2, 2)));
    expect(all.map(plain)).toEqual([1, 2, 3].map((uid) => plain(rowOf(uid, uid))));
  });

  it('reads what a release without dates wrote', () => {
    const body = Uint8Array.of(1, 1, 1, 0, 5, 12, 9, 0, 0, ...Array<number>(16).fill(7));
    const row = reopened(new Map([[0, body]])).get(5);
    expect(row && plain(row)).toEqual({
      oldUid: 5,
      newUid: 6,
      sizeBytes: 9,
      digest: Array<number>(16).fill(7),
      flags: '',
      notes: 0,
      dateStamp: 0,
    });
  });

  it('refuses a damaged chunk, wherever it was cut off, and one of a newer version', () => {
    const ledger = new Ledger(1, 1);
    for (let uid = 1; uid < 6; uid++) ledger.put(rowOf(uid, uid + 10));
    const body = [...stored(ledger).values()][0] ?? new Uint8Array();
    const damaged = (bytes: Uint8Array) => {
      try {
        reopened(new Map([[0, bytes]]));
        return 'read';
      } catch (error) {
        return isMailferryError(error) ? error.code : String(error);
      }
    };
    expect(damaged(body)).toBe('read');
    for (let length = 0; length < body.length; length++)
      expect(damaged(body.subarray(0, length))).toBe('state-damaged');
    expect(damaged(Uint8Array.of(...body, 0))).toBe('state-damaged');
    expect(damaged(Uint8Array.of(3, ...body.subarray(1)))).toBe('state-damaged');
  });
});
