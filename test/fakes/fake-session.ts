/**
 * One connection to the fake server. Commands queue in the order of the calls and are carried out one by one; what can
 * go wrong with any command (cut, hang, throttle, somebody acting meanwhile) goes wrong here, the rest in the commands.
 * After `destroy` nothing that was under way may still change the server.
 */
import { isMailferryError, MailferryError } from '../../src/base/errors.ts';
import type {
  AppendMessage,
  AppendOutcome,
  BodySink,
  ChangedSince,
  ChangeOutcome,
  Flags,
  MailboxName,
  MailboxStatus,
  MessageMeta,
  QuotaResource,
  Refusal,
  SelectedMailbox,
  StoreAbilities,
  StoreListing,
  StoreSession,
  UidSpan,
  WatchListener,
} from '../../src/sync/mail-store.ts';
import { appendMessages } from './fake-append.ts';
import {
  copyAway,
  createMailbox,
  expungeUids,
  removeMailbox,
  renameMailbox,
  storeUids,
} from './fake-change.ts';
import { bodiesOf, changesOf, headerFieldsOf, metaOf } from './fake-fetch.ts';
import { listMailboxes, openMailbox, quotaOf, statusOf } from './fake-listing.ts';
import { spansOf } from './fake-mailbox.ts';
import type { FakeMailbox } from './fake-mailbox.ts';
import { refused } from './fake-refusals.ts';
import type { Cuttable, FakeServer } from './fake-server.ts';
import { watchMailboxes } from './fake-watch.ts';
import type { Op } from './misbehaviour.ts';

export class FakeSession implements StoreSession, Cuttable {
  readonly server: FakeServer;
  readonly side: 'old' | 'new';
  readonly abilities: StoreAbilities;
  readonly id: number;
  selected: { readonly mailbox: FakeMailbox; readonly readOnly: boolean } | null = null;
  #closed = false;
  #tail: Promise<unknown> = Promise.resolve();
  readonly #dead: Promise<never>;
  #die: (error: MailferryError) => void = () => undefined;

