import { describe, expect, it } from 'vitest';
import { type Candidate, ClaimPool } from './claim-pool.ts';

const digest = (n: number) => new Uint8Array(16).fill(n);
const row = (oldUid: number, newUid: number, sizeBytes: number, n: number, dateStamp = 0) => ({
  oldUid,
  newUid,
  sizeBytes,
  digest: digest(n),
  flags: '',
  notes: 0,
  dateStamp,
});
const sought = (sizeBytes: number, n: number, uid = 1, dateStamp = 0) => ({
  uid,
  sizeBytes,
  digest: digest(n),
  dateStamp,
});
const foreign = (newUid: number, sizeBytes: number, dateMs: number | null = null): Candidate => ({
  kind: 'foreign',
  newUid,
  sizeBytes,
  dateMs,
  flags: '',
  digest: null,
  likeness: null,
});

describe('the pool of claims', () => {
  it('gives each candidate once, so that twins stay two', () => {
    const pool = new ClaimPool();
    pool.add({ kind: 'orphan', row: row(1, 11, 100, 7) });
    pool.add({ kind: 'orphan', row: row(2, 12, 100, 7) });
    const given = [pool.take(sought(100, 7)), pool.take(sought(100, 7)), pool.take(sought(100, 7))];
    expect(given.map((c) => (c?.kind === 'orphan' ? c.row.newUid : null))).toEqual([11, 12, null]);
    expect(pool.count).toBe(0);
  });

  it('prefers an orphan to a foreign message, and both to a move', () => {
    const pool = new ClaimPool();
    pool.add({ kind: 'vanished', mailboxId: 2, oldUidValidity: 1, row: row(3, 1, 100, 7) });
    pool.add(foreign(2, 100));
    pool.add({ kind: 'orphan', row: row(1, 30, 100, 7) });
    pool.digested([2], new Map([[2, digest(7)]]));
    const kinds = [1, 2, 3].map(() => pool.take(sought(100, 7))?.kind);
    expect(kinds).toEqual(['orphan', 'foreign', 'vanished']);
  });

  it('asks for digests of foreign messages of the wanted sizes only, and forgets what cannot be read', () => {
    const pool = new ClaimPool();
    for (const [uid, size] of [
      [9, 100],
      [4, 100],
      [5, 200],
    ] as const)
      pool.add(foreign(uid, size));
    expect(pool.undigested([100])).toEqual([4, 9]);
    pool.digested([4, 9], new Map([[9, digest(1)]]));
    expect(pool.undigested([100])).toEqual([]);
    expect(pool.count).toBe(2);
    expect(pool.has(sought(100, 1))).toBe(true);
    expect(pool.take(sought(200, 1))).toBeNull();
  });

  it('offers foreign messages by date until they are taken', () => {
    const pool = new ClaimPool();
    pool.add(foreign(2, 100, 5000));
    pool.add(foreign(1, 300, 5000));
    expect(pool.ofDate(5000).map((c) => c.newUid)).toEqual([1, 2]);
    pool.digested([2], new Map([[2, digest(3)]]));
    pool.take(sought(100, 3));
    expect(pool.ofDate(5000).map((c) => c.newUid)).toEqual([1]);
    expect(pool.ofDate(1)).toEqual([]);
  });

  it('gives of twins each message the one of its date', () => {
    const pool = new ClaimPool();
    pool.add({ kind: 'orphan', row: row(1, 11, 100, 7, 50) });
    pool.add(foreign(12, 100, 60_000));
    pool.digested([12], new Map([[12, digest(7)]]));
    const newUidOf = (c: Candidate | null) => (c?.kind === 'foreign' ? c.newUid : c?.row.newUid);
    expect(newUidOf(pool.take(sought(100, 7, 1, 60)))).toBe(12);
    expect(newUidOf(pool.take(sought(100, 7, 2, 50)))).toBe(11);
  });

  it('keeps a candidate for the message of its date until that has a copy', () => {
    const open = new Set([1, 2]);
    const pool = new ClaimPool((uid) => open.has(uid));
    pool.add(foreign(12, 100, 60_000));
    pool.digested([12], new Map([[12, digest(7)]]));
    pool.expect(1, 100, 50);
    pool.expect(2, 100, 60);
    expect(pool.take(sought(100, 7, 1, 50))).toBeNull();
    open.delete(2);
    expect(pool.take(sought(100, 7, 1, 50))).not.toBeNull();
  });

  it('takes a row of another date only where old has changed all dates with its UIDVALIDITY', () => {
    const pool = new ClaimPool();
    pool.add({ kind: 'orphan', row: row(1, 11, 100, 7, 50) });
    pool.add({ kind: 'orphan', row: row(2, 12, 100, 8, 60) });
    expect(pool.has(sought(100, 7, 1, 70))).toBe(true);
    pool.expect(2, 100, 60);
    expect(pool.has(sought(100, 7, 1, 70))).toBe(false);
  });

  it('never takes a message of another date for one that was moved', () => {
    const pool = new ClaimPool();
    pool.add({ kind: 'vanished', mailboxId: 2, oldUidValidity: 1, row: row(3, 1, 100, 7, 50) });
    expect(pool.has(sought(100, 7, 1, 60))).toBe(false);
    expect(pool.has(sought(100, 7, 1, 50))).toBe(true);
    expect(pool.has(sought(100, 7, 1, 0))).toBe(true);
  });
});
