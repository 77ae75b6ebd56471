/**
 * One account on an IMAP-like server in memory. It behaves like a good server (Dovecot's ways) unless told otherwise by
 * `misbehave`. Tests look at `log` for what was done to it, act as its owner by `user`, and copy whole worlds by
 * `clone` or `snapshot`/`restore`. Sessions come from FakeMailStore.
 */
import type { Clock } from '../../src/base/clock.ts';
import type { StoreAbilities } from '../../src/sync/mail-store.ts';
import { FakeClock } from './fake-clock.ts';
import { FakeMailbox } from './fake-mailbox.ts';
import { abilitiesWith, cloneState, fullAbilities } from './fake-state.ts';
import type { FakeState, Prepared } from './fake-state.ts';
import { FakeUser } from './fake-user.ts';
import { canonicalName } from './mailbox-name.ts';
import { ruleOf } from './misbehaviour.ts';
import type { Misbehaviour, MisbehaviourKind, MisbehaviourOf, Op } from './misbehaviour.ts';

export interface FakeServerOptions {
  readonly clock?: Clock;
  readonly abilities?: Partial<StoreAbilities>;
  /** Null: flat names. */
  readonly delimiter?: string | null;
  /** Of the personal namespace, e.g. "INBOX.". */
  readonly prefix?: string;
  /** The first mailbox's UIDVALIDITY; each next one is one higher. Equal on both sides is a case of its own. */
  readonly firstUidValidity?: number;
  readonly quota?: { readonly storageBytes?: number; readonly messages?: number };
  /** Superiors of a name that do not exist: shown as \NonExistent (Dovecot), made (RFC 9051 §6.3.4), or demanded. */
  readonly superiors?: 'implicit' | 'created' | 'required';
  /** Bodies are handed out in pieces of this size. */
  readonly chunkBytes?: number;
}

/** One command a session carried out. */
export interface LogEntry {
  /** Counts from 1 over all sessions. */
  readonly n: number;
  readonly session: number;
  readonly op: Op;
  readonly mailbox: string | null;
  /** Messages concerned; 0 where it does not apply. */
  readonly count: number;
}

/** Ops that change something on the server. */
const writingOps: ReadonlySet<Op> = new Set([
  'APPEND',
  'STORE',
  'MOVE',
  'COPY',
  'EXPUNGE',
  'CREATE',
  'RENAME',
  'DELETE',
  'SUBSCRIBE',
]);

/** A session as its server sees it. */
export interface Cuttable {
  destroy(reason: unknown): void;
}

/** What of a mailbox can be compared between runs. */
export interface MailboxPicture {
  readonly uidValidity: number;
  readonly messages: readonly {
    readonly uid: number;
    readonly body: string;
    readonly flags: readonly string[];
    readonly internalDate: string | null;
  }[];
}

export class FakeServer {
  readonly clock: Clock;
  readonly delimiter: string | null;
  readonly prefix: string;
  readonly superiors: 'implicit' | 'created' | 'required';
  readonly chunkBytes: number;
  /** The account's owner and other programs, acting past any session. */
  readonly user: FakeUser = new FakeUser(this);
  readonly log: LogEntry[] = [];
  /** Called before each command; throwing stops the caller there, as a crash of its process would. */
  onCommand: ((entry: LogEntry) => void) | undefined;
  state: FakeState;
  readonly #sessions = new Set<Cuttable>();
  readonly #watchers = new Set<(name: string) => void>();
  #nextSession = 1;
  readonly #options: FakeServerOptions;