  constructor(server: FakeServer, side: 'old' | 'new') {
    this.server = server;
    this.side = side;
    this.abilities = server.abilities;
    this.#dead = new Promise((_, reject) => {
      this.#die = reject;
    });
    this.#dead.catch(() => undefined);
    this.id = server.enter(this);
  }

  get closed(): boolean {
    return this.#closed;
  }

  destroy(reason: unknown): void {
    if (this.#closed) return;
    this.#closed = true;
    this.server.leave(this);
    this.#die(
      isMailferryError(reason, 'protocol-violation')
        ? reason
        : new MailferryError('connection-lost', 'connection lost', { side: this.side, cause: reason }),
    );
  }

  /** Ends the connection and throws what the caller of the command sees. */
  cut(text = 'connection closed by the server'): never {
    const error = new MailferryError('connection-lost', text, { side: this.side });
    this.destroy(error);
    throw error;
  }

  /** The server broke the protocol: a client can only hang up. */
  violate(text: string): never {
    const error = new MailferryError('protocol-violation', text, { side: this.side });
    this.destroy(error);
    throw error;
  }

  refuse(code: 'command-refused' | 'mailbox-unusable', text: string): never {
    throw new MailferryError(code, text, { side: this.side, serverText: text });
  }

  assertOpen(): void {
    if (this.#closed) throw new MailferryError('connection-lost', 'connection lost', { side: this.side });
  }

  /** Whether an ability is announced but does not work (F-103). */
  isBroken(ability: keyof StoreAbilities, mailbox: string | null): boolean {
    const rule = this.server.take('broken-ability', mailbox, (one) => one.ability === ability);
    if (rule?.cuts) this.cut(`closed at a command of ${ability}`);
    return rule !== null;
  }

  list(): Promise<StoreListing> {
    return this.#run('LIST', null, 0, () => listMailboxes(this));
  }

  status(name: MailboxName): Promise<MailboxStatus> {
    return this.#run('STATUS', name, 0, () => {
      const rule = this.server.take('not-selectable', name, (one) => one.statusToo === true);
      const mailbox = this.server.find(name);
      if (rule || !mailbox?.selectable) this.refuse('mailbox-unusable', rule?.text ?? `no mailbox ${name}`);
      return statusOf(this, mailbox);
    });
  }

  select(name: MailboxName, mode: 'read' | 'write'): Promise<SelectedMailbox> {
    return this.#run(mode === 'read' ? 'EXAMINE' : 'SELECT', name, 0, () => openMailbox(this, name, mode));
  }

  fetchMeta(
    spans: readonly UidSpan[],
    want: { readonly date: boolean; readonly size: boolean },
    onMeta: (meta: MessageMeta) => void,
  ): Promise<void> {
    return this.#runSelected('FETCH', spans.length, (mailbox) => metaOf(this, mailbox, spans, want, onMeta));
  }

  fetchChanges(
    since: ChangedSince,
    onMeta: (meta: MessageMeta) => void,
  ): Promise<{ readonly vanished: readonly UidSpan[] | null }> {
    return this.#runSelected('FETCH CHANGES', 0, (mailbox) => changesOf(this, mailbox, since, onMeta));
  }

  listUids(): Promise<readonly UidSpan[]> {
    return this.#runSelected('SEARCH', 0, (mailbox) =>
      this.server.applies('everything-vanished', mailbox.name)
        ? []
        : spansOf(mailbox.messages.map((message) => message.uid)),
    );
  }

  fetchBodies(uids: readonly number[], sink: BodySink): Promise<void> {
    return this.#runSelected('FETCH BODY', uids.length, (mailbox) => bodiesOf(this, mailbox, uids, sink));
  }

  fetchHeaderFields(uid: number, fields: readonly string[]): Promise<Uint8Array> {
    return this.#runSelected('FETCH HEADER', 1, (mailbox) => headerFieldsOf(mailbox, uid, fields));
  }

  async append(name: MailboxName, messages: readonly AppendMessage[]): Promise<AppendOutcome> {
    let begun = false;
    const begin = () => {
      begun = true;
    };
    try {
      const work = () => appendMessages(this, name, messages);
      return await this.#run('APPEND', name, messages.length, work, begin);
    } catch (error) {
      if (isMailferryError(error, 'throttled')) return { kind: 'refused', reason: throttled(error) };
      if (begun && this.#closed) return { kind: 'unknown', cause: error };
      throw error;
    }
  }

  storeFlags(uids: readonly number[], op: '+' | '-', flags: Flags): Promise<ChangeOutcome> {
    return this.#change(
      this.#runSelected('STORE', uids.length, (mailbox) => storeUids(this, mailbox, uids, op, flags)),
    );
  }

  move(
    uids: readonly number[],
    to: MailboxName,
  ): Promise<ChangeOutcome & { readonly uids?: readonly (readonly [number, number])[] | null }> {
    const op = this.abilities.move ? 'MOVE' : 'COPY';
    return this.#change(this.#runSelected(op, uids.length, (mailbox) => copyAway(this, mailbox, uids, to)));
  }

  expunge(uids: readonly number[]): Promise<ChangeOutcome> {
    return this.#change(
      this.#runSelected('EXPUNGE', uids.length, (mailbox) => expungeUids(this, mailbox, uids)),
    );
  }

  create(name: MailboxName, specialUse: string | null): Promise<ChangeOutcome> {
    return this.#change(this.#run('CREATE', name, 0, () => createMailbox(this, name, specialUse)));
  }

  rename(from: MailboxName, to: MailboxName): Promise<ChangeOutcome> {
    return this.#change(this.#run('RENAME', from, 0, () => renameMailbox(this, from, to)));
  }

  remove(name: MailboxName): Promise<ChangeOutcome> {
    return this.#change(this.#run('DELETE', name, 0, () => removeMailbox(this, name)));
  }

  subscribe(name: MailboxName): Promise<ChangeOutcome> {
    return this.#change(
      this.#run('SUBSCRIBE', name, 0, (): ChangeOutcome => {
        const mailbox = this.server.find(name);
        if (!mailbox) return refused('nonexistent', 'NONEXISTENT', `Mailbox doesn't exist: ${name}`);
        this.server.state.subscribed.add(mailbox.name);
        this.server.changed(mailbox.name);
        return { kind: 'done' };
      }),
    );
  }

  quota(): Promise<readonly QuotaResource[]> {
    return this.#run('GETQUOTA', null, 0, () => quotaOf(this));
  }

  noop(): Promise<void> {
    return this.#run('NOOP', null, 0, () => undefined);
  }

  async watch(
    mailboxes: readonly MailboxName[] | 'all',
    listener: WatchListener,
    signal: AbortSignal,
  ): Promise<void> {
    if (signal.aborted) return;
    const op = this.abilities.notify ? 'NOTIFY' : 'IDLE';
    await this.#run(op, null, 0, () => watchMailboxes(this, mailboxes, listener, signal));
  }

  async close(): Promise<void> {
    await this.#run('LOGOUT', null, 0, () => undefined).catch(() => undefined);
    this.destroy(new Error('logged out'));
  }

  #runSelected<T>(op: Op, count: number, work: (mailbox: FakeMailbox) => T | Promise<T>): Promise<T> {
    const name = () => this.selected?.mailbox.name ?? null;
    return this.#run(op, name, count, () => {
      const mailbox = this.selected?.mailbox;
      if (!mailbox) return this.refuse('command-refused', 'No mailbox selected');
      if (this.server.state.mailboxes.get(mailbox.name) !== mailbox) this.cut('Mailbox was deleted under us');
      return work(mailbox);
    });
  }

  #run<T>(
    op: Op,
    mailbox: string | null | (() => string | null),
    count: number,
    work: () => T | Promise<T>,
    begin?: () => void,
  ): Promise<T> {
    const carryOut = async () => {
      this.assertOpen();
      const name = typeof mailbox === 'function' ? mailbox() : mailbox;
      this.server.arrive(this.id, op, name, count);
      begin?.();
      await this.#before(op, name);
      const result = work();
      const value = result instanceof Promise ? await this.#unlessDead(result) : result;
      this.assertOpen();
      this.server.take('meanwhile', name, (one) => one.where === 'after' && fits(one, op))?.act(this.server);
      const cut = this.server.take('cut', name, (one) => one.where === 'after' && fits(one, op));
      if (cut) this.cut(cut.text);
      return value;
    };
    const result = this.#tail.then(carryOut);
    this.#tail = result.catch(() => undefined);
    return result;
  }

  async #before(op: Op, name: string | null): Promise<void> {
    const { server } = this;
    server.take('meanwhile', name, (one) => one.where !== 'after' && fits(one, op))?.act(server);
    const slow = server.take('slow', name, (one) => fits(one, op));
    if (slow) await this.#unlessDead(server.clock.sleep(slow.byMs));
    const hang = server.take('hang', name, (one) => fits(one, op));
    if (hang) {
      await this.#unlessDead(server.clock.sleep(hang.forMs));
      this.cut('no answer in time');
    }
    const cut = server.take('cut', name, (one) => one.where !== 'after' && fits(one, op));
    if (cut) this.cut(cut.text);
    const throttle = server.take('throttle', name, (one) => fits(one, op));
    if (throttle) {
      const pause = throttle.retryAfterMs;
      const text =
        throttle.text ??
        `[THROTTLED] Too fast.${pause ? ` Suggested Backoff Time: ${pause} milliseconds` : ''}`;
      throw new MailferryError('throttled', text, {
        side: this.side,
        serverText: text,
        retryAfterMs: pause,
      });
    }
    this.assertOpen();
  }

  #unlessDead<T>(work: Promise<T>): Promise<T> {
    // The loser of the race may reject later, when nobody listens any more.
    work.catch(() => undefined);
    return Promise.race([work, this.#dead]);
  }

  async #change<T extends ChangeOutcome>(result: Promise<T>): Promise<T | ChangeOutcome> {
    try {
      return await result;
    } catch (error) {
      if (isMailferryError(error, 'throttled')) return { kind: 'refused', reason: throttled(error) };
      throw error;
    }
  }
}

function fits(rule: { readonly op?: Op }, op: Op): boolean {
  return rule.op === undefined || rule.op === op;
}

function throttled(error: MailferryError): Refusal {
  const { retryAfterMs } = error;
  return { class: 'temporary', code: 'THROTTLED', text: error.serverText ?? error.message, retryAfterMs };
}
