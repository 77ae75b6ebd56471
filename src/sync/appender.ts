/**
 * Appends batches and big bodies to one mailbox, one command on the wire at a time:
 *
 *   record(intent; closes the one before) -> append -> outcome
 *   stored   rows enter the ledger; they become durable with the next record
 *   refused  a batch is halved until the message is found; a single one climbs the ladder or is listed
 *   later    tried again as a whole, then halved as well; a single one is set aside, unless the server says so to all
 *   unknown  the intent stays open and the connection is dead: the mailbox starts again and settles it; again and again
 *            at one place, and its messages go one by one, until the one at fault is listed (lost-uploads.ts)
 */
import type { BodyPipe } from './body-pipe.ts';
import type { RunningDigest } from './digest.ts';
import type { MailferryError } from '../base/errors.ts';
import { EnterStored } from './enter-stored.ts';
import { refuseKeywords } from './flags.ts';
import type { IntentRow } from './journal.ts';
import { likenessOf, type RunningLikeness } from './likeness.ts';
import type { Refusal } from './mail-store.ts';
import { type MailboxWork, record } from './mailbox-work.ts';
import { noticeLostFlags } from './mend-flags.ts';
import { appendMessage, asIntended, keptFlags, nextVariant, type Outgoing } from './outgoing.ts';
import type { SendJournal } from './send-journal.ts';
import { tellCarried } from './tell-carried.ts';
import { afterRefusalForNow, batchTries } from './reconcile/temporary-refusal.ts';
import {
  afterLostBatch,
  afterLostMessage,
  dropsKeywords,
  isGivenUp,
  noLosses,
  type UploadLosses,
} from './reconcile/lost-uploads.ts';
import { deadly, isForNow, mailboxError, overQuota } from './send-refusal.ts';

/** A message whose body is at hand. */
export interface SmallMessage {
  readonly message: Outgoing;
  readonly bytes: Uint8Array;
}

/** A message whose body flows from old as it is sent. */
export interface BigMessage {
  readonly message: Outgoing;
  readonly pipe: BodyPipe;
  readonly digest: RunningDigest;
  /** Where APPENDUID will not tell what became of it. */
  readonly likeness: RunningLikeness | null;
}

/** The commands that store, and what follows from their answers. */
export class Appender {
  readonly #work: MailboxWork;
  readonly #journal: SendJournal;
  readonly #again: Outgoing[];
  readonly #stored: EnterStored;
  /** Refused for now, and not listed as long as the server may be down as a whole. */
  #aside: { readonly message: Outgoing; readonly reason: Refusal }[] = [];

  /** `again` takes big messages that have to be fetched anew and sent in another way. */
  constructor(work: MailboxWork, journal: SendJournal, again: Outgoing[]) {
    this.#work = work;
    this.#journal = journal;
    this.#again = again;
    this.#stored = new EnterStored(work, journal);
  }

  /** Stores messages in their order, or lists them; throws what is not about them. */
  async append(messages: readonly SmallMessage[]): Promise<void> {
    if (messages.length === 0) return;
    if (this.#work.run.overQuota.reached) {
      await this.#journal.refuse(
        messages.map((m) => m.message),
        overQuota(this.#work.run.overQuota.text),
      );
      return;
    }
    // The rate may have been lowered since the batch was gathered.
    const most = this.#work.run.limiter.batchMessages;
    if (messages.length > most) {
      await this.append(messages.slice(0, most));
      await this.append(messages.slice(most));
      return;
    }
    const losses = this.#losses;
    const { apart } = losses;
    // What is not known to be harmless goes alone; a first loss may be the network's, and changes nothing.
    const isSuspect = ({ message }: SmallMessage) => dropsKeywords(losses, message.uid);
    const at = messages.length === 1 || apart ? -1 : messages.findIndex(isSuspect);
    if (at >= 0) {
      for (const part of [messages.slice(0, at), messages.slice(at, at + 1), messages.slice(at + 1)])
        await this.append(part);
      return;
    }
    const { multiAppend } = this.#work.fresh.abilities;
    if (multiAppend && apart) for (const one of messages) await this.#appendTogether([this.#lighter(one)]);
    else if (multiAppend || messages.length === 1)
      await this.#appendTogether(messages.map((one) => this.#lighter(one)));
    else await this.#appendEach(messages);
  }

