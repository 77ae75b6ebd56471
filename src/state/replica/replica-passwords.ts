/**
 * App passwords in the replica: those that Dovecot asks for, and those that are good no more, until the sessions that were opened
 * with them are cut. The second list is written with the change that ends a password, so that no kill of the edge loses one.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { ServerSide } from '../../domain/placement.ts';
import type { EdgeRow } from '../database/edge-rows.ts';

/** A password that is good no more. */
export interface EndedPassword {
  readonly id: string;
  /** As Dovecot knows the account. */
  readonly login: string;
  readonly protocols: readonly string[];
  /** Networks in CIDR form, or addresses, that it could come from. */
  readonly nets: readonly string[];
}

interface Known {
  readonly ended: readonly EndedPassword[];
  /** Seconds since 1970, when the next one runs out. */
  readonly soonestEnd: number;
}

/** Came later than the rest: a replica of an earlier release has none of it, and goes on. */
const laterTables = `
  create table if not exists ended_password (
    id text not null, login text not null, protocols text not null, nets text not null, primary key (id, login)) without rowid;
  create index if not exists app_password_expires on app_password (expires_at)`;

const sameRow = 'select 1 from fresh.app_password as f where f.id = old.id and f.login = old.login';

export class ReplicaPasswords {
  readonly #database: DatabaseSync;
  readonly #side: ServerSide;
  readonly #statements = new Map<string, StatementSync>();
  /** As the file has them; null where it may have others. Who looks each second must not wait for the file's lock. */
  #known: Known | null = null;

  constructor(database: DatabaseSync, side: ServerSide) {
    this.#database = database;
    this.#side = side;
    database.exec(laterTables);
  }

  /** Only inside a transaction: those of the account are these from now on. */
  take({ id: accountId, oldLogin, newLogin, appPasswords }: EdgeRow): void {
    const login = this.#side === 'old' ? oldLogin : newLogin;
    this.#known = null;
    this.#run(
      `insert or replace into ended_password (id, login, protocols, nets)
       select id, login, protocols, nets from app_password where account_id = ?`,
      [accountId],
    );
    this.#run('delete from app_password where account_id = ?', [accountId]);
    for (const { id, hash, protocols, nets, expiresAtMs } of appPasswords) {
      this.#run('delete from ended_password where id = ? and login = ?', [id, login]);
      this.#run(
        'insert into app_password (id, account_id, login, hash, protocols, nets, expires_at) values (?, ?, ?, ?, ?, ?, ?)',
        [
          id,
          accountId,
          login,
          hash,
          // With a blank on both sides of each word, so that SQL finds a whole one.
          ` ${protocols.join(' ')} `,
          nets.join(','),
          Math.floor(expiresAtMs / 1000),
        ],
      );
    }
  }

  /** Only inside the transaction that takes all from the attached database `fresh`. */
  endMissingInFresh(): void {
    this.#known = null;
    this.#database.exec(
      `insert or replace into main.ended_password (id, login, protocols, nets)
       select id, login, protocols, nets from main.app_password as old where not exists (${sameRow})`,
    );
  }

  /** Those that have run out are ended: control tells of no change when one does. */
  endExpired(nowMs: number): void {
    const now = Math.floor(nowMs / 1000);
    if (this.#read().soonestEnd > now) return;
    this.#known = null;
    this.#database.exec('begin immediate');
    try {
      this.#run(
        `insert or replace into ended_password (id, login, protocols, nets)
         select id, login, protocols, nets from app_password where expires_at <= ?`,
        [now],
      );
      this.#run('delete from app_password where expires_at <= ?', [now]);
      this.#database.exec('commit');
    } catch (error) {
      this.#database.exec('rollback');
      throw error;
    }
  }

  /** In no order. */
  ended(): readonly EndedPassword[] {
    return this.#read().ended;
  }

  /** Their sessions are cut. */
  forget(ended: readonly Pick<EndedPassword, 'id' | 'login'>[]): void {
    if (ended.length > 0) this.#known = null;
    for (const { id, login } of ended)
      this.#run('delete from ended_password where id = ? and login = ?', [id, login]);
  }

  #read(): Known {
    this.#known ??= {
      ended: this.#all('select id, login, protocols, nets from ended_password').map((row) => ({
        id: String(row['id']),
        login: String(row['login']),
        protocols: String(row['protocols']).trim().split(' '),
        nets: String(row['nets']).split(','),
      })),
      soonestEnd: Number(
        this.#all('select min(expires_at) as at from app_password')[0]?.['at'] ?? Number.POSITIVE_INFINITY,
      ),
    };
    return this.#known;
  }

  #run(sql: string, values: readonly (string | number)[]): void {
    this.#statement(sql).run(...values);
  }

  #all(sql: string): Record<string, unknown>[] {
    return this.#statement(sql).all();
  }

  #statement(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}
