/**
 * What an edge knows, in an SQLite file on the mail host: written by the edge alone, read by Dovecot natively and by the
 * edge's own lookups. It goes on serving for as long as control is away. Nothing of it is the only copy: a damaged one
 * is made anew from control.
 */
import { chmodSync, rmSync, statSync, truncateSync } from 'node:fs';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { type Phase, phases } from '../../domain/phase.ts';
import { type Placement, placementOf, type ServerSide } from '../../domain/placement.ts';
import type { EdgeRow } from '../database/edge-rows.ts';
import { stateError } from '../state-error.ts';
import { ReplicaPasswords } from './replica-passwords.ts';

/** "MFRE" in the file's header. */
const applicationId = 0x4d465245;
const version = 1;
/** Dovecot's readers are done within milliseconds. */
const openTimeoutMs = 2_000;
/** A write that waits longer is tried again later: lookups wait with it. */
const writeTimeoutMs = 200;
/** SQLite's result codes for a file that is none of its own, or not whole. */
const damaged: readonly unknown[] = [11, 26];

export interface ReplicaAccount {
  readonly id: string;
  readonly phase: Phase;
  readonly epoch: number;
  readonly oldLogin: string;
  readonly newLogin: string;
}

export class DamagedReplica extends Error {}

/**
 * Holds the file open; one writer. Where mail goes is answered from memory: neither a lock that somebody holds on the file nor
 * its size makes anybody wait.
 */
export class Replica {
  readonly #database: DatabaseSync;
  readonly #side: ServerSide;
  readonly passwords: ReplicaPasswords;
  readonly #byAddress: StatementSync;
  readonly #byLogin: StatementSync;
  readonly #ofAccount: StatementSync;
  /** Whether each address's mail is relayed. */
  #relayed = new Map<string, boolean>();
  /** How many addresses each domain has. */
  #domains = new Map<string, number>();
  #epoch = 0;
  #isComplete = false;

