/**
 * Messages that old did not deliver even when they were asked for alone. They are listed, and the next run asks again.
 * But where it says "later" to one after the other, the messages may not be at fault (F-82): nobody is helped by asking
 * for each of a hundred thousand. So those are listed only when it is known that old delivers others.
 */
import { MailferryError } from '../base/errors.ts';
import type { Refusal } from './mail-store.ts';
import { type MailboxWork, progressOf, readDigests, record } from './mailbox-work.ts';
import { type Outgoing, refusedRow } from './outgoing.ts';
import { batchTries, maxInRow } from './reconcile/temporary-refusal.ts';

/** So many mailboxes without any body between them say that the server is down. */
const maxMailboxes = 3;

/** Those of one transfer. */
export class Undelivered {
  readonly #work: MailboxWork;
  #aside: { readonly message: Outgoing; readonly refusal: Refusal }[] = [];

  constructor(work: MailboxWork) {
    this.#work = work;
  }

  /** `known`: the UID of a message that old did deliver before, if there is one. */
  async add(message: Outgoing, refusal: Refusal | null, known: number | null): Promise<void> {
    if (refusal?.class !== 'temporary') {
      await this.#list(message, refusal);
      return;
    }
    const { temporary } = this.#work.run;
    this.#aside.push({ message, refusal });
    temporary.oldInRow++;
    if (temporary.oldInRow < maxInRow) return;
    if (known === null || !(await readDigests(this.#work.old, [known])).has(known)) this.#giveUp(refusal);
    await this.otherCame();
  }

  /** Old delivers messages: what it did not deliver is about those messages. */
  async otherCame(): Promise<void> {
    this.#work.run.temporary.oldInRow = 0;
    await this.listAside();
  }

  /** Also at the end, where nothing came behind that could tell more. */
  async listAside(): Promise<void> {
    const aside = this.#aside;
    this.#aside = [];
    for (const { message, refusal } of aside) await this.#list(message, refusal);
  }

  /**
   * First the server gets time; where that does not help, only this mailbox may be damaged, and the others go on, as
   * long as it is not one after the other.
   */
  #giveUp({ text }: Refusal): never {
    const { run, id } = this.#work;
    const { onOld } = run.temporary;
    const progress = progressOf(run);
    if (progress !== onOld.progress) onOld.givenUp.clear();
    onOld.progress = progress;
    const times = (onOld.times.get(id) ?? 0) + 1;
    onOld.times.set(id, times);
    const onlyHere = times >= Math.min(batchTries, run.options.maxRetries + 1);
    if (onlyHere) onOld.givenUp.add(id);
    const details = { side: 'old', serverText: text } as const;
    if (!onlyHere || onOld.givenUp.size >= maxMailboxes)
      throw new MailferryError(
        'server-unavailable',
        `the old server cannot deliver mail for now: ${text}`,
        details,
      );
    throw new MailferryError(
      'mailbox-unusable',
      `the old server delivers nothing of this mailbox for now: ${text}`,
      details,
    );
  }

  /** No body even when asked for alone: gone meanwhile, or the server cannot deliver it (F-28, F-55). */
  async #list(message: Outgoing, refusal: Refusal | null): Promise<void> {
    let there = false;
    await this.#work.old.fetchMeta([[message.uid, message.uid]], { date: false, size: false }, (meta) => {
      if (meta.uid === message.uid) there = true;
    });
    if (!there) return;
    const said = refusal === null || refusal.text === '' ? '' : `: ${refusal.text}`;
    const text = `the old server lists the message but does not deliver it${said}`;
    await record(this.#work, {
      step: 'message-refused',
      refused: [refusedRow(this.#work, message, 'message-unreadable', text)],
    });
  }
}
