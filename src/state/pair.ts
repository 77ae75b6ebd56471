/** Which two accounts a state file belongs to; set once. */
import { text } from './row-value.ts';
import type { Sql } from './sql.ts';

/** The two accounts' identities, without a secret. */
export interface AccountPair {
  readonly from: string;
  readonly to: string;
}

/** Null in a new file. */
export function pairOf(sql: Sql): AccountPair | null {
  const row = sql.get('select from_account, to_account from account_pair');
  return row ? { from: text(row, 'from_account'), to: text(row, 'to_account') } : null;
}

export function setPair(sql: Sql, pair: AccountPair, nowMs: number): void {
  sql.run(
    'insert into account_pair (id, from_account, to_account, created_at_ms) values (1, ?, ?, ?)',
    pair.from,
    pair.to,
    nowMs,
  );
}
