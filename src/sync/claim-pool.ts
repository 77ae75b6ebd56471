/**
 * Messages on the new side that an old message may turn out to be: found by size, proved by digest, each taken once
 * (so twins stay two). Of twins each takes the one of its own date, and leaves alone what another old message has a
 * better right to: a date cannot be mended later. Three kinds:
 *
 *   orphan    a row of the ledger before old's UIDVALIDITY changed: its new UID is still good
 *   foreign   a message on new that no row claims: from a lost ledger, an unknown outcome, or a person's own copy
 *   vanished  a row whose old message is gone from its mailbox: the message may have been moved here
 */
import type { Account } from './account.ts';
import { digestKey } from './digest.ts';
import { compareStamps, stampOfMs } from './message-date.ts';
import type { LedgerRow } from './ledger.ts';
import type { Likeness } from './likeness.ts';

export type Candidate =
  | { readonly kind: 'orphan'; readonly row: LedgerRow }
  | {
      readonly kind: 'foreign';
      readonly newUid: number;
      readonly sizeBytes: number;
      readonly dateMs: number | null;
      readonly flags: string;
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
  return ledger.get(candidate.row.oldUid);
}

/** The old message that a candidate is looked for. */
export interface Sought {
  readonly uid: number;
  readonly sizeBytes: number;
  readonly digest: Uint8Array | null;
  readonly dateStamp: number;
}

const rank = { orphan: 0, foreign: 1, vanished: 2 } as const;

export class ClaimPool {
  /** Whether an old message of this mailbox still has no copy. */
  readonly #isOpen: (oldUid: number) => boolean;
  /** By size and date of candidates: the old messages that have just these. */
  readonly #owners = new Map<string, number[]>();
  /** Kinds of candidates by size and date; made when it is asked for. */
  #dated: Map<string, Candidate['kind']> | null = null;
  /** Messages of old have the dates that they had before its UIDVALIDITY changed. */
  datesStayed = false;
  readonly #bySize = new Map<number, Candidate[]>();
  readonly #foreignByDate = new Map<number, Set<Foreign>>();
  #count = 0;

  constructor(isOpen: (oldUid: number) => boolean = () => true) {
    this.#isOpen = isOpen;
  }

  get count(): number {
    return this.#count;
  }

  /**
   * Notes an old message that has not arrived yet. To be called for all of a mailbox before the first is taken, where
   * there are candidates: one of its size and date is kept for it.
   */
  expect(oldUid: number, sizeBytes: number, dateStamp: number): void {
    if (dateStamp === 0 || !this.#bySize.has(sizeBytes)) return;
    const key = `${sizeBytes}/${dateStamp}`;
    this.#dated ??= new Map(Array.from(this.all(), (c) => [`${sizeOf(c)}/${stampOf(c)}`, c.kind]));
    const kind = this.#dated.get(key);
    if (kind === undefined) return;
    if (kind === 'orphan') this.datesStayed = true;
    const owners = this.#owners.get(key);
    if (owners === undefined) this.#owners.set(key, [oldUid]);
    else owners.push(oldUid);
  }

  add(candidate: Candidate): void {
    const size = sizeOf(candidate);
    this.#dated = null;
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

  has(sought: Sought): boolean {
    return this.#best(sought) !== null;
  }

  /** Takes the best candidate of this size and digest out of the pool: by date, then lowest kind, then lowest new UID. */
  take(sought: Sought): Candidate | null {
    const best = this.#best(sought);
    if (best !== null) this.remove(best);
    return best;
  }

  #best(sought: Sought): Candidate | null {
    const list = this.#bySize.get(sought.sizeBytes);
    if (list === undefined || sought.digest === null) return null;
    const key = digestKey(sought.digest);
    let best: Candidate | null = null;
    let bestRank = 0;
    for (const c of list) {
      const d = c.kind === 'foreign' ? c.digest : c.row.digest;
      if (d === null || digestKey(d) !== key) continue;
      const dates = compareStamps(stampOf(c), sought.dateStamp);
      if (dates === 'different' && !this.#mayDiffer(c, sought)) continue;
      const r = (dates === 'different' ? 10 : 0) + rank[c.kind] * 2 + (dates === 'unknown' ? 1 : 0);
      if (best !== null && (r > bestRank || (r === bestRank && newUidOf(c) > newUidOf(best)))) continue;
      best = c;
      bestRank = r;
    }
    return best;
  }

  /**
   * Servers and mail programs may keep another date than they were told: what nobody else has a right to is taken all
   * the same, rather than sent twice. A move keeps the date, and so does an old side whose UIDVALIDITY changed, as far
   * as one can see: another one means another message there.
   */
  #mayDiffer(c: Candidate, { uid }: Sought): boolean {
    if (c.kind === 'vanished' || (c.kind === 'orphan' && this.datesStayed)) return false;
    const owners = this.#owners.get(`${sizeOf(c)}/${stampOf(c)}`) ?? [];
    return !owners.some((owner) => owner !== uid && this.#isOpen(owner));
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

function stampOf(c: Candidate): number {
  return c.kind === 'foreign' ? stampOfMs(c.dateMs) : c.row.dateStamp;
}
