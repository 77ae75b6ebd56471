/**
 * A look at a replica that somebody else writes: opened for reading alone, nothing of it is changed or made. Closed soon: while a
 * question is under way here the edge's next change waits.
 */
import { DatabaseSync } from 'node:sqlite';
import type { ServerSide } from '../../domain/placement.ts';

const waitMs = 500;

export interface ReplicaCounts {
  readonly epoch: number;
  readonly isComplete: boolean;
  readonly accounts: number;
  /** Accounts whose mail goes to the peer. */
  readonly relayed: number;
  /** App passwords that are good now. */
  readonly appPasswords: number;
  readonly users: number;
}

export class ReplicaLook {
  readonly #database: DatabaseSync;

  /** Throws where it is not there, none of that side, or cannot be read now. */
  constructor(file: string, side: ServerSide) {
    this.#database = new DatabaseSync(file, { readOnly: true, timeout: waitMs });
    try {
      const found = this.#meta('side');
      if (found !== side) throw new Error(`it is of the ${found ?? 'unknown'} side`);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  counts(nowMs: number): ReplicaCounts {
    const number = (sql: string, ...values: number[]) =>
      Number(Object.values(this.#database.prepare(sql).get(...values) ?? {})[0] ?? 0);
    const hasUsers = number(`select count(*) from sqlite_master where name = 'user' and type = 'table'`) > 0;
    return {
      epoch: Number(this.#meta('epoch') ?? 0),
      isComplete: this.#meta('complete') === '1',
      accounts: number('select count(*) from account'),
      relayed: number('select coalesce(sum(relayed), 0) from account'),
      appPasswords: number(
        'select count(*) from app_password where expires_at > ?',
        Math.floor(nowMs / 1_000),
      ),
      users: hasUsers ? number('select count(*) from user') : 0,
    };
  }

  /** Addresses of at most `count` accounts that lie beside each other, each time at another place. */
  sample(relayed: boolean, count: number, random: (limit: number) => number): string[] {
    const flag = relayed ? 1 : 0;
    const all = Number(
      this.#database.prepare('select count(*) as n from account where relayed = ?').get(flag)?.['n'] ?? 0,
    );
    if (all === 0) return [];
    const from = all <= count ? 0 : random(all - count + 1);
    const accounts = this.#database
      .prepare('select id from account where relayed = ? order by id limit ? offset ?')
      .all(flag, count, from);
    const addresses = this.#database.prepare(
      'select address from address where account_id = ? order by address limit 3',
    );
    return accounts.flatMap(({ id }) => addresses.all(String(id)).map((row) => String(row['address'])));
  }

  /** Null where nobody has the address. */
  isRelayed(address: string): boolean | null {
    const row = this.#database
      .prepare('select relayed from address join account on account.id = account_id where address = ?')
      .get(address);
    return row === undefined ? null : row['relayed'] === 1;
  }

  close(): void {
    if (this.#database.isOpen) this.#database.close();
  }

  #meta(name: string): string | undefined {
    const value = this.#database.prepare('select value from meta where name = ?').get(name)?.['value'];
    return value === undefined || value === null ? undefined : String(value);
  }
}
