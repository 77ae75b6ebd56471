/** One logged-in connection as the engine sees it: each method is the command of the same name. */
import type {
  AppendMessage,
  AppendOutcome,
  BodySink,
  ChangedSince,
  ChangeOutcome,
  Flags,
  MessageMeta,
  QuotaResource,
  SelectedMailbox,
  StoreAbilities,
  StoreListing,
  StoreSession,
  UidSpan,
  MailboxStatus,
  WatchListener,
} from '../../sync/mail-store.ts';
import { append } from './commands/append.ts';
import type { CommandContext } from './commands/context.ts';
import { expunge } from './commands/expunge.ts';
import { fetchBodies, fetchHeaderFields } from './commands/fetch-bodies.ts';
import { fetchChanges, fetchMeta, listUids } from './commands/fetch-meta.ts';
import { list, namespace } from './commands/list.ts';
import { create, remove, rename, subscribe } from './commands/mailbox-changes.ts';
import { move } from './commands/move.ts';
import { quota } from './commands/quota.ts';
import { select } from './commands/select.ts';
import { status } from './commands/status.ts';
import { storeFlags } from './commands/store-flags.ts';
import { watch } from './commands/watch.ts';

export class ImapSession implements StoreSession {
  readonly #context: CommandContext;
  readonly #allNamespaces: boolean;
  /** Of the last `select`; commands are queued behind it, so this holds for what is called next. */
  #readOnly = false;
  /**
   * Of the selected mailbox Dovecot's STATUS tells what the session saw last (RFC 9051 §6.3.11 promises no more): a NOOP
   * before it, or mail that came since would be overlooked.
   */
  #selected: string | null = null;

  constructor(context: CommandContext, allNamespaces: boolean) {
    this.#context = context;
    this.#allNamespaces = allNamespaces;
  }

  get abilities(): StoreAbilities {
    return this.#context.abilities;
  }

  get closed(): boolean {
    return this.#context.pipe.closed;
  }

  async list(): Promise<StoreListing> {
    if (this.#selected !== null) await this.noop();
    const spaces = await namespace(this.#context);
    return list(this.#context, this.#allNamespaces ? { ...spaces, foreign: [] } : spaces);
  }

  async status(name: string): Promise<MailboxStatus> {
    if (name === this.#selected) await this.noop();
    return await status(this.#context, name);
  }

  select(name: string, mode: 'read' | 'write'): Promise<SelectedMailbox> {
    this.#readOnly = mode === 'read';
    this.#selected = name;
    return select(this.#context, name, mode);
  }

  fetchMeta(
    spans: readonly UidSpan[],
    want: { readonly date: boolean; readonly size: boolean },
    onMeta: (meta: MessageMeta) => void,
  ): Promise<void> {
    return fetchMeta(this.#context, spans, want, onMeta);
  }

  fetchChanges(
    since: ChangedSince,
    onMeta: (meta: MessageMeta) => void,
  ): Promise<{ readonly vanished: readonly UidSpan[] | null }> {
    return fetchChanges(this.#context, since, onMeta);
  }

  listUids(): Promise<readonly UidSpan[]> {
    return listUids(this.#context);
  }

  fetchBodies(uids: readonly number[], sink: BodySink): Promise<void> {
    return fetchBodies(this.#context, uids, sink);
  }

  fetchHeaderFields(uid: number, fields: readonly string[]): Promise<Uint8Array> {
    return fetchHeaderFields(this.#context, uid, fields);
  }

  append(name: string, messages: readonly AppendMessage[]): Promise<AppendOutcome> {
    return append(this.#context, name, messages);
  }

  storeFlags(uids: readonly number[], op: '+' | '-', flags: Flags): Promise<ChangeOutcome> {
    return this.#readOnly ? refusedReadOnly() : storeFlags(this.#context, uids, op, flags);
  }

  move(
    uids: readonly number[],
    to: string,
  ): Promise<ChangeOutcome & { readonly uids?: readonly (readonly [from: number, to: number])[] | null }> {
    return this.#readOnly ? refusedReadOnly() : move(this.#context, uids, to);
  }

  expunge(uids: readonly number[]): Promise<ChangeOutcome> {
    return this.#readOnly ? refusedReadOnly() : expunge(this.#context, uids);
  }

  create(name: string, specialUse: string | null): Promise<ChangeOutcome> {
    return create(this.#context, name, specialUse);
  }

  rename(from: string, to: string): Promise<ChangeOutcome> {
    return rename(this.#context, from, to);
  }

  remove(name: string): Promise<ChangeOutcome> {
    return remove(this.#context, name);
  }

  subscribe(name: string): Promise<ChangeOutcome> {
    return subscribe(this.#context, name);
  }

  quota(): Promise<readonly QuotaResource[]> {
    return quota(this.#context);
  }

  watch(mailboxes: readonly string[] | 'all', listener: WatchListener, signal: AbortSignal): Promise<void> {
    // IDLE opens its mailbox by EXAMINE.
    this.#readOnly = true;
    this.#selected = null;
    return watch(this.#context, mailboxes, listener, signal);
  }

  async noop(): Promise<void> {
    await this.#context.pipe.run('NOOP', []);
  }

  close(): Promise<void> {
    return this.#context.pipe.logout();
  }

  destroy(reason: unknown): void {
    this.#context.pipe.destroy('connection-lost', 'the connection was given up', reason);
  }
}

/** Courier carries a STORE out though the mailbox was opened by EXAMINE: so nothing that writes is sent at all (I5). */
async function refusedReadOnly(): Promise<ChangeOutcome> {
  const text = 'the mailbox is open for reading only';
  return { kind: 'refused', reason: { class: 'no-permission', code: null, text } };
}
