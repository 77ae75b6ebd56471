/**
 * Messages on the new side that an old message may turn out to be: found by size, proved by digest, each taken once
 * (so twins stay two). Three kinds:
 *
 *   orphan    a row of the ledger before old's UIDVALIDITY changed: its new UID is still good
 *   foreign   a message on new that no row claims: from a lost ledger, an unknown outcome, or a person's own copy
 *   vanished  a row whose old message is gone from its mailbox: the message may have been moved here
 */
import type { Account } from './account.ts';
import { digestKey } from './digest.ts';
import type { LedgerRow } from './ledger.ts';
import type { Likeness } from './likeness.ts';

export type Candidate =
  | { readonly kind: 'orphan'; readonly row: LedgerRow }
  | {
      readonly kind: 'foreign';
      readonly newUid: number;
      readonly sizeBytes: number;
      readonly dateMs: number | null;
      digest: Uint8Array | null;
      likeness: Likeness | null;
    }
  | {
      readonly kind: 'vanished';
      readonly mailboxId: number;
      /** Of the mailbox on old when the row's message was missed: under another one the UID means nothing. */
      readonly oldUidValidity: number;
      readonly row: LedgerRow;
    };

export type Foreign = Extract<Candidate, { kind: 'foreign' }>;

export type Vanished = Extract<Candidate, { kind: 'vanished' }>;

/** The row as it is now: new's UIDs may have changed since it was missed. Null where it is gone or means another message. */
export async function currentRow(account: Account, candidate: Vanished): Promise<LedgerRow | null> {
  if (account.mailbox(candidate.mailboxId).oldUidValidity !== candidate.oldUidValidity) return null;
  const ledger = await account.ledger(candidate.mailboxId);
  const row = ledger.get(candidate.row.oldUid);
  return row === null ? null : { ...row, digest: row.digest.slice() };
}

const rank = { orphan: 0, foreign: 1, vanished: 2 } as const;

export class ClaimPool {
  readonly #bySize = new Map<number, Candidate[]>();
  readonly #foreignByDate = new Map<number, Set<Foreign>>();
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add(candidate: Candidate): void {
    const size = sizeOf(candidate);
    const list = this.#bySize.get(size);
    if (list === undefined) this.#bySize.set(size, [candidate]);
    else list.push(candidate);
    this.#count++;
    if (candidate.kind !== 'foreign' || candidate.dateMs === null) return;
    const sameDate = this.#foreignByDate.get(candidate.dateMs);
    if (sameDate === undefined) this.#foreignByDate.set(candidate.dateMs, new Set([candidate]));
    else sameDate.add(candidate);
  }

  hasSize(sizeBytes: number): boolean {
    return this.#bySize.has(sizeBytes);
  }

  /** New UIDs whose digest has to be known before messages of these sizes can be compared. */
  undigested(sizes: Iterable<number>): number[] {
    const uids = new Set<number>();
    for (const size of sizes) {
      for (const c of this.#bySize.get(size) ?? [])
        if (c.kind === 'foreign' && c.digest === null) uids.add(c.newUid);
    }
    return [...uids].sort((a, b) => a - b);
  }

  /** Enters digests found by reading the new side; a UID without one (gone meanwhile) leaves the pool. */
  digested(asked: readonly number[], digests: ReadonlyMap<number, Uint8Array>): void {
    const open = new Set(asked);
    for (const [size, list] of this.#bySize) {
      const kept = list.filter((c) => {
        if (c.kind !== 'foreign' || !open.has(c.newUid)) return true;
        c.digest = digests.get(c.newUid) ?? null;
        if (c.digest === null) this.#forgetDate(c);
        return c.digest !== null;
      });
      this.#replace(size, list.length, kept);
    }
  }

  /** Foreign messages of this date: the new side may have changed the one that is looked for (size, digest). */
  ofDate(dateMs: number): Foreign[] {
    return [...(this.#foreignByDate.get(dateMs) ?? [])].sort((a, b) => a.newUid - b.newUid);
  }

  has(sizeBytes: number, digest: Uint8Array): boolean {
    return this.#best(sizeBytes, digest) !== null;
  }

  /** Takes the best candidate of this size and digest out of the pool: lowest kind, then lowest new UID. */
  take(sizeBytes: number, digest: Uint8Array): Candidate | null {
    const best = this.#best(sizeBytes, digest);
    if (best !== null) this.remove(best);
    return best;
  }

  #best(sizeBytes: number, digest: Uint8Array): Candidate | null {
    const list = this.#bySize.get(sizeBytes);
    if (list === undefined) return null;
    const key = digestKey(digest);
    let best: Candidate | null = null;
    for (const c of list) {
      const d = c.kind === 'foreign' ? c.digest : c.row.digest;
      if (d === null || digestKey(d) !== key) continue;
      if (best === null || isBetter(c, best)) best = c;
    }
    return best;
  }

  remove(candidate: Candidate): void {
    this.#forgetDate(candidate);
    const size = sizeOf(candidate);
    const list = this.#bySize.get(size) ?? [];
    this.#replace(
      size,
      list.length,
      list.filter((c) => c !== candidate),
    );
  }

  *all(): Generator<Candidate> {
    for (const list of this.#bySize.values()) yield* list;
  }

  #forgetDate(c: Candidate): void {
    if (c.kind === 'foreign' && c.dateMs !== null) this.#foreignByDate.get(c.dateMs)?.delete(c);
  }

  #replace(size: number, before: number, kept: Candidate[]): void {
    this.#count -= before - kept.length;
    if (kept.length === 0) this.#bySize.delete(size);
    else this.#bySize.set(size, kept);
  }
}

function sizeOf(c: Candidate): number {
  return c.kind === 'foreign' ? c.sizeBytes : c.row.sizeBytes;
}

function newUidOf(c: Candidate): number {
  return c.kind === 'foreign' ? c.newUid : c.row.newUid;
}

function isBetter(a: Candidate, b: Candidate): boolean {
  if (rank[a.kind] !== rank[b.kind]) return rank[a.kind] < rank[b.kind];
  return newUidOf(a) < newUidOf(b);
}
