/**
 * The writing side of one mailbox: takes batches and big bodies in old UID order, and hands them on one after the
 * other, so that the new UIDs rise as the old ones do. Per item:
 *
 *   claim what is there already (claim-there.ts) -> append the rest (appender.ts) -> enter it (enter-stored.ts)
 *
 * The first failure stops it for good; the mailbox then starts again.
 */
import { Appender, type BigMessage, type SmallMessage } from './appender.ts';
import { ClaimThere } from './claim-there.ts';
import { digestOf } from './digest.ts';
import { likenessOf } from './likeness.ts';
import type { Refusal } from './mail-store.ts';
import type { MailboxWork } from './mailbox-work.ts';
import type { Outgoing } from './outgoing.ts';
import { SendJournal } from './send-journal.ts';

export type SenderItem =
  | { readonly kind: 'batch'; readonly messages: readonly SmallMessage[]; readonly arena: Uint8Array }
  /** A big message whose digest was read before, because it may be on new already: claimed in its turn. */
  | { readonly kind: 'known'; readonly message: Outgoing }
  | ({ readonly kind: 'big' } & BigMessage);

/** Two batches may wait while one is on the wire: enough to keep the line busy, bounded in memory. */
const maxQueued = 1;

/** The queue between the reading side and the new server. */
export class Sender {
  readonly #work: MailboxWork;
  readonly #journal: SendJournal;
  readonly #there: ClaimThere;
  readonly #appender: Appender;
  #queue: SenderItem[] = [];
  #running: Promise<void> | null = null;
  #failure: unknown = null;
  #waiters: (() => void)[] = [];
  readonly freeArenas: Uint8Array[] = [];
  /** Big messages to be fetched and tried again in another way, and messages to be listed with their headers. */
  readonly again: Outgoing[] = [];

  constructor(work: MailboxWork) {
    this.#work = work;
    this.#journal = new SendJournal(work);
    this.#there = new ClaimThere(work, this.#journal);
    this.#appender = new Appender(work, this.#journal, this.again);
  }

  /** What stopped it, or null. */
  get failure(): unknown {
    return this.#failure;
  }

  /** Takes the next item; after a failure it only lets go of it. */
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
    await this.#appender.listAside();
    await this.#journal.record('append-settled');
  }

  async #run(): Promise<void> {
    for (let item = this.#queue.shift(); item !== undefined; item = this.#queue.shift()) {
      this.#wake();
      try {
        if (item.kind === 'batch') {
          await this.#sendBatch(item.messages);
          this.freeArenas.push(item.arena);
        } else if (item.kind === 'big') await this.#appender.appendBig(item);
        else if (await this.#claimKnown(item.message)) await this.#journal.record('claimed');
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

  async #sendBatch(all: readonly SmallMessage[]): Promise<void> {
    for (const { message, bytes } of all) message.digest ??= digestOf(bytes);
    if (!this.#there.possible) {
      await this.#appender.append(all);
      return;
    }
    await this.#there.prepare(all.map((m) => m.message.sizeBytes));
    let rest: SmallMessage[] = [];
    for (const one of all) {
      // A move appends on new: what is older goes first.
      if (rest.length > 0 && this.#there.willMove(one.message)) {
        await this.#appender.append(rest);
        rest = [];
      }
      if (await this.#there.claimAny(one.message, () => likenessOf(one.bytes))) continue;
      rest.push(one);
    }
    await this.#journal.record('claimed');
    await this.#appender.append(rest);
  }

  async #claimKnown(message: Outgoing): Promise<boolean> {
    const { likeness } = message;
    return await this.#there.claimAny(message, likeness === undefined ? null : () => likeness);
  }

  /** Lists messages as refused, in one record. */
  async refuseAll(
    messages: readonly Pick<Outgoing, 'uid' | 'sizeBytes' | 'date'>[],
    reason: Refusal,
  ): Promise<void> {
    await this.#journal.refuse(messages, reason);
  }
}
