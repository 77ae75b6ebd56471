import { describe, expect, it } from 'vitest';
import { type Candidate, ClaimPool } from './claim-pool.ts';

const digest = (n: number) => new Uint8Array(16).fill(n);
const row = (oldUid: number, newUid: number, sizeBytes: number, n: number) => ({
  oldUid,
  newUid,
  sizeBytes,
  digest: digest(n),
  flags: '',
  notes: 0,
});
const foreign = (newUid: number, sizeBytes: number, dateMs: number | null = null): Candidate => ({
  kind: 'foreign',
  newUid,
  sizeBytes,
  dateMs,
  digest: null,
  likeness: null,
});

describe('the pool of claims', () => {
  it('gives each candidate once, so that twins stay two', () => {
    const pool = new ClaimPool();
    pool.add({ kind: 'orphan', row: row(1, 11, 100, 7) });
    pool.add({ kind: 'orphan', row: row(2, 12, 100, 7) });
    const given = [pool.take(100, digest(7)), pool.take(100, digest(7)), pool.take(100, digest(7))];
    expect(given.map((c) => (c?.kind === 'orphan' ? c.row.newUid : null))).toEqual([11, 12, null]);
    expect(pool.count).toBe(0);
  });

  it('prefers an orphan to a foreign message, and both to a move', () => {
    const pool = new ClaimPool();
    pool.add({ kind: 'vanished', mailboxId: 2, oldUidValidity: 1, row: row(3, 1, 100, 7) });
    pool.add(foreign(2, 100));
    pool.add({ kind: 'orphan', row: row(1, 30, 100, 7) });
    pool.digested([2], new Map([[2, digest(7)]]));
    const kinds = [1, 2, 3].map(() => pool.take(100, digest(7))?.kind);
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
    expect(pool.has(100, digest(1))).toBe(true);
    expect(pool.take(200, digest(1))).toBeNull();
  });

  it('offers foreign messages by date until they are taken', () => {
    const pool = new ClaimPool();
    pool.add(foreign(2, 100, 5000));
    pool.add(foreign(1, 300, 5000));
    expect(pool.ofDate(5000).map((c) => c.newUid)).toEqual([1, 2]);
    pool.digested([2], new Map([[2, digest(3)]]));
    pool.take(100, digest(3));
    expect(pool.ofDate(5000).map((c) => c.newUid)).toEqual([1]);
    expect(pool.ofDate(1)).toEqual([]);
  });
});
