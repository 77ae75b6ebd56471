/**
 * The writing side of one mailbox: takes batches and big bodies in old UID order and appends them, one command on the
 * wire at a time, so that the new UIDs rise as the old ones do. Per batch:
 *
 *   claim what is there already -> record(intent; closes the one before) -> append -> outcome
 *   stored   rows enter the ledger; they become durable with the next record
 *   refused  a batch is halved until the message is found; a single one climbs the ladder or is listed
 *   unknown  the intent stays open and the connection is dead: the mailbox starts again and settles it
 */
import { MailferryError } from '../base/errors.ts';
import type { BodyPipe } from './body-pipe.ts';
import type { Candidate } from './claim-pool.ts';
import { digestKey, digestOf, type RunningDigest } from './digest.ts';
import { canonicalFlags, keywordsOf, refuseKeywords } from './flags.ts';
import type { IntentMessage, IntentRow } from './journal.ts';
import { ledgerNote } from './ledger.ts';
import type { AppendOutcome, Refusal } from './mail-store.ts';
import { isAltered, type Likeness, likenessOf, readLikeness, type RunningLikeness } from './likeness.ts';
import { locate } from './locate.ts';
import {
  claim,
  countCopied,
  type MailboxWork,
  readDigests,
  record,
  rowOf,
  uncountCopied,
} from './mailbox-work.ts';
import { dateTimeMs } from './message-date.ts';
import { noticeLostFlags } from './mend-flags.ts';
import { moveHere } from './move-here.ts';
import {
  appendMessage,
  keptFlags,
  nextVariant,
  notesFor,
  type Outgoing,
  refusedCode,
  refusedRow,
  rowFor,
} from './outgoing.ts';
import { settleIntent } from './settle.ts';

export interface SmallMessage {
  readonly message: Outgoing;
  readonly bytes: Uint8Array;
}

export type SenderItem =
  | { readonly kind: 'batch'; readonly messages: readonly SmallMessage[]; readonly arena: Uint8Array }
  /** A big message whose digest was read before, because it may be on new already: claimed in its turn. */
  | { readonly kind: 'known'; readonly message: Outgoing }
  | {
      readonly kind: 'big';
      readonly message: Outgoing;
      readonly pipe: BodyPipe;
      readonly digest: RunningDigest;
      /** Where APPENDUID will not tell what became of it. */
      readonly likeness: RunningLikeness | null;
    };

/** Two batches may wait while one is on the wire: enough to keep the line busy, bounded in memory. */
const maxQueued = 1;

export class Sender {
  readonly #work: MailboxWork;
  #queue: SenderItem[] = [];
  #running: Promise<void> | null = null;
  #failure: unknown = null;
  #waiters: (() => void)[] = [];
  #closeIntents: number[] = [];
  #clearRefused: { mailboxId: number; oldUid: number }[] = [];
  readonly freeArenas: Uint8Array[] = [];
  /** Big messages to be fetched and tried again in another way, and messages to be listed with their headers. */
  readonly again: Outgoing[] = [];

  constructor(work: MailboxWork) {
    this.#work = work;
  }

  /** What stopped it, or null. */
  get failure(): unknown {
    return this.#failure;
  }

  enqueue(item: SenderItem): void {
    if (this.#failure !== null) {
      if (item.kind === 'big') item.pipe.discard();
      return;
    }
    this.#queue.push(item);
    this.#start();
  }