  private constructor(database: DatabaseSync, side: ServerSide) {
    this.#database = database;
    this.#side = side;
    this.passwords = new ReplicaPasswords(database, side);
    this.#byAddress = database.prepare(
      `select account.id, phase, epoch, old_login, new_login, relayed from address
       join account on account.id = address.account_id where address = ?`,
    );
    this.#byLogin = database.prepare(
      `select id, phase, epoch, old_login, new_login, logins from account where id = (
         select id from (
           select id, 0 as rank from account where old_login = ? collate nocase
           union all select account_id, 1 from address where address = ?)
         order by rank limit 1)`,
    );
    this.#ofAccount = database.prepare('select address from address where account_id = ?');
    this.#load();
  }

  /**
   * Makes the file where there is none. `groupReads`: mode 0640 instead of 0600, for the group that Dovecot's auth process
   * is in. Throws DamagedReplica for what is not ours, of the other side, or not whole; `state-busy` and the like for what
   * keeps it from being read now.
   */
  static open(file: string, side: ServerSide, { groupReads = false } = {}): Replica {
    const isNew = (statSync(file, { throwIfNoEntry: false })?.size ?? 0) === 0;
    const database = new DatabaseSync(file, { timeout: openTimeoutMs });
    try {
      chmodSync(file, groupReads ? 0o640 : 0o600);
      // Not WAL: readers of another user could neither make nor write its shared memory (routing needs no writer).
      database.exec('pragma journal_mode = delete; pragma synchronous = full; pragma foreign_keys = on');
      if (isNew) create(database, side);
      check(database, side);
      database.exec(laterTables);
      const replica = new Replica(database, side);
      database.exec(`pragma busy_timeout = ${writeTimeoutMs}`);
      return replica;
    } catch (error) {
      database.close();
      if (error instanceof DamagedReplica) throw error;
      // Of anything else the file may be whole: it is the only one while control is away.
      const { errcode } = error as { readonly errcode?: unknown };
      if (typeof errcode !== 'number' || !damaged.includes(errcode & 0xff)) throw stateError(file, error);
      throw new DamagedReplica(`${file}: ${(error as Error).message}`, { cause: error });
    }
  }

  /** As `open`, but what is damaged goes, and an empty one takes its place: in the same file, for those who have it open. */
  static openOrRenew(
    file: string,
    side: ServerSide,
    options: { readonly groupReads?: boolean } = {},
  ): Replica {
    try {
      return Replica.open(file, side, options);
    } catch (error) {
      if (!(error instanceof DamagedReplica)) throw error;
      // Emptied, not removed: Dovecot has it open, and would go on reading a file that no longer has a name.
      rmSync(`${file}-journal`, { force: true });
      truncateSync(file);
      return Replica.open(file, side, options);
    }
  }

  /** All changes up to here are in it; 0 before the first snapshot was complete. */
  get epoch(): number {
    return this.#epoch;
  }

  /** Whether it once had everything: before that, what it does not know may exist all the same. */
  get isComplete(): boolean {
    return this.#isComplete;
  }

  /** Takes in rows and the epoch that they reach, at once or not at all; gives the routes that are different now. */
  apply(rows: readonly EdgeRow[], upTo: number, complete: boolean): RouteChanges {
    const touched = new Set<string>();
    const after = new Map<string, boolean | null>();
    const database = this.#database;
    database.exec('begin immediate');
    try {
      for (const row of rows) this.#take(row, touched);
      this.#setMeta('epoch', String(upTo));
      if (complete) this.#setMeta('complete', '1');
      // After all rows: one of them may have given an address up that another one has.
      for (const address of touched) {
        const found = this.#byAddress.get(address);
        after.set(address, found === undefined ? null : found['relayed'] === 1);
      }
      database.exec('commit');
    } catch (error) {
      database.exec('rollback');
      throw error;
    }
    this.#epoch = upTo;
    this.#isComplete ||= complete;
    return this.#follow(after);
  }

  /** Forgets all that it holds for what another replica holds, at once: control's rows began anew. */
  replaceBy(file: string): void {
    const database = this.#database;
    database.exec(`attach '${file.replaceAll("'", "''")}' as fresh`);
    try {
      database.exec('begin immediate');
      try {
        this.passwords.endMissingInFresh();
        for (const table of ['user', 'app_password', 'address', 'account', 'meta'])
          database.exec(`delete from main.${table}`);
        for (const table of ['meta', 'account', 'address', 'app_password', 'user'])
          database.exec(`insert into main.${table} select * from fresh.${table}`);
        database.exec('commit');
      } catch (error) {
        database.exec('rollback');
        throw error;
      }
    } finally {
      database.exec('detach fresh');
    }
    this.#load();
  }

  /** Whose address it is; `address` folded as in domain/address.ts. Null where nobody has it. */
  find(address: string): (ReplicaAccount & { readonly relayed: boolean }) | null {
    const row = this.#byAddress.get(address);
    if (row === undefined) return null;
    return { ...accountOf(row), relayed: row['relayed'] === 1 };
  }

  /**
   * Where a login of this name goes: by the account's login on old, whatever its case, else by an address, in lower case and NFC. Null
   * where nobody has it.
   */
  findLogin(name: string): (ReplicaAccount & { readonly logins: Placement['logins'] }) | null {
    const row = this.#byLogin.get(name, foldedName(name));
    if (row === undefined) return null;
    const logins = String(row['logins']);
    return { ...accountOf(row), logins: logins === 'old' || logins === 'new' ? logins : 'gate' };
  }

  /** Whether the address's mail is relayed; null where nobody has it. */
  isRelayed(address: string): boolean | null {
    return this.#relayed.get(address) ?? null;
  }

  /** All addresses. */
  *addresses(): Iterable<{ readonly address: string; readonly relayed: boolean }> {
    for (const [address, relayed] of this.#relayed) yield { address, relayed };
  }

  /** Whether it has an address of this domain. */
  hasDomain(domain: string): boolean {
    return this.#domains.has(domain);
  }

  get counts(): { readonly accounts: number; readonly addresses: number } {
    const of = (table: string) =>
      Number(this.#database.prepare(`select count(*) as n from ${table}`).get()?.['n']);
    return { accounts: of('account'), addresses: of('address') };
  }

  close(): void {
    if (this.#database.isOpen) this.#database.close();
  }

  #load(): void {
    this.#epoch = Number(this.#meta('epoch'));
    this.#isComplete = this.#meta('complete') === '1';
    this.#relayed = new Map();
    this.#domains = new Map();
    const statement = this.#database.prepare(
      'select address, relayed from address join account on account.id = address.account_id',
    );
    for (const row of statement.iterate()) this.#put(String(row['address']), row['relayed'] === 1);
  }

  /** Null: nobody has it any more. */
  #put(address: string, relayed: boolean | null): void {
    const domain = domainOf(address);
    const had = this.#relayed.has(address) ? 1 : 0;
    const count = (this.#domains.get(domain) ?? 0) + (relayed === null ? 0 : 1) - had;
    if (count > 0) this.#domains.set(domain, count);
    else this.#domains.delete(domain);
    if (relayed === null) this.#relayed.delete(address);
    else this.#relayed.set(address, relayed);
  }

  #follow(after: ReadonlyMap<string, boolean | null>): RouteChanges {
    const changes: RouteChanges = { set: [], kept: [], removed: [], domainsGone: [] };
    for (const [address, relayed] of after) {
      const before = this.isRelayed(address);
      this.#put(address, relayed);
      if (relayed !== null) (relayed ? changes.set : changes.kept).push(address);
      // On new what stays has a row, too.
      if (before !== null && relayed !== before && relayed !== true) changes.removed.push(address);
    }
    const domains = new Set(
      [...after].filter(([, relayed]) => relayed === null).map(([one]) => domainOf(one)),
    );
    changes.domainsGone.push(...[...domains].filter((domain) => !this.#domains.has(domain)));
    return changes;
  }

  /** Adds to `touched` all addresses that it had or has. */
  #take(row: EdgeRow, touched: Set<string>): void {
    const { mail, logins } = placementOf(row.phase);
    const relayed = mail !== this.#side;
    for (const { address } of this.#ofAccount.all(row.id)) touched.add(String(address));
    this.#run(
      `insert into account (id, epoch, phase, old_login, new_login, mail, logins, relayed) values (?, ?, ?, ?, ?, ?, ?, ?)
       on conflict (id) do update set epoch = excluded.epoch, phase = excluded.phase, old_login = excluded.old_login,
         new_login = excluded.new_login, mail = excluded.mail, logins = excluded.logins, relayed = excluded.relayed`,
      [row.id, row.epoch, row.phase, row.oldLogin, row.newLogin, mail, logins, relayed ? 1 : 0],
    );
    this.#run('delete from address where account_id = ?', [row.id]);
    for (const address of row.addresses) {
      touched.add(address);
      // Another account's, which has lost it: its own row may come later in the stream.
      this.#run(
        'insert into address (address, account_id) values (?, ?) on conflict (address) do update set account_id = excluded.account_id',
        [address, row.id],
      );
    }
    this.passwords.take(row);
    this.#run('delete from user where account_id = ?', [row.id]);
    if (row.user == null) return;
    this.#run('insert into user (account_id, login, hash, quota_bytes) values (?, ?, ?, ?)', [
      row.id,
      row.newLogin,
      row.user.hash,
      row.user.quotaBytes,
    ]);
  }

  readonly #statements = new Map<string, StatementSync>();
  #run(sql: string, values: readonly (string | number | null)[]): void {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    statement.run(...values);
  }

  #meta(name: string): string | undefined {
    const value = this.#database.prepare('select value from meta where name = ?').get(name)?.['value'];
    return value === undefined ? undefined : String(value);
  }

  #setMeta(name: string, value: string): void {
    this.#run(
      'insert into meta (name, value) values (?, ?) on conflict (name) do update set value = excluded.value',
      [name, value],
    );
  }
}

