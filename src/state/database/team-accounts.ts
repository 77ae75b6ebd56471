/** The accounts of a team as its administrator sees them: in what state each is, and all in numbers. */
import { type ExpressionBuilder, type Kysely, sql } from 'kysely';
import type { ErrorCode } from '../../base/errors.ts';
import { idOrAddressForm } from './address-form.ts';
import { ownersOf } from './addresses.ts';
import type { Tables } from './tables.ts';

export const accountStates = ['across', 'under-way', 'waiting', 'needs-you', 'paused'] as const;
export type AccountState = (typeof accountStates)[number];

export const teamSorts = ['address', 'state', 'messages', 'refused', 'activity'] as const;
export type TeamSort = (typeof teamSorts)[number];

export interface TeamAccount {
  readonly id: string;
  readonly address: string;
  readonly phase: string;
  readonly state: AccountState;
  readonly messagesTotal: number;
  readonly messagesDone: number;
  /** On old; where nobody knows, what was sent. */
  readonly bytes: number;
  readonly refused: number;
  readonly attentionCode: string | null;
  readonly scheduledForMs: number | null;
  readonly lastActivityMs: number | null;
}

export interface TeamFilter {
  readonly teamId: string;
  /** Part of the address, lower case. */
  readonly contains: string | null;
  readonly phase: string | null;
  readonly state: AccountState | null;
  readonly sort: TeamSort;
  readonly descending: boolean;
}

/** `asking`: codes of trouble that a person has to do something about. */
export async function teamAccounts(
  db: Kysely<Tables>,
  filter: TeamFilter,
  asking: readonly ErrorCode[],
  { offset, limit }: { readonly offset: number; readonly limit: number },
): Promise<{ readonly rows: readonly TeamAccount[]; readonly total: number }> {
  const inner = rowsOf(db, filter, asking);
  const { n: total } = await db
    .selectFrom(inner.as('row'))
    .select(({ fn }) => fn.countAll<number>().as('n'))
    .executeTakeFirstOrThrow();
  const direction = filter.descending ? 'desc' : 'asc';
  const rows = await db
    .selectFrom(inner.as('row'))
    .selectAll()
    .orderBy(columns[filter.sort], direction)
    .orderBy('address')
    .offset(offset)
    .limit(limit)
    .execute();
  return { total, rows: rows.map((row) => ({ ...row, state: row.state as AccountState })) };
}

const columns = {
  address: 'address',
  state: 'state',
  messages: 'messagesTotal',
  refused: 'refused',
  activity: 'lastActivityMs',
} as const;

export interface TeamSummary {
  readonly accounts: number;
  readonly states: Readonly<Partial<Record<AccountState, number>>>;
  readonly messagesTotal: number;
  readonly messagesDone: number;
  readonly bytes: number;
  readonly bytesCopied: number;
  readonly refused: number;
}

export async function teamSummary(
  db: Kysely<Tables>,
  teamId: string,
  asking: readonly ErrorCode[],
): Promise<TeamSummary> {
  const all = {
    teamId,
    contains: null,
    phase: null,
    state: null,
    sort: 'address',
    descending: false,
  } as const;
  const rows = await db
    .selectFrom(rowsOf(db, all, asking).as('row'))
    .select(({ fn }) => [
      'state',
      fn.countAll<number>().as('n'),
      // PostgreSQL's sums are NUMERIC, which comes as text.
      fn.sum<number | string | null>('messagesTotal').as('total'),
      fn.sum<number | string | null>('messagesDone').as('done'),
      fn.sum<number | string | null>('bytes').as('bytes'),
      fn.sum<number | string | null>('bytesCopied').as('copied'),
      fn.sum<number | string | null>('refused').as('refused'),
    ])
    .groupBy('state')
    .execute();
  const sum = (of: (row: (typeof rows)[number]) => number | string | null) =>
    rows.reduce((all_, row) => all_ + Number(of(row) ?? 0), 0);
  return {
    accounts: sum(({ n }) => n),
    states: Object.fromEntries(rows.map(({ state, n }) => [state, n])),
    messagesTotal: sum(({ total }) => total),
    messagesDone: sum(({ done }) => done),
    bytes: sum(({ bytes }) => bytes),
    bytesCopied: sum(({ copied }) => copied),
    refused: sum(({ refused }) => refused),
  };
}

/** Those of these ids and addresses, however they are written, that are the team's; and what is not, as it was named. */
export async function accountsInTeam(
  db: Kysely<Tables>,
  teamId: string,
  names: readonly string[],
): Promise<{ readonly ids: readonly string[]; readonly unknown: readonly string[] }> {
  const wanted = names.map(idOrAddressForm);
  const found = new Map<string, string>();
  for (let at = 0; at < wanted.length; at += 1_000) {
    const some = wanted.slice(at, at + 1_000);
    const owners = await ownersOf(db, some);
    const rows = await db
      .selectFrom('account')
      .select('id')
      .where('team_id', '=', teamId)
      .where('id', 'in', [...some, ...owners.values()])
      .execute();
    const own = new Set(rows.map(({ id }) => id));
    for (const name of some) {
      const id = owners.get(name) ?? name;
      if (own.has(id)) found.set(name, id);
    }
  }
  return {
    ids: [...new Set(found.values())],
    unknown: names.filter((_, at) => !found.has(wanted[at] ?? '')),
  };
}

function rowsOf(db: Kysely<Tables>, filter: TeamFilter, asking: readonly ErrorCode[]) {
  let question = db
    .selectFrom('account')
    .leftJoin('account_progress as p', 'p.account_id', 'account.id')
    .leftJoin('account_detail as d', 'd.account_id', 'account.id')
    .select((eb) => [
      'account.id as id',
      'account.address as address',
      'account.phase as phase',
      'account.attention_code as attentionCode',
      'account.scheduled_for as scheduledForMs',
      'p.updated_ms as lastActivityMs',
      eb.fn.coalesce('p.messages_total', sql<number>`0`).as('messagesTotal'),
      eb.fn.coalesce('p.messages_done', sql<number>`0`).as('messagesDone'),
      eb.fn.coalesce('d.bytes_on_old', 'p.bytes_copied', sql<number>`0`).as('bytes'),
      eb.fn.coalesce('p.bytes_copied', sql<number>`0`).as('bytesCopied'),
      eb.fn.coalesce('p.messages_refused', sql<number>`0`).as('refused'),
      stateOf(eb as never, asking).as('state'),
    ])
    .where('account.team_id', '=', filter.teamId);
  if (filter.contains !== null) {
    const escaped = filter.contains.replace(/[\\%_]/g, String.raw`\$&`);
    question = question.where(sql<boolean>`account.address like ${`%${escaped}%`} escape '\\'`);
  }
  if (filter.phase !== null) question = question.where('account.phase', '=', filter.phase);
  if (filter.state !== null) {
    question = question.where((eb) => eb(stateOf(eb as never, asking), '=', filter.state as string));
  }
  return question;
}

function stateOf(eb: ExpressionBuilder<Tables, 'account'>, asking: readonly ErrorCode[]) {
  return eb
    .case()
    .when('account.paused', 'is not', null)
    .then('paused')
    .when('account.attention_code', 'in', asking)
    .then('needs-you')
    .when('account.phase', '=', 'old')
    .then('waiting')
    .when('account.phase', 'in', ['in-step', 'switched', 'done'])
    .then('across')
    .else('under-way')
    .end();
}
