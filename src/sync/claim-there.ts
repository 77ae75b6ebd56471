/**
 * What a message of old might already be on new: the same bytes in this mailbox, the same in a form that the new server
 * altered, or a copy in another mailbox that the message was moved from. Each is claimed once, instead of being sent.
 */
import { readUndigested } from './candidates.ts';
import type { Candidate } from './claim-pool.ts';
import { ledgerNote } from './ledger.ts';
import { isAltered, type Likeness, readLikeness } from './likeness.ts';
import { claim, type MailboxWork } from './mailbox-work.ts';
import { flagsSetOn } from './match-twins.ts';
import { dateTimeMs, stampOfMs } from './message-date.ts';
import { moveHere } from './move-here.ts';
import { intended, type Outgoing, rowFor } from './outgoing.ts';
import type { SendJournal } from './send-journal.ts';

/** Claims instead of sending. */
export class ClaimThere {
  readonly #work: MailboxWork;
  readonly #journal: SendJournal;

  constructor(work: MailboxWork, journal: SendJournal) {
    this.#work = work;
    this.#journal = journal;
  }

  /** Whether anything on new could be claimed at all; then digests have to be compared. */
  get possible(): boolean {
    const { pool, run } = this.#work;
    return pool.count > 0 || run.vanished.count > 0;
  }

  /** Reads the digests on new that messages of these sizes are compared with. */
  async prepare(sizes: readonly number[]): Promise<void> {
    await readUndigested(this.#work, sizes);
  }

  /** What lies in the mailbox itself comes before a move from another: the same bytes, else an altered copy. */
  async claimAny(message: Outgoing, likeness: (() => Likeness) | null): Promise<boolean> {
    if (!this.#work.pool.has(message) && likeness !== null && (await this.#claimAltered(message, likeness)))
      return true;
    return await this.#claimOne(message);
  }

  /** Whether claiming it means a MOVE, which stores on new: what is older has to be there before. */
  willMove(message: Outgoing): boolean {
    const { pool, run } = this.#work;
    return !pool.has(message) && run.vanished.has(message);
  }

  /** Claims a copy that the new server changed on saving: a foreign message of the same date that is alike. */
  async #claimAltered(message: Outgoing, likeness: () => Likeness): Promise<boolean> {
    const { pool, fresh } = this.#work;
    const dateMs = dateTimeMs(message.date);
    const { digest } = message;
    const candidates = dateMs === null ? [] : pool.ofDate(dateMs);
    if (digest === null || candidates.length === 0) return false;
    const unread = candidates.filter((c) => c.likeness === null).map((c) => c.newUid);
    const read = await readLikeness(fresh, unread);
    for (const c of candidates) c.likeness ??= read.get(c.newUid) ?? null;
    const original = likeness();
    const copy = candidates.find((c) => c.likeness !== null && isAltered(original, c.likeness));
    if (copy === undefined) return false;
    pool.remove(copy);
    message.notes |= ledgerNote.alteredOnNew;
    this.#adopt(copy, message, digest);
    return true;
  }

  /** True when the message was found on the new side and entered. Its digest must be known. */
  async #claimOne(message: Outgoing): Promise<boolean> {
    const work = this.#work;
    const { digest } = message;
    if (digest === null) return false;
    const candidate = work.pool.take(message) ?? work.run.vanished.take(message);
    if (candidate === null) return false;
    if (candidate.kind === 'vanished') {
      try {
        await this.#journal.record('append-settled');
        const moved = await moveHere(work, candidate, message);
        if (moved) work.run.counts.moved++;
        return moved;
      } catch (error) {
        // The mailbox starts again: the message is still to be moved then, not to be sent.
        work.run.vanished.add(candidate);
        throw error;
      }
    }
    this.#adopt(candidate, message, digest);
    return true;
  }

  #adopt(candidate: Exclude<Candidate, { kind: 'vanished' }>, message: Outgoing, digest: Uint8Array): void {
    const work = this.#work;
    const agreed = (stamp: number) => (stamp === message.dateStamp ? stamp : 0);
    if (candidate.kind === 'orphan') {
      // Flags were agreed on with the old generation: that base stays, so that a change in between is carried over.
      claim(work, {
        ...candidate.row,
        oldUid: message.uid,
        digest,
        dateStamp: agreed(candidate.row.dateStamp),
      });
      work.olderFlags.push(message.uid);
    } else {
      const { newUid, sizeBytes } = candidate;
      const row = rowFor(work, message, newUid, digest);
      const copy = { uid: newUid, sizeBytes, flags: candidate.flags, dateStamp: stampOfMs(candidate.dateMs) };
      // It may be an upload of ours of unknown outcome, and of a twin: then it has that one's flags.
      const flags = flagsSetOn(work, intended(work, message), copy);
      const notes = row.notes | ledgerNote.adopted;
      claim(work, { ...row, notes, flags, dateStamp: agreed(copy.dateStamp) });
      if (flags !== row.flags) work.olderFlags.push(message.uid);
    }
    this.#journal.clearRefused(message.uid);
    work.run.counts.adopted++;
  }
}