  constructor(options: FakeServerOptions = {}, state?: FakeState) {
    this.#options = options;
    this.clock = options.clock ?? new FakeClock({ mode: 'auto' });
    this.delimiter = options.delimiter === undefined ? '/' : options.delimiter;
    this.prefix = options.prefix ?? '';
    this.superiors = options.superiors ?? 'implicit';
    this.chunkBytes = options.chunkBytes ?? 16_384;
    this.state = state ?? {
      mailboxes: new Map(),
      subscribed: new Set(),
      nextUidValidity: options.firstUidValidity ?? 1_000_001,
      nextMailboxId: 1,
      operations: 0,
      lateCommits: [],
      rules: [],
      faults: 0,
      nextRuleId: 1,
      abilities: abilitiesWith(fullAbilities, options.abilities ?? {}),
      quota: options.quota ?? {},
    };
    for (const mailbox of this.state.mailboxes.values()) this.#listenTo(mailbox);
    if (!state) this.addMailbox('INBOX');
  }

  get abilities(): StoreAbilities {
    return this.state.abilities;
  }

  /** Other abilities for sessions opened from now on (F-104: open ones notice by `abilities` too). */
  setAbilities(changes: Partial<StoreAbilities>): void {
    const { capabilities: _, ...base } = this.state.abilities;
    this.state.abilities = abilitiesWith(base, changes);
  }