  #start(): void {
    this.#running ??= this.#run().finally(() => {
      this.#running = null;
      // Something may have been queued between the last look and here.
      if (this.#queue.length > 0 && this.#failure === null) this.#start();
    });
  }

  /** Nothing when there is room for another batch; else resolves when there is. */
  room(): void | Promise<void> {
    if (this.#queue.length < maxQueued || this.#failure !== null) return;
    return new Promise((resolve) => this.#waiters.push(resolve));
  }

  /** All items are done and durable; throws what went wrong. */
  async finish(): Promise<void> {
    while (this.#running !== null) await this.#running;
    if (this.#failure !== null) throw this.#failure;
    await this.#record('append-settled');
  }

  async #run(): Promise<void> {
    for (let item = this.#queue.shift(); item !== undefined; item = this.#queue.shift()) {
      this.#wake();
      try {
        if (item.kind === 'batch') {
          await this.#sendBatch(item.messages);
          this.freeArenas.push(item.arena);
        } else if (item.kind === 'big') await this.#sendBig(item);
        else if (await this.#claimKnown(item.message)) await this.#record('claimed');
        else this.again.push(item.message);
      } catch (error) {
        this.#fail(error, item);
        return;
      }
    }
    this.#wake();
  }

  #wake(): void {
    for (const resolve of this.#waiters.splice(0)) resolve();
  }

  #fail(error: unknown, item: SenderItem): void {
    this.#failure = error;
    for (const lost of [item, ...this.#queue]) if (lost.kind === 'big') lost.pipe.discard();
    this.#queue = [];
    this.#wake();
    // The old connection may be in the middle of a long answer that nobody wants any more.
    this.#work.old.destroy(error);
  }

  async #record(step: string, openIntent?: IntentRow): Promise<void> {
    const closeIntents = this.#closeIntents;
    const clearRefused = this.#clearRefused;
    this.#closeIntents = [];
    this.#clearRefused = [];
    if (openIntent === undefined && closeIntents.length === 0 && clearRefused.length === 0) return;
    await record(this.#work, {
      step,
      closeIntents,
      clearRefused,
      openIntents: openIntent ? [openIntent] : [],
    });
    if (closeIntents.length > 0) this.#progress();
  }

  #progress(): void {
    const { run } = this.#work;
    run.onEvent({ type: 'progress', mailbox: rowOf(this.#work).oldName, counts: { ...run.counts } });
  }

  async #sendBatch(all: readonly SmallMessage[]): Promise<void> {
    const { pool, run, fresh } = this.#work;
    for (const { message, bytes } of all) message.digest ??= digestOf(bytes);
    if (pool.count === 0 && run.vanished.count === 0) {
      await this.#append(all);
      return;
    }
    const undigested = pool.undigested(all.map((m) => m.message.sizeBytes));
    if (undigested.length > 0) pool.digested(undigested, await readDigests(fresh, undigested));
    let rest: SmallMessage[] = [];
    for (const one of all) {
      // A move appends on new: what is older goes first.
      if (rest.length > 0 && this.#willMove(one.message)) {
        await this.#append(rest);
        rest = [];
      }
      if (await this.#claimAny(one.message, () => likenessOf(one.bytes))) continue;
      rest.push(one);
    }
    await this.#record('claimed');
    await this.#append(rest);
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

  async #claimKnown(message: Outgoing): Promise<boolean> {
    const { likeness } = message;
    return await this.#claimAny(message, likeness === undefined ? null : () => likeness);
  }

  /** What lies in the mailbox itself comes before a move from another: the same bytes, else an altered copy. */
  async #claimAny(message: Outgoing, likeness: (() => Likeness) | null): Promise<boolean> {
    const { sizeBytes, digest } = message;
    const exact = digest !== null && this.#work.pool.has(sizeBytes, digest);
    if (!exact && likeness !== null && (await this.#claimAltered(message, likeness))) return true;
    return await this.#claimOne(message);
  }

  #willMove({ sizeBytes, digest }: Outgoing): boolean {
    const { pool, run } = this.#work;
    return digest !== null && !pool.has(sizeBytes, digest) && run.vanished.has(sizeBytes, digest);
  }

  async #append(messages: readonly SmallMessage[]): Promise<void> {
    if (messages.length === 0) return;
    if (this.#work.run.overQuota.reached) {
      await this.refuseAll(
        messages.map((m) => m.message),
        overQuota(this.#work.run.overQuota.text),
      );
      return;
    }
    if (this.#work.fresh.abilities.multiAppend || messages.length === 1) await this.#appendTogether(messages);
    else await this.#appendEach(messages);
  }

  async #appendTogether(messages: readonly SmallMessage[]): Promise<void> {
    const work = this.#work;
    await this.#throttle(messages.map((m) => m.message));
    const intent = this.#intent(messages.map((m) => m.message));
    await this.#record('append-intended', intent);
    const outcome = await work.fresh.append(
      work.newSelected.name,
      messages.map(({ message, bytes }) => appendMessage(work, message, bytes)),
    );
    if (outcome.kind !== 'refused') {
      await this.#settled(
        intent,
        outcome,
        messages.map((m) => m.message),
        () => new Map(messages.map((m) => [m.message.uid, likenessOf(m.bytes)])),
      );
      return;
    }
    this.#closeIntents.push(intent.id);
    await this.#refusedBatch(messages, outcome.reason);
  }

  /** --max-rate holds back here: behind it the old side stops by back pressure. */
  async #throttle(messages: readonly Outgoing[]): Promise<void> {
    const bytes = messages.reduce((sum, m) => sum + m.sizeBytes, 0);
    await this.#work.run.limiter.take(messages.length, bytes, this.#work.run.signal);
  }

  /** Without MULTIAPPEND: one APPEND a message, all on the wire at once, their intents in one record. */
  async #appendEach(messages: readonly SmallMessage[]): Promise<void> {
    const work = this.#work;
    await this.#throttle(messages.map((m) => m.message));
    const intent = this.#intent(messages.map((m) => m.message));
    await this.#record('append-intended', intent);
    const outcomes = await Promise.allSettled(
      messages.map(({ message, bytes }) =>
        work.fresh.append(work.newSelected.name, [appendMessage(work, message, bytes)]),
      ),
    );
    const refusals: { one: SmallMessage; reason: Refusal }[] = [];
    const unlocated: SmallMessage[] = [];
    const likeness = (some: readonly SmallMessage[]) => () =>
      new Map(some.map((m) => [m.message.uid, likenessOf(m.bytes)]));
    let lost: unknown = null;
    for (const [i, result] of outcomes.entries()) {
      const one = messages[i];
      if (one === undefined) continue;
      if (result.status === 'rejected') lost ??= result.reason;
      else if (result.value.kind === 'unknown') lost ??= result.value.cause;
      else if (result.value.kind === 'refused') refusals.push({ one, reason: result.value.reason });
      else if (!(await this.#enter([one.message], result.value, likeness([one])))) unlocated.push(one);
    }
    if (lost !== null) {
      // What is known goes to disk now; the rest of the intent is settled after reconnecting.
      await record(work, { step: 'append-interrupted' });
      throw lost;
    }
    if (unlocated.length > 0) {
      await this.#locate(
        intent,
        unlocated.map((m) => m.message),
        likeness(unlocated),
      );
    }
    this.#closeIntents.push(intent.id);
    await noticeLostFlags(
      work,
      messages.map((m) => m.message.uid),
    );
    for (const { one, reason } of refusals) await this.#refusedBatch([one], reason);
  }

  async #sendBig(item: Extract<SenderItem, { kind: 'big' }>): Promise<void> {
    const work = this.#work;
    const { message, pipe, digest } = item;
    if (work.run.overQuota.reached) {
      pipe.discard();
      await this.#refuse(message, overQuota(work.run.overQuota.text));
      return;
    }
    await this.#throttle([message]);
    const intent = this.#intent([message]);
    await this.#record('append-intended', intent);
    const outcome = await work.fresh.append(work.newSelected.name, [
      appendMessage(work, message, pipe.source),
    ]);
    if (outcome.kind !== 'refused') {
      if (outcome.kind === 'stored') message.digest ??= digest.done();
      const original = item.likeness;
      await this.#settled(
        intent,
        outcome,
        [message],
        () => new Map(original === null ? [] : [[message.uid, original.done()]]),
      );
      return;
    }
    pipe.discard();
    this.#closeIntents.push(intent.id);
    const next = nextVariant(message.variant, outcome.reason, work.fresh.abilities.binary);
    if (next !== null) this.again.push({ ...message, digest: null, variant: next });
    else await this.#refuse(message, outcome.reason);
  }

  #intent(messages: readonly Outgoing[]): IntentRow {
    const work = this.#work;
    return {
      id: work.run.account.nextIntentId(),
      mailboxId: work.id,
      kind: 'append',
      newUidValidity: work.newSelected.status.uidValidity,
      uidNextBefore: work.newUidNext,
      createdAtMs: work.run.clock.now(),
      messages: this.#asIntended(messages),
    };
  }

  async #settled(
    intent: IntentRow,
    outcome: AppendOutcome,
    messages: readonly Outgoing[],
    originals: () => ReadonlyMap<number, Likeness>,
  ): Promise<void> {
    if (outcome.kind === 'unknown') throw outcome.cause;
    if (!(await this.#enter(messages, outcome, originals))) await this.#locate(intent, messages, originals);
    for (const m of messages) {
      for (const keyword of keywordsOf(keptFlags(this.#work, m).flags)) this.#work.takenKeywords.add(keyword);
    }
    this.#closeIntents.push(intent.id);
    await noticeLostFlags(
      this.#work,
      messages.map((m) => m.uid),
    );
  }

  /** Enters the UIDs by APPENDUID where it can be believed; false = the messages have to be looked for. */
  async #enter(
    messages: readonly Outgoing[],
    outcome: AppendOutcome,
    originals: () => ReadonlyMap<number, Likeness>,
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

  /** The first APPENDUID of a run is compared with what is there (F-06): reading one batch back is cheap. */
  async #proven(
    messages: readonly Outgoing[],
    uids: readonly number[],
    originals: () => ReadonlyMap<number, Likeness>,
  ): Promise<boolean> {
    const { servers, options } = this.#work.run;
    // A big message would have to be read back whole; the next batch will do.
    if (messages.some((m) => m.sizeBytes > options.tuning.streamAboveBytes))
      return await this.#areThere(uids);
    const located = await locate(this.#work, this.#work.newUidNext, this.#asIntended(messages), originals());
    const told = new Map(messages.map((m, i) => [m.uid, uids[i]]));
    // Twins may be found the one for the other: as a set they have to agree.
    const right =
      located.length === messages.length &&
      located.every((l) => told.get(l.message.oldUid) === l.newUid || uids.includes(l.newUid));
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
    const rows = Array.from(work.ledger.rows(), (row) => ({ ...row, digest: row.digest.slice() }));
    for (const row of rows) {
      if (!told.has(row.newUid) || !work.placed.has(row.newUid)) continue;
      const there = digests.get(row.newUid);
      if (there !== undefined && digestKey(there) === digestKey(row.digest)) continue;
      const { oldUid: uid, sizeBytes } = row;
      work.ledger.remove(uid);
      uncountCopied(work, sizeBytes);
      await this.refuseAll([{ uid, sizeBytes, date: null }], swallowed);
    }
  }

  #asIntended(messages: readonly Outgoing[]): IntentMessage[] {
    return messages.map((m) => ({
      oldUid: m.uid,
      sizeBytes: m.sizeBytes,
      digest: m.digest,
      flags: canonicalFlags(m.flags === '' ? [] : m.flags.split(' ')),
      notes: notesFor(this.#work, m),
    }));
  }

  /** OK without a usable APPENDUID (F-06): found in the window by size and digest. Not found: swallowed (F-07). */
  async #locate(
    intent: IntentRow,
    messages: readonly Outgoing[],
    originals: () => ReadonlyMap<number, Likeness>,
  ): Promise<void> {
    const work = this.#work;
    const copiedBefore = work.run.counts.copied;
    await work.fresh.noop();
    const window = { ...intent, uidNextBefore: Math.min(intent.uidNextBefore, work.newUidNext) };
    const open = await settleIntent(work, window, this.#asIntended(messages), 0, originals());
    for (const message of messages) {
      const row = work.ledger.get(message.uid);
      if (row !== null) {
        work.newUidNext = Math.max(work.newUidNext, row.newUid + 1);
        this.#clearRefused.push({ mailboxId: work.id, oldUid: message.uid });
      }
    }
    if (work.run.counts.copied > copiedBefore) this.#noteDropped(messages);
    const gone = new Set(open.map((m) => m.oldUid));
    await this.refuseAll(
      messages.filter((m) => gone.has(m.uid)),
      swallowed,
    );
  }

  /** True when the message was found on the new side and entered. Its digest must be known. */
  async #claimOne(message: Outgoing): Promise<boolean> {
    const work = this.#work;
    const { digest } = message;
    if (digest === null) return false;
    const candidate =
      work.pool.take(message.sizeBytes, digest) ?? work.run.vanished.take(message.sizeBytes, digest);
    if (candidate === null) return false;
    if (candidate.kind === 'vanished') {
      try {
        await this.#record('append-settled');
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
    if (candidate.kind === 'orphan') {
      // Flags were agreed on with the old generation: that base stays, so that a change in between is carried over.
      claim(work, { ...candidate.row, oldUid: message.uid, digest });
      work.olderFlags.push(message.uid);
    } else {
      const row = rowFor(work, message, candidate.newUid, digest);
      claim(work, { ...row, notes: row.notes | ledgerNote.adopted });
    }
    this.#clearRefused.push({ mailboxId: work.id, oldUid: message.uid });
    work.run.counts.adopted++;
  }

  async #refusedBatch(messages: readonly SmallMessage[], reason: Refusal): Promise<void> {
    const work = this.#work;
    const fatal = mailboxError(reason);
    if (fatal !== null) {
      // Nothing was stored: the next try begins without an open question.
      await this.#record('append-refused');
      throw fatal;
    }
    if (messages.length > 1) {
      const half = messages.length >> 1;
      await this.#append(messages.slice(0, half));
      await this.#append(messages.slice(half));
      return;
    }
    const only = messages[0];
    if (only === undefined) return;
    if (reason.class === 'bad-flags' && refuseKeywords(work, keptFlags(work, only.message).flags)) {
      await this.#appendTogether([only]);
      return;
    }
    const next = nextVariant(only.message.variant, reason, work.fresh.abilities.binary);
    if (next === null) await this.#refuse(only.message, reason);
    else await this.#appendTogether([{ ...only, message: { ...only.message, variant: next } }]);
  }

  async #refuse(message: Outgoing, reason: Refusal): Promise<void> {
    const work = this.#work;
    if (reason.class === 'over-quota' && !work.run.overQuota.reached) {
      // Order is kept: smaller messages are not smuggled past the one that does not fit (F-43).
      work.run.overQuota.reached = true;
      work.run.overQuota.text = reason.text;
      work.run.onEvent({ type: 'notice', code: 'over-quota', text: reason.text });
    }
    await this.refuseAll([message], reason);
  }

  /** Lists messages as refused, in one record. */
  async refuseAll(
    messages: readonly Pick<Outgoing, 'uid' | 'sizeBytes' | 'date'>[],
    reason: Refusal,
  ): Promise<void> {
    if (messages.length === 0) return;
    const text = reason.text === '' ? 'refused without a reason' : reason.text;
    const refused = messages.map((m) => refusedRow(this.#work, m, refusedCode(reason), text));
    const closeIntents = this.#closeIntents;
    this.#closeIntents = [];
    await record(this.#work, { step: 'message-refused', refused, closeIntents });
  }

  #count(message: Outgoing): void {
    countCopied(this.#work, message.sizeBytes);
    this.#noteDropped([message]);
    if (this.#work.run.account.refusedOf(this.#work.id).has(message.uid)) {
      this.#clearRefused.push({ mailboxId: this.#work.id, oldUid: message.uid });
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

/** A refusal that is not about the message. */
function mailboxError({ class: kind, text }: Refusal): MailferryError | null {
  const details = { side: 'new', serverText: text } as const;
  if (kind === 'try-create')
    return new MailferryError(
      'mailbox-removed-on-new',
      `the mailbox is gone on the new server: ${text}`,
      details,
    );
  if (kind === 'temporary')
    return new MailferryError(
      'server-unavailable',
      `the new server cannot store mail for now: ${text}`,
      details,
    );
  if (kind === 'no-permission')
    return new MailferryError(
      'command-refused',
      `the new server lets nothing be stored here: ${text}`,
      details,
    );
  return null;
}

const swallowed: Refusal = {
  class: 'other',
  code: null,
  text: 'the server said that it stored the message, but it is not there',
};

export function overQuota(text: string): Refusal {
  return { class: 'over-quota', code: 'OVERQUOTA', text };
}
