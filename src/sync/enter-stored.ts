/**
 * What becomes of messages that the new server said it stored: they enter the ledger under the UIDs of APPENDUID where
 * that can be believed, else they are looked for. Nothing enters that is not there.
 */
import { digestKey } from './digest.ts';
import { keywordsOf } from './flags.ts';
import type { IntentRow } from './journal.ts';
import { ledgerNote } from './ledger.ts';
import type { Likeness } from './likeness.ts';
import { locate } from './locate.ts';
import type { AppendOutcome } from './mail-store.ts';
import { claim, countCopied, type MailboxWork, readDigests, uncountCopied } from './mailbox-work.ts';
import { noticeLostFlags } from './mend-flags.ts';
import { asIntended, keptFlags, notesFor, type Outgoing, rowFor } from './outgoing.ts';
import type { SendJournal } from './send-journal.ts';
import { swallowed } from './send-refusal.ts';
import { settleIntent } from './settle.ts';

/** What was sent, by old UID; asked for only where a copy has to be recognised. */
export type SentLikeness = () => ReadonlyMap<number, Likeness>;

/** Turns the answers of APPEND into rows of the ledger. */
export class EnterStored {
  readonly #work: MailboxWork;
  readonly #journal: SendJournal;

  constructor(work: MailboxWork, journal: SendJournal) {
    this.#work = work;
    this.#journal = journal;
  }

  /** Enters what one APPEND or MULTIAPPEND stored, and closes its intent; an unknown outcome is thrown. */
  async settled(
    intent: IntentRow,
    outcome: AppendOutcome,
    messages: readonly Outgoing[],
    originals: SentLikeness,
  ): Promise<void> {
    if (outcome.kind === 'unknown') throw outcome.cause;
    if (!(await this.enter(messages, outcome, originals))) await this.locate(intent, messages, originals);
    for (const m of messages) {
      for (const keyword of keywordsOf(keptFlags(this.#work, m).flags)) this.#work.takenKeywords.add(keyword);
    }
    this.#journal.close(intent);
    await noticeLostFlags(
      this.#work,
      messages.map((m) => m.uid),
    );
  }

  /** Enters the UIDs by APPENDUID where it can be believed; false = the messages have to be looked for. */
  async enter(
    messages: readonly Outgoing[],
    outcome: AppendOutcome,
    originals: SentLikeness,
  ): Promise<boolean> {
    const work = this.#work;
    const { servers } = work.run;
    if (outcome.kind !== 'stored' || outcome.uids === null || servers.appendUid === 'doubted') return false;
    const { uids } = outcome;
    if (outcome.uidValidity !== work.newSelected.status.uidValidity) return false;
    const again = uids.filter((uid) => work.ledger.claims(uid));
    if (again.length > 0) await this.#voidFalseClaims(again);
    if (again.length > 0 || uids.some((uid) => uid < work.newUidNext)) {
      servers.appendUid = 'doubted';
      work.newUidNext = Math.min(work.newUidNext, ...uids);
      return false;
    }
    if (servers.appendUid === 'unproven' && !(await this.#proven(messages, uids, originals))) return false;
    for (const [i, message] of messages.entries()) {
      claim(work, rowFor(work, message, uids[i] ?? 0, message.digest ?? new Uint8Array(16)));
      this.#count(message);
    }
    work.newUidNext = Math.max(work.newUidNext, (uids.at(-1) ?? 0) + 1);
    return true;
  }

  /** OK without a usable APPENDUID (F-06): found in the window by size and digest. Not found: swallowed (F-07). */
  async locate(intent: IntentRow, messages: readonly Outgoing[], originals: SentLikeness): Promise<void> {
    const work = this.#work;
    const copiedBefore = work.run.counts.copied;
    await work.fresh.noop();
    const window = { ...intent, uidNextBefore: Math.min(intent.uidNextBefore, work.newUidNext) };
    const open = await settleIntent(work, window, asIntended(this.#work, messages), 0, originals());
    for (const message of messages) {
      const row = work.ledger.get(message.uid);
      if (row !== null) {
        work.newUidNext = Math.max(work.newUidNext, row.newUid + 1);
        this.#journal.clearRefused(message.uid);
      }
    }
    if (work.run.counts.copied > copiedBefore) this.#noteDropped(messages);
    const gone = new Set(open.map((m) => m.oldUid));
    await this.#journal.refuse(
      messages.filter((m) => gone.has(m.uid)),
      swallowed,
    );
  }

  /** The first APPENDUID of a run is compared with what is there (F-06): reading one batch back is cheap. */
  async #proven(
    messages: readonly Outgoing[],
    uids: readonly number[],
    originals: SentLikeness,
  ): Promise<boolean> {
    const { servers, options } = this.#work.run;
    // A big message would have to be read back whole; the next batch will do.
    if (messages.some((m) => m.sizeBytes > options.tuning.streamAboveBytes))
      return await this.#areThere(uids);
    const located = await locate(
      this.#work,
      this.#work.newUidNext,
      asIntended(this.#work, messages),
      originals(),
    );
    const told = new Map(messages.map((m, i) => [m.uid, uids[i]]));
    // Twins may be found the one for the other: as a set they have to agree.
    const right =
      located.length === messages.length &&
      located.every((l) => told.get(l.message.oldUid) === l.copy.uid || uids.includes(l.copy.uid));
    servers.appendUid = right ? 'proven' : 'doubted';
    return right;
  }

  async #areThere(uids: readonly number[]): Promise<boolean> {
    const there = new Set<number>();
    const spans = uids.map((uid) => [uid, uid] as const);
    await this.#work.fresh.fetchMeta(spans, { date: false, size: false }, (meta) => there.add(meta.uid));
    return uids.every((uid) => there.has(uid));
  }

  /** A UID that is told a second time belongs to the message that is there; the other one was never stored. */
  async #voidFalseClaims(uids: readonly number[]): Promise<void> {
    const work = this.#work;
    const digests = await readDigests(work.fresh, uids);
    const told = new Set(uids);
    const rows = Array.from(work.ledger.rows());
    for (const row of rows) {
      if (!told.has(row.newUid) || !work.placed.has(row.newUid)) continue;
      const there = digests.get(row.newUid);
      if (there !== undefined && digestKey(there) === digestKey(row.digest)) continue;
      const { oldUid: uid, sizeBytes } = row;
      work.ledger.remove(uid);
      uncountCopied(work, sizeBytes);
      await this.#journal.refuse([{ uid, sizeBytes, date: null }], swallowed);
    }
  }

  #count(message: Outgoing): void {
    countCopied(this.#work, message.sizeBytes);
    this.#noteDropped([message]);
    if (this.#work.run.account.refusedOf(this.#work.id).has(message.uid)) {
      this.#journal.clearRefused(message.uid);
    }
  }

  #noteDropped(messages: readonly Outgoing[]): void {
    const { counts } = this.#work.run;
    for (const message of messages) {
      const notes = notesFor(this.#work, message);
      if ((notes & ledgerNote.deletedDropped) !== 0) counts.deletedFlagDropped++;
      if ((notes & ledgerNote.keywordsDropped) !== 0) counts.keywordsDropped++;
    }
  }
}