  /** An independent server with the same contents and rules, no sessions and an empty log. */
  clone(options: { readonly clock?: Clock } = {}): FakeServer {
    return new FakeServer({ ...this.#options, ...options }, cloneState(this.state));
  }

  snapshot(): FakeState {
    return cloneState(this.state);
  }

  /** Takes the contents back; all sessions are cut. */
  restore(snapshot: FakeState): void {
    this.cutAll();
    this.state = cloneState(snapshot);
    for (const mailbox of this.state.mailboxes.values()) this.#listenTo(mailbox);
  }

  /** Calls `watcher` with the name of each mailbox that changes, comes or goes, until the result is called. */
  onChange(watcher: (name: string) => void): () => void {
    this.#watchers.add(watcher);
    return () => void this.#watchers.delete(watcher);
  }

  /** Tells the watchers, once the change is whole. */
  changed(name: string): void {
    if (this.#watchers.size === 0) return;
    queueMicrotask(() => {
      for (const watcher of this.#watchers) watcher(name);
    });
  }

  #listenTo(mailbox: FakeMailbox): void {
    mailbox.onChange = () => this.changed(mailbox.name);
  }

  /** Mailboxes by name without regard to sessions' misbehaviours; undefined where there is none. */
  find(name: string): FakeMailbox | undefined {
    const canonical = canonicalName(name);
    const exact = this.state.mailboxes.get(canonical);
    if (exact || !this.applies('case-insensitive-names', name)) return exact;
    for (const [key, mailbox] of this.state.mailboxes) {
      if (key.toLowerCase() === canonical.toLowerCase()) return mailbox;
    }
    return undefined;
  }

  /** As `find`, for tests that know it is there. */
  mailbox(name: string): FakeMailbox {
    const found = this.find(name);
    if (!found) throw new RangeError(`no mailbox ${name}`);
    return found;
  }

  names(): string[] {
    return [...this.state.mailboxes.keys()];
  }

  addMailbox(name: string): FakeMailbox {
    const { state } = this;
    const mailbox = new FakeMailbox(
      canonicalName(name),
      state.nextUidValidity++,
      `M${state.nextMailboxId++}`,
    );
    state.mailboxes.set(mailbox.name, mailbox);
    this.#listenTo(mailbox);
    this.changed(mailbox.name);
    return mailbox;
  }

  /** Contents in a form that can be compared: bodies as latin1 text, flags sorted. */
  picture(): Record<string, MailboxPicture> {
    const picture: Record<string, MailboxPicture> = {};
    for (const name of this.names().sort()) {
      const mailbox = this.mailbox(name);
      picture[name] = {
        uidValidity: mailbox.uidValidity,
        messages: mailbox.messages.map((message) => ({
          uid: message.uid,
          body: Buffer.from(message.body).toString('latin1'),
          flags: [...message.flags].sort(),
          internalDate: message.internalDate,
        })),
      };
    }
    return picture;
  }

  /** Commands of the log that changed something. */
  writes(): LogEntry[] {
    return this.log.filter((entry) => writingOps.has(entry.op));
  }

  /** How many commands of this kind the log holds. */
  count(op: Op): number {
    return this.log.filter((entry) => entry.op === op).length;
  }

  misbehave(misbehaviour: Misbehaviour): { stop(): void } {
    const rule = ruleOf(this.state.nextRuleId++, misbehaviour);
    this.state.rules.push(rule);
    return { stop: () => this.#forget(rule.id) };
  }

  /** From now on a good server. */
  behave(): void {
    this.state.rules = [];
  }

  /** Uses up one occasion of a rule of this kind, if one applies here. */
  take<K extends MisbehaviourKind>(
    kind: K,
    mailbox: string | null,
    fits: (one: MisbehaviourOf<K>) => boolean = () => true,
  ): MisbehaviourOf<K> | null {
    for (const rule of this.state.rules) {
      const one = rule.misbehaviour;
      if (one.kind !== kind || rule.timesLeft <= 0) continue;
      if (one.mailbox !== undefined && one.mailbox !== mailbox) continue;
      if (!fits(one as MisbehaviourOf<K>)) continue;
      if (rule.skipLeft > 0) {
        rule.skipLeft -= 1;
        continue;
      }
      rule.timesLeft -= 1;
      if (Number.isFinite(rule.timesLeft)) this.state.faults += 1;
      return one as MisbehaviourOf<K>;
    }
    return null;
  }

  /** Whether a lasting trait holds here; uses nothing up. */
  applies(kind: MisbehaviourKind, mailbox: string | null): boolean {
    return this.state.rules.some(
      ({ misbehaviour, timesLeft }) =>
        misbehaviour.kind === kind &&
        timesLeft > 0 &&
        (misbehaviour.mailbox === undefined || misbehaviour.mailbox === mailbox),
    );
  }

  /** Notes a command and lets what is due happen first. */
  arrive(session: number, op: Op, mailbox: string | null, count: number): void {
    const entry = { n: ++this.state.operations, session, op, mailbox, count };
    this.onCommand?.(entry);
    this.log.push(entry);
    this.settleLateCommits();
  }

  enter(session: Cuttable): number {
    this.#sessions.add(session);
    return this.#nextSession++;
  }

  leave(session: Cuttable): void {
    this.#sessions.delete(session);
  }

  get sessionCount(): number {
    return this.#sessions.size;
  }

  /** The server restarts, or the process that holds the sessions dies. */
  cutAll(reason: unknown = new Error('all connections are cut')): void {
    for (const session of this.#sessions) session.destroy(reason);
  }

  commit(mailbox: FakeMailbox, messages: readonly Prepared[]): number[] {
    return messages.map((one) => mailbox.add(one.body, one.flags, one.internalDate).uid);
  }

  commitLater(
    mailbox: FakeMailbox,
    messages: readonly Prepared[],
    rule: MisbehaviourOf<'late-commit'>,
  ): void {
    this.state.lateCommits.push({
      mailboxId: mailbox.mailboxId,
      messages,
      dueOperation:
        rule.afterOperations === undefined
          ? Number.POSITIVE_INFINITY
          : this.state.operations + rule.afterOperations,
      dueMs: rule.afterMs === undefined ? Number.POSITIVE_INFINITY : this.clock.monotonic() + rule.afterMs,
    });
  }

  /** Stores what is due by now; all of it when `force` is set. */
  settleLateCommits(force = false): void {
    const nowMs = this.clock.monotonic();
    this.state.lateCommits = this.state.lateCommits.filter((late) => {
      if (!force && late.dueOperation > this.state.operations && late.dueMs > nowMs) return true;
      for (const mailbox of this.state.mailboxes.values()) {
        if (mailbox.mailboxId === late.mailboxId) this.commit(mailbox, late.messages);
      }
      return false;
    });
  }

  #forget(id: number): void {
    this.state.rules = this.state.rules.filter((rule) => rule.id !== id);
  }
}
