/**
 * Makes accounts on new: those that are to be copied before their first copy, by the clock, and any when somebody asks.
 *
 *   account -> password (password-ladder.ts) -> adapter (provisioner.ts) -> noted, with audit row and event
 */
import type { Clock } from '../base/clock.ts';
import { isMailferryError, MailferryError } from '../base/errors.ts';
import { operatorAction, retryAfterMs } from '../domain/trouble.ts';
import { notesOf, setNotes } from '../state/database/account-notes.ts';
import type { EnvelopeKey } from '../state/database/envelope.ts';
import { acquireLease, releaseLease, renewLease } from '../state/database/leases.ts';
import type { Database } from '../state/database/open-database.ts';
import {
  askFor,
  dueProvisions,
  noteMade,
  noteNotMade,
  type PasswordOrigin,
  type Provision,
  provisionOf,
  type WantedAccount,
  wantedAccount,
} from '../state/database/provisions.ts';
import { askForStarted } from '../state/database/started-accounts.ts';
import { type LadderOptions, passwordFor, type Rung } from './password-ladder.ts';
import type { Change, Ensured, Provisioner, TestAnswer } from './provisioner.ts';

export interface ProvisioningLog {
  info(fields: object, text: string): void;
  warn(fields: object, text: string): void;
}

export interface ProvisioningOptions {
  readonly database: Database;
  readonly key: EnvelopeKey;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: ProvisioningLog;
  /** Null: others make accounts on new. */
  readonly adapter: Provisioner | null;
  readonly ladder: LadderOptions;
  /** From one look at an account that is made to the next: a password may have changed on old. */
  readonly againMs: number;
}

/** What came of one account. */
export interface Provisioned {
  readonly account: string;
  /** `unchanged`: all of it was so already. `later`: it is tried again by itself. */
  readonly outcome: 'made' | 'unchanged' | 'later' | 'refused';
  readonly changes: readonly Change[];
  readonly password: PasswordOrigin;
  readonly code: string | null;
  readonly reason: string | null;
}

const actorByClock = 'provisioning';
const leaseName = 'provisioning';
const leaseMs = 60_000;
/** Of one look at what is due. */
const dueAtOnce = 50;
const atOnce = 4;
/** An adapter that has not answered by then is not going to. */
const deadlineMs = 120_000;
/** Whoever asks by hand waits for the answer, and proxies in between cut what lasts much longer. */
const byHandMs = 60_000;
/** The other side may be away for a moment: nobody is told before so many tries. */
const triesBeforeTold = 3;
/** Where only edges are waited for: they have a change within a second. */
const edgesMs = 500;

interface How {
  readonly dryRun: boolean;
  readonly actor: string;
  readonly patient: boolean;
}

export class Provisioning {
  readonly #options: ProvisioningOptions;
  /** By account: what is being made by this process. */
  readonly #inHand = new Map<string, Promise<Provisioned>>();

  constructor(options: ProvisioningOptions) {
    this.#options = options;
  }

  get adapterName(): string | null {
    return this.#options.adapter?.name ?? null;
  }

  /** Of the ladder, as the configuration orders them. */
  get rungs(): readonly Rung[] {
    return this.#options.ladder.rungs;
  }

  /** Where hashes are copied from, as in the configuration; null where none are. */
  get hashesFrom(): string | null {
    return this.#options.ladder.reader?.name ?? null;
  }

  /** Whether a password that an owner gives is put on new. */
  get takesPasswords(): boolean {
    return this.#options.adapter !== null && this.rungs.includes('captured');
  }

  /** What the adapter says. Throws `provisioning-off`, and what it throws. */
  async test(): Promise<TestAnswer> {
    return await this.#adapter().test(AbortSignal.timeout(deadlineMs));
  }

