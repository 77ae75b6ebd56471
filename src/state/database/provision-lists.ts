/** What an operator looks at of the accounts on new: how many stand where, and those that a person may have to do with. */
import { type Kysely, sql } from 'kysely';
import { type ErrorCode, errorTable } from '../../base/errors.ts';
import { type PasswordOrigin, passwordOrigins, type ProvisionState, provisionStates } from './provisions.ts';
import type { Tables } from './tables.ts';

export interface ProvisionCounts {
  readonly made: number;
  readonly waiting: number;
  readonly failed: number;
  /** Made, and nobody can log in by a password. */
  readonly withoutPassword: number;
  /** Of these, whose owners were written to. */
  readonly asked: number;
  /** The last try did not go well, whatever is there. */
  readonly trouble: number;
}

/** `trouble`: the last try did not go well. `without-password`: made, and nobody can log in there by a password. */
export const provisionLists = ['trouble', 'without-password'] as const;
export type ProvisionList = (typeof provisionLists)[number];

export interface ProvisionEntry {
  readonly accountId: string;
  readonly address: string;
  readonly state: ProvisionState;
  readonly adapter: string | null;
  readonly origin: PasswordOrigin;
  readonly failures: number;
  readonly code: ErrorCode | null;
  /** The answer of the other side. */
  readonly reason: string | null;
  /** The next try, in epoch milliseconds; null where none is due. */
  readonly nextMs: number | null;
  readonly changedMs: number;
  readonly asked: number;
  readonly askedMs: number | null;
}

/** Of all accounts, by an index alone. */
export async function provisionCounts(db: Kysely<Tables>): Promise<ProvisionCounts> {
  const rows = await db
    .selectFrom('provision')
    .select(({ fn }) => [
      'state',
      'password',
      fn.countAll<number>().as('n'),
      sql<number>`sum(case when asked > 0 then 1 else 0 end)`.as('asked'),
    ])
    .groupBy(['state', 'password'])
    .execute();
  const { trouble } = await db
    .selectFrom('provision')
    .select(({ fn }) => fn.countAll<number>().as('trouble'))
    .where('code', 'is not', null)
    .executeTakeFirstOrThrow();
  const of = (fits: (row: (typeof rows)[number]) => boolean) => rows.filter(fits);
  const sum = (some: typeof rows, what: 'n' | 'asked') => some.reduce((all, row) => all + row[what], 0);
  const bare = of(({ state, password }) => state === 'made' && ['none', 'locked'].includes(password));
  return {
    made: sum(
      of(({ state }) => state === 'made'),
      'n',
    ),
    waiting: sum(
      of(({ state }) => state === 'waiting'),
      'n',
    ),
    failed: sum(
      of(({ state }) => state === 'failed'),
      'n',
    ),
    withoutPassword: sum(bare, 'n'),
    asked: sum(bare, 'asked'),
    trouble,
  };
}

/** In the order of the accounts' ids. */
export async function provisionPage(
  db: Kysely<Tables>,
  list: ProvisionList,
  { after, limit }: { readonly after: string; readonly limit: number },
): Promise<ProvisionEntry[]> {
  const all = db
    .selectFrom('provision')
    .innerJoin('account', 'account.id', 'provision.account_id')
    .select([
      'account_id',
      'address',
      'state',
      'adapter',
      'password',
      'failures',
      'code',
      'reason',
      'due_ms',
      'changed_at_ms',
      'asked',
      'asked_ms',
    ])
    .where('account_id', '>', after)
    .orderBy('account_id')
    .limit(limit);
  // As the indexes have it, word for word: a parameter would keep SQLite from using them.
  const narrowed =
    list === 'trouble'
      ? all.where('code', 'is not', null)
      : all
          .where('state', '=', sql.lit('made'))
          .where('password', 'in', [sql.lit('none'), sql.lit('locked')]);
  const rows = await narrowed.execute();
  return rows.map((row) => ({
    accountId: row.account_id,
    address: row.address,
    state: provisionStates.find((one) => one === row.state) ?? 'waiting',
    adapter: row.adapter,
    origin: passwordOrigins.find((one) => one === row.password) ?? 'none',
    failures: row.failures,
    code: row.code !== null && row.code in errorTable ? (row.code as ErrorCode) : null,
    reason: row.reason,
    nextMs: row.due_ms,
    changedMs: row.changed_at_ms,
    asked: row.asked,
    askedMs: row.asked_ms,
  }));
}
