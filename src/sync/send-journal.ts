/**
 * What the writing side of a mailbox owes the journal: intents whose outcome is known and messages that leave the list
 * of refused ones wait here for the next record, so that a batch costs one record and not three. It must never write that
 * an intent is closed before its outcome is in the ledger.
 */
import type { IntentRow } from './journal.ts';
import type { Refusal } from './mail-store.ts';
import { type MailboxWork, record, rowOf, statsOf } from './mailbox-work.ts';
import { type Outgoing, refusedCode, refusedRow } from './outgoing.ts';

/** The journal as the sender sees it. */
export class SendJournal {
  readonly #work: MailboxWork;
  #closeIntents: number[] = [];
  #clearRefused: { mailboxId: number; oldUid: number }[] = [];

  constructor(work: MailboxWork) {
    this.#work = work;
  }

  /** The outcome of this intent is known: it is closed by the next record. */
  close(intent: IntentRow): void {
    this.#closeIntents.push(intent.id);
  }

  /** The message is on new: it leaves the list of refused ones with the next record. */
  clearRefused(oldUid: number): void {
    this.#clearRefused.push({ mailboxId: this.#work.id, oldUid });
  }

  /** Writes what waits, and opens an intent; nothing at all where there is neither. */
  async record(step: string, openIntent?: IntentRow): Promise<void> {
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

  /** Lists messages as refused, in one record. */
  async refuse(
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

  #progress(): void {
    const { run } = this.#work;
    const here = statsOf(run, this.#work.id).copied;
    run.onEvent({ type: 'progress', mailbox: rowOf(this.#work).oldName, here, counts: { ...run.counts } });
  }
}
