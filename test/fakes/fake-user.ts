/**
 * What happens to an account outside our sessions: its owner in a mail program, a delivery, an administrator. Acts are
 * immediate and unlogged; they need no valid names, since the old side's mailboxes carry whatever history left there.
 */
import { bytesOf } from '../../src/base/bytes.ts';
import type { Flags } from '../../src/sync/mail-store.ts';
import { internalDateOf } from './fake-date.ts';
import type { FakeMailbox } from './fake-mailbox.ts';
import type { FakeServer } from './fake-server.ts';
import { canonicalName } from './mailbox-name.ts';

export class FakeUser {
  readonly #server: FakeServer;

  constructor(server: FakeServer) {
    this.#server = server;
  }

  /** Gives the UID. A mailbox that is not there is made. */
  append(
    name: string,
    body: Uint8Array | string,
    options: { readonly flags?: Flags; readonly internalDate?: string | null } = {},
  ): number {
    const server = this.#server;
    const mailbox = server.find(name) ?? this.create(name);
    const internalDate =
      options.internalDate === undefined ? internalDateOf(server.clock.now()) : options.internalDate;
    const bytes = typeof body === 'string' ? bytesOf(body) : new Uint8Array(body);
    return mailbox.add(bytes, options.flags ?? [], internalDate).uid;
  }

  flag(name: string, uid: number, op: '+' | '-', ...flags: string[]): void {
    this.#server.mailbox(name).store([uid], op, flags);
  }

  expunge(name: string, ...uids: number[]): void {
    this.#server.mailbox(name).remove(uids);
  }

  /** COPY and EXPUNGE, as mail programs do it; gives the new UIDs. */
  move(name: string, uids: readonly number[], to: string): number[] {
    const from = this.#server.mailbox(name);
    const target = this.#server.mailbox(to);
    const moved = uids.flatMap((uid) => from.message(uid) ?? []);
    const given = moved.map((one) => target.add(one.body, one.flags, one.internalDate).uid);
    from.remove(uids);
    return given;
  }

  create(
    name: string,
    options: { readonly specialUse?: readonly string[]; readonly selectable?: boolean } = {},
  ): FakeMailbox {
    const mailbox = this.#server.addMailbox(name);
    mailbox.specialUse = options.specialUse ?? [];
    mailbox.selectable = options.selectable ?? true;
    return mailbox;
  }

  delete(name: string): void {
    this.#server.state.mailboxes.delete(canonicalName(name));
    this.#server.changed(canonicalName(name));
  }

  rename(name: string, to: string): void {
    renameTree(this.#server, name, to);
  }

  subscribe(...names: string[]): void {
    for (const name of names) {
      this.#server.state.subscribed.add(canonicalName(name));
      this.#server.changed(canonicalName(name));
    }
  }

  unsubscribe(name: string): void {
    this.#server.state.subscribed.delete(canonicalName(name));
    this.#server.changed(canonicalName(name));
  }

  /** The bytes under a UID become others (F-31). */
  rewrite(name: string, uid: number, body: Uint8Array | string): void {
    this.#server.mailbox(name).rewrite(uid, typeof body === 'string' ? bytesOf(body) : new Uint8Array(body));
  }

  /** A rebuilt mailbox: other UIDVALIDITY, UIDs numbered anew (F-20, F-21, F-22). */
  changeUidValidity(name: string, uidValidity?: number): void {
    this.#server.mailbox(name).renumber(uidValidity ?? this.#server.state.nextUidValidity++);
  }

  /** UIDNEXT falls back, so that UIDs of expunged messages come again (F-23). */
  reuseUids(name: string): void {
    this.#server.mailbox(name).forgetUidNext();
  }

  /** HIGHESTMODSEQ goes back, as after a restored index (F-33). */
  setHighestModSeq(name: string, value: bigint): void {
    this.#server.mailbox(name).highestModSeq = value;
  }

  setQuota(quota: { readonly storageBytes?: number; readonly messages?: number }): void {
    this.#server.state.quota = quota;
  }
}

/** Renames a mailbox with all its inferiors (RFC 9051 §6.3.6); UIDVALIDITY and UIDs stay. */
export function renameTree(server: FakeServer, name: string, to: string): void {
  const { mailboxes } = server.state;
  const from = server.find(name)?.name ?? name;
  const moving = [...mailboxes.values()].filter(
    (mailbox) =>
      mailbox.name === from ||
      (server.delimiter !== null && mailbox.name.startsWith(from + server.delimiter)),
  );
  for (const mailbox of moving) {
    mailboxes.delete(mailbox.name);
    mailbox.name = to + mailbox.name.slice(from.length);
    mailboxes.set(mailbox.name, mailbox);
    server.changed(mailbox.name);
  }
}