  async #appendTogether(messages: readonly SmallMessage[]): Promise<void> {
    const work = this.#work;
    await this.#throttle(messages.map((m) => m.message));
    const intent = this.#intent(messages.map((m) => m.message));
    await this.#journal.record('append-intended', intent);
    const outcome = await work.fresh.append(
      work.newSelected.name,
      messages.map(({ message, bytes }) => appendMessage(work, message, bytes)),
    );
    if (outcome.kind === 'unknown') await this.#lost(messages);
    if (outcome.kind !== 'refused') {
      await this.#stored.settled(
        intent,
        outcome,
        messages.map((m) => m.message),
        () => new Map(messages.map((m) => [m.message.uid, likenessOf(m.bytes)])),
      );
      tellCarried(work, messages.at(-1));
      await this.#wentThrough();
      return;
    }
    this.#journal.close(intent);
    await this.#refusedBatch(messages, outcome.reason);
  }

  /** Without MULTIAPPEND: one APPEND a message, all on the wire at once, their intents in one record. */
  async #appendEach(messages: readonly SmallMessage[]): Promise<void> {
    const work = this.#work;
    await this.#throttle(messages.map((m) => m.message));
    const intent = this.#intent(messages.map((m) => m.message));
    await this.#journal.record('append-intended', intent);
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
      else if (!(await this.#stored.enter([one.message], result.value, likeness([one])))) unlocated.push(one);
    }
    if (lost !== null) {
      // What is known goes to disk now; the rest of the intent is settled after reconnecting.
      await record(work, { step: 'append-interrupted' });
      const at = outcomes.findIndex((r) => r.status === 'rejected' || r.value.kind === 'unknown');
      await this.#lost(messages.slice(at, at + 1));
      throw lost;
    }
    if (unlocated.length > 0) {
      await this.#stored.locate(
        intent,
        unlocated.map((m) => m.message),
        likeness(unlocated),
      );
    }
    this.#journal.close(intent);
    await noticeLostFlags(
      work,
      messages.map((m) => m.message.uid),
    );
    for (const { one, reason } of refusals) {
      await this.#refusedBatch([one], reason, messages.at(-1)?.message.uid);
      // Others of the same batch were taken: several in it may be at fault.
      if (refusals.length < messages.length) await this.#wentThrough();
    }
    if (refusals.length > 0) return;
    tellCarried(work, messages.at(-1));
    await this.#wentThrough();
  }

  /** The same for one whose body is still on its way. */
  async appendBig(item: BigMessage): Promise<void> {
    const work = this.#work;
    const { message, pipe, digest } = item;
    if (work.run.overQuota.reached) {
      pipe.discard();
      await this.#refuse(message, overQuota(work.run.overQuota.text));
      return;
    }
    await this.#throttle([message]);
    const intent = this.#intent([message]);
    await this.#journal.record('append-intended', intent);
    const outcome = await work.fresh.append(work.newSelected.name, [
      appendMessage(work, message, pipe.source),
    ]);
    if (outcome.kind !== 'refused') {
      if (outcome.kind === 'stored') message.digest ??= digest.done();
      const original = item.likeness;
      await this.#stored.settled(
        intent,
        outcome,
        [message],
        () => new Map(original === null ? [] : [[message.uid, original.done()]]),
      );
      await this.#wentThrough();
      return;
    }
    pipe.discard();
    this.#journal.close(intent);
    await this.#throwUnlessAboutMessage(outcome.reason);
    if (isForNow(outcome.reason)) {
      await this.#refusedForNow([message], outcome.reason, message.uid);
      return;
    }
    const next = nextVariant(message.variant, outcome.reason, work.fresh.abilities.binary);
    if (next !== null) this.#again.push({ ...message, digest: null, variant: next });
    else await this.#refuse(message, outcome.reason);
  }

  get #losses(): UploadLosses {
    return this.#work.run.losses.get(this.#work.id) ?? noLosses;
  }

  /** The connection ended in this upload: notes what is to be done otherwise, and lists what kills every connection. */
  async #lost(messages: readonly SmallMessage[]): Promise<void> {
    const { run, id } = this.#work;
    const [first, last] = [messages[0]?.message, messages.at(-1)?.message];
    if (first === undefined || last === undefined || run.signal.aborted) return;
    const losses =
      first === last
        ? afterLostMessage(this.#losses, first.uid)
        : afterLostBatch(this.#losses, first.uid, last.uid);
    run.losses.set(id, losses);
    if (first !== last || !isGivenUp(losses)) return;
    await this.#journal.refuse([first], deadly);
    run.counts.quarantined++;
  }

  /** As it was, or without keywords where they may be what kills the connection. */
  #lighter(one: SmallMessage): SmallMessage {
    if (!dropsKeywords(this.#losses, one.message.uid)) return one;
    return {
      ...one,
      message: { ...one.message, variant: { ...one.message.variant, systemFlagsOnly: true } },
    };
  }

  /** --max-rate holds back here: behind it the old side stops by back pressure. */
  async #throttle(messages: readonly Outgoing[]): Promise<void> {
    const bytes = messages.reduce((sum, m) => sum + m.sizeBytes, 0);
    await this.#work.run.limiter.take(messages.length, bytes, this.#work.run.signal);
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
      messages: asIntended(work, messages),
    };
  }

  /** `lastUid`: of what was on the wire together. */
  async #refusedBatch(
    messages: readonly SmallMessage[],
    reason: Refusal,
    lastUid = messages.at(-1)?.message.uid ?? 0,
  ): Promise<void> {
    const work = this.#work;
    await this.#throwUnlessAboutMessage(reason);
    const halve = isForNow(reason)
      ? await this.#refusedForNow(
          messages.map((m) => m.message),
          reason,
          lastUid,
        )
      : messages.length > 1;
    if (halve) {
      const half = messages.length >> 1;
      await this.append(messages.slice(0, half));
      await this.append(messages.slice(half));
      return;
    }
    const only = messages[0];
    if (only === undefined || isForNow(reason)) return;
    if (reason.class === 'bad-flags' && refuseKeywords(work, keptFlags(work, only.message).flags)) {
      await this.#appendTogether([only]);
      return;
    }
    const next = nextVariant(only.message.variant, reason, work.fresh.abilities.binary);
    if (next === null) await this.#refuse(only.message, reason);
    else await this.#appendTogether([{ ...only, message: { ...only.message, variant: next } }]);
  }

  async #throwUnlessAboutMessage(reason: Refusal): Promise<void> {
    const fatal = isForNow(reason) ? null : mailboxError(reason);
    if (fatal !== null) await this.#giveUp(fatal);
  }

  async #giveUp(error: MailferryError): Promise<never> {
    // Nothing was stored: the next try begins without an open question.
    await this.#journal.record('append-refused');
    throw error;
  }

  /** True when the batch is to be halved, false when the message was set aside. */
  async #refusedForNow(messages: readonly Outgoing[], reason: Refusal, lastUid: number): Promise<boolean> {
    const { run, id } = this.#work;
    const { temporary } = run;
    const { next, trouble } = afterRefusalForNow(temporary.onNew.get(id) ?? null, {
      firstUid: messages[0]?.uid ?? 0,
      lastUid,
      messages: messages.length,
      inRow: temporary.newInRow,
      tries: Math.min(batchTries, run.options.maxRetries + 1),
    });
    temporary.onNew.set(id, trouble);
    if (next === 'halve') return true;
    if (messages.length === 1 && next !== 'again') temporary.newInRow++;
    if (next === 'set-aside') {
      for (const message of messages) this.#aside.push({ message, reason });
      return false;
    }
    const error = mailboxError(reason);
    if (error !== null) await this.#giveUp(error);
    return false;
  }

  /** The server takes messages: what it refused for now is about those messages, and they are listed. */
  async #wentThrough(): Promise<void> {
    this.#work.run.temporary.newInRow = 0;
    await this.listAside();
  }

  /** Lists what was set aside; also at the end, where nothing came behind it that could tell more. */
  async listAside(): Promise<void> {
    const aside = this.#aside;
    this.#aside = [];
    for (const { message, reason } of aside) await this.#journal.refuse([message], reason);
  }

  async #refuse(message: Outgoing, reason: Refusal): Promise<void> {
    const work = this.#work;
    if (reason.class === 'over-quota' && !work.run.overQuota.reached) {
      // Order is kept: smaller messages are not smuggled past the one that does not fit (F-43).
      work.run.overQuota.reached = true;
      work.run.overQuota.text = reason.text;
      work.run.onEvent({ type: 'notice', code: 'over-quota', text: reason.text });
    }
    await this.#journal.refuse([message], reason);
  }
}