  /**
   * Now, one after another, as far as it comes within a minute: the rest is due at once, and left out of the answer. Throws
   * `provisioning-off`, `account-unknown`.
   */
  async provision(
    ids: readonly string[],
    { dryRun, actor }: { readonly dryRun: boolean; readonly actor: string },
  ): Promise<Provisioned[]> {
    this.#adapter();
    const { clock, database } = this.#options;
    const all: Provisioned[] = [];
    const until = clock.monotonic() + byHandMs;
    for (const [at, id] of ids.entries()) {
      if (clock.monotonic() >= until) {
        if (!dryRun) await askFor(database.db, ids.slice(at), 0);
        break;
      }
      // By the clock only if this ends in the middle.
      if (!dryRun) await askFor(database.db, [id], deadlineMs);
      all.push(await this.#one(id, { dryRun, actor, patient: true }));
    }
    return all;
  }

  /** Accounts that were started, or soon will be, become due. */
  async noticeStarted(): Promise<void> {
    const { database, adapter } = this.#options;
    if (adapter !== null) await askForStarted(database.db);
  }

  /** One look at what is due; of several processes one does it. */
  async due(over: AbortSignal): Promise<void> {
    const { database, adapter } = this.#options;
    if (adapter === null) return;
    const { db } = database;
    // Nothing is written while there is nothing to do.
    if ((await dueProvisions(db, 1)).length === 0) return;
    const lease = await acquireLease(db, leaseName, actorByClock, leaseMs);
    if (lease === null) return;
    try {
      const due = await dueProvisions(db, dueAtOnce);
      for (let at = 0; at < due.length && !over.aborted; at += atOnce) {
        await renewLease(db, lease, leaseMs + deadlineMs);
        const some = due.slice(at, at + atOnce);
        await Promise.all(
          some.map((id) => this.#one(id, { dryRun: false, actor: actorByClock, patient: false })),
        );
      }
    } finally {
      await releaseLease(db, lease);
    }
  }

  #adapter(): Provisioner {
    const { adapter } = this.#options;
    if (adapter === null)
      throw new MailferryError('provisioning-off', 'Mailferry does not make accounts on new here');
    return adapter;
  }

  /** One after the other where a person and the clock want the same account: an adapter may not bear two at once. */
  async #one(id: string, how: How): Promise<Provisioned> {
    const before = this.#inHand.get(id);
    const making = (async () => {
      await before?.catch(() => {});
      return await this.#make(id, how);
    })();
    this.#inHand.set(id, making);
    try {
      return await making;
    } finally {
      if (this.#inHand.get(id) === making) this.#inHand.delete(id);
    }
  }

  async #make(id: string, how: How): Promise<Provisioned> {
    const { database, key, clock, ladder, againMs } = this.#options;
    const { dryRun, actor } = how;
    const { db } = database;
    const adapter = this.#adapter();
    const account = await wantedAccount(db, id);
    const told = { account: account.address, code: null, reason: null };
    let password: PasswordOrigin = 'none';
    let before: Provision | null = null;
    try {
      before = await provisionOf(db, key, id);
      const signal = AbortSignal.timeout(deadlineMs);
      const found = await passwordFor(ladder, account, signal);
      // What is no longer known on old, or shut there, is no reason to take it away on new: it may be the owner's only way in.
      const hash = found.hash ?? before?.hash ?? null;
      password =
        found.hash === null && before !== null && before.hash !== null ? before.origin : found.origin;
      const wanted = {
        id,
        address: account.address,
        login: account.newLogin,
        aliases: account.aliases,
        quotaBytes: account.quotaBytes,
        hash,
        hashBefore: before?.hash ?? null,
      };
      const until = clock.monotonic() + (how.patient && !dryRun ? patienceMs : 0);
      const { changes, hash: put } = await this.#ensure(
        () => adapter.ensure(wanted, { dryRun, signal }),
        until,
      );
      if (!dryRun) {
        const made = { adapter: adapter.name, origin: password, hash: put, changes };
        // Old has nothing to say of an account that is across for good.
        await noteMade(db, key, id, { ...made, againMs: account.phase === 'done' ? null : againMs }, actor);
        await this.#clearTrouble(id, actor);
      }
      return { ...told, outcome: changes.length > 0 ? 'made' : 'unchanged', changes, password };
    } catch (error) {
      const known = isMailferryError(error)
        ? error
        : new MailferryError('internal', 'the adapter broke down', { cause: error });
      if (!dryRun) await this.#failed(account, known, before);
      const { code, message: reason } = known;
      return { ...told, outcome: isLater(known) ? 'later' : 'refused', changes: [], password, code, reason };
    }
  }

  /** A person who asks waits for the edges, within reason. */
  async #ensure(work: () => Promise<Ensured>, until: number): Promise<Ensured> {
    const { clock } = this.#options;
    for (;;) {
      try {
        return await work();
      } catch (error) {
        const waits =
          isMailferryError(error, 'provisioning-pending') && this.#options.adapter?.name === 'sql';
        if (!waits || clock.monotonic() >= until) throw error;
        await clock.sleep(edgesMs);
      }
    }
  }

  async #failed(account: WantedAccount, error: MailferryError, before: Provision | null): Promise<void> {
    const { database, random, log, adapter, clock, againMs } = this.#options;
    const { id, address } = account;
    const { db } = database;
    const later = isLater(error);
    const failures = (before?.failures ?? 0) + 1;
    // Edges are asked often at first; whoever is away is left alone for longer each time.
    const quick = later && adapter?.name === 'sql' && failures < quickTries;
    const isThere = before !== null && before.madeAtMs !== null;
    const nextMs = quick ? edgesMs : later ? retryAfterMs(failures, random()) : isThere ? againMs : null;
    await noteNotMade(db, id, { error, againMs: nextMs });
    if (quick) return;
    log.warn({ account: id, address, adapter: adapter?.name, code: error.code, failures }, error.message);
    // What is there goes on; only what its password became on old is not known to new.
    if (isThere || (later && failures < triesBeforeTold)) return;
    const code = later ? 'provisioning-pending' : 'provisioning-refused';
    const reason = `${address}: ${error.message}`;
    const { attention } = await notesOf(db, id);
    if (attention?.code === code && attention.reason === reason) return;
    // What else is wrong with the account is told by who found it.
    if (attention !== null && !ours.includes(attention.code)) return;
    const action = operatorAction(code).en;
    await setNotes(
      db,
      id,
      { attention: { code, reason, action, sinceMs: clock.now() } },
      { actor: actorByClock },
    );
  }

  async #clearTrouble(id: string, actor: string): Promise<void> {
    const { db } = this.#options.database;
    const { attention } = await notesOf(db, id);
    if (attention !== null && ours.includes(attention.code))
      await setNotes(db, id, { attention: null }, { actor });
  }
}

/** Of whoever asked for it by hand. */
const patienceMs = 5_000;
const quickTries = 20;

function isLater(error: MailferryError): boolean {
  return !isMailferryError(error, 'provisioning-refused', 'secret-unreadable', 'internal');
}

/** What wants attention by our doing. */
const ours: readonly string[] = ['provisioning-pending', 'provisioning-refused'];