/**
 * Addresses whose mail is relayed from now on, or as before; those whose mail stays here, or came to stay; those that are no
 * longer relayed, or nobody's; and domains that have no address any more.
 */
export interface RouteChanges {
  readonly set: string[];
  readonly kept: string[];
  readonly removed: string[];
  readonly domainsGone: string[];
}

/** Came later than the others: a replica of an earlier release has none, and goes on. By old's logins Dovecot asks, at each login. */
const laterTables = `
  create table if not exists user (
    account_id text primary key references account (id), login text not null, hash text, quota_bytes integer) without rowid;
  create index if not exists user_login on user (login collate nocase);
  create index if not exists account_old_login on account (old_login collate nocase)`;

const foldedName = (name: string): string => name.normalize('NFC').toLowerCase();

function accountOf(row: Readonly<Record<string, unknown>>): ReplicaAccount {
  return {
    id: String(row['id']),
    phase: phases.find((one) => one === row['phase']) ?? 'old',
    epoch: Number(row['epoch']),
    oldLogin: String(row['old_login']),
    newLogin: String(row['new_login']),
  };
}

const domainOf = (address: string): string => address.slice(address.lastIndexOf('@') + 1);

function create(database: DatabaseSync, side: ServerSide): void {
  database.exec(`
    begin immediate;
    pragma application_id = ${applicationId};
    pragma user_version = ${version};
    create table meta (name text primary key, value text not null) without rowid;
    create table account (
      id text primary key, epoch integer not null, phase text not null, old_login text not null, new_login text not null,
      mail text not null, logins text not null, relayed integer not null) without rowid;
    create table address (address text primary key, account_id text not null references account (id)) without rowid;
    create index address_account on address (account_id);
    create table app_password (
      id text primary key, account_id text not null references account (id), login text not null, hash text not null,
      protocols text not null, nets text not null, expires_at integer not null) without rowid;
    create index app_password_account on app_password (account_id);
    insert into meta values ('side', '${side}'), ('epoch', '0'), ('complete', '0');
    commit`);
}

function check(database: DatabaseSync, side: ServerSide): void {
  const number = (name: string) => Number(database.prepare(`pragma ${name}`).get()?.[name]);
  if (number('application_id') !== applicationId)
    throw new DamagedReplica('this file is no replica of Mailferry');
  if (number('user_version') !== version) throw new DamagedReplica('this replica is of another release');
  const found = database.prepare(`select value from meta where name = 'side'`).get()?.['value'];
  if (found !== side) throw new DamagedReplica(`this replica is of the ${String(found)} side`);
  const whole = database.prepare('pragma quick_check(1)').get()?.['quick_check'];
  if (whole !== 'ok') throw new DamagedReplica(`this replica is damaged: ${String(whole)}`);
}
