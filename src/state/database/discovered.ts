/**
 * What the list of old's addresses told: accounts that were adopted from it, and accounts that it no longer has. An account
 * that is missing in one look is only suspected; in two it has vanished, which is told, and changes nothing else.
 */
import type { Kysely } from 'kysely';
import { type ErrorCode, errorTable, type MailferryError } from '../../base/errors.ts';
import { operatorAction } from '../../domain/trouble.ts';
import { appendAudit } from './audit.ts';
import { databaseNow } from './dialect.ts';
import { appendEvent } from './events.ts';
import { valuesAtOnce } from './selection.ts';
import type { Tables } from './tables.ts';

export const discoveredStates = ['adopted', 'missing', 'vanished'] as const;
export type DiscoveredState = (typeof discoveredStates)[number];

export interface Discovered {
  readonly accountId: string;
  readonly address: string;
  readonly state: DiscoveredState;
  readonly atMs: number;
}

export interface DiscoveryLook {
  /** As in the configuration. */
  readonly source: string;
  readonly atMs: number;
  readonly goodAtMs: number | null;
  readonly listed: number;
  readonly code: ErrorCode | null;
  readonly reason: string | null;
}

export interface WatchedAccount {
  readonly id: string;
  readonly address: string;
  readonly oldLogin: string;
}

/** Accounts that need old, in the order of their ids. */
export async function watchedAccounts(
  db: Kysely<Tables>,
  { after, limit }: { readonly after: string; readonly limit: number },
): Promise<WatchedAccount[]> {
  const rows = await db
    .selectFrom('account')
    .select(['id', 'address', 'old_login'])
    .where('phase', '!=', 'done')
    .where('id', '>', after)
    .orderBy('id')
    .limit(limit)
    .execute();
  return rows.map(({ id, address, old_login: oldLogin }) => ({ id, address, oldLogin }));
}

/** Those that were missing in a look before: suspected, or vanished. */
export async function missingBefore(db: Kysely<Tables>): Promise<ReadonlyMap<string, DiscoveredState>> {
  const rows = await db
    .selectFrom('discovered')
    .select(['account_id', 'state'])
    .where('state', 'in', ['missing', 'vanished'])
    .execute();
  return new Map(rows.map(({ account_id: id, state }) => [id, state as DiscoveredState]));
}

/** How a look went; `error` where it came to nothing. */
export async function noteLook(
  db: Kysely<Tables>,
  source: string,
  { listed, error }: { readonly listed: number; readonly error: MailferryError | null },
): Promise<void> {
  const row = {
    at_ms: databaseNow(db),
    code: error?.code ?? null,
    reason: error === null ? null : error.message.slice(0, 1_000),
    ...(error === null ? { good_at_ms: databaseNow(db), listed } : {}),
  };
  await db
    .insertInto('discovery_look')
    .values({ source, listed: 0, ...row })
    .onConflict((conflict) => conflict.column('source').doUpdateSet(row))
    .execute();
}

/** Null before the first. */
export async function lastLook(db: Kysely<Tables>, source: string): Promise<DiscoveryLook | null> {
  const row = await db
    .selectFrom('discovery_look')
    .selectAll()
    .where('source', '=', source)
    .executeTakeFirst();
  if (row === undefined) return null;
  const { code } = row;
  return {
    source,
    atMs: row.at_ms,
    goodAtMs: row.good_at_ms,
    listed: row.listed,
    code: code !== null && code in errorTable ? (code as ErrorCode) : null,
    reason: row.reason,
  };
}

export async function noteAdopted(
  db: Kysely<Tables>,
  accounts: readonly WatchedAccountName[],
): Promise<void> {
  await put(db, accounts, 'adopted');
}

/** They are not in this list, for the first time. */
export async function noteMissing(
  db: Kysely<Tables>,
  accounts: readonly WatchedAccountName[],
): Promise<void> {
  await put(db, accounts, 'missing');
}

export interface WatchedAccountName {
  readonly id: string;
  readonly address: string;
}

/**
 * They are not in a second list either: told in the audit log, as events, and as what the account wants attention for, unless
 * something else is. The work on it goes on.
 */
export async function noteVanished(
  db: Kysely<Tables>,
  accounts: readonly WatchedAccountName[],
  actor: string,
  nowMs: number,
): Promise<void> {
  const code = 'account-vanished';
  for (const { id, address } of accounts) {
    await db.transaction().execute(async (inside) => {
      await put(inside, [{ id, address }], 'vanished');
      const attention = {
        code,
        reason: `${address} is no longer in old's list of addresses`,
        action: operatorAction(code).en,
        sinceMs: nowMs,
      };
      await inside
        .updateTable('account')
        .set({ attention: JSON.stringify(attention) })
        .where('id', '=', id)
        .where('attention', 'is', null)
        .execute();
      const told = { subject: id, detail: { address } };
      await appendAudit(inside, { actor, action: 'account.vanished', ...told });
      await appendEvent(inside, { kind: 'account.vanished', ...told });
    });
  }
}

/** They are in the list again: what was said of them is taken back. */
export async function noteReturned(db: Kysely<Tables>, ids: readonly string[], actor: string): Promise<void> {
  for (const id of ids) {
    await db.transaction().execute(async (inside) => {
      const [row] = await inside
        .deleteFrom('discovered')
        .where('account_id', '=', id)
        .returning('state')
        .execute();
      if (row?.state !== 'vanished') return;
      await inside
        .updateTable('account')
        .set({ attention: null })
        .where('id', '=', id)
        .where('attention_code', '=', 'account-vanished')
        .execute();
      await appendAudit(inside, { actor, action: 'account.returned', subject: id, detail: {} });
      await appendEvent(inside, { kind: 'account.returned', subject: id, detail: {} });
    });
  }
}

/** In the order of their addresses. */
export async function discoveredPage(
  db: Kysely<Tables>,
  {
    state,
    after,
    limit,
  }: { readonly state: DiscoveredState; readonly after: string; readonly limit: number },
): Promise<Discovered[]> {
  const rows = await db
    .selectFrom('discovered')
    .selectAll()
    .where('state', '=', state)
    .where('address', '>', after)
    .orderBy('address')
    .limit(limit)
    .execute();
  return rows.map((row) => ({
    accountId: row.account_id,
    address: row.address,
    state,
    atMs: row.at_ms,
  }));
}

/** How many stand in each state. */
export async function discoveredCounts(
  db: Kysely<Tables>,
): Promise<Readonly<Record<DiscoveredState, number>>> {
  const rows = await db
    .selectFrom('discovered')
    .select(({ fn }) => ['state', fn.countAll<number>().as('n')])
    .groupBy('state')
    .execute();
  const counts = { adopted: 0, missing: 0, vanished: 0 };
  for (const { state, n } of rows) {
    const one = discoveredStates.find((known) => known === state);
    if (one !== undefined) counts[one] = n;
  }
  return counts;
}

/**
 * The one team that all accounts of a domain are in, by name of the domain. Where they are in several, or some in none, it is
 * left out: who may see the accounts of one team must not be given those of others. A domain without accounts has the
 * team that it was entered with.
 */
export async function teamsOfDomains(
  db: Kysely<Tables>,
  names: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  if (names.length === 0) return new Map();
  const entered = await db
    .selectFrom('domain')
    .innerJoin('team', 'team.id', 'domain.team_id')
    .select(['domain.name as domain', 'team.name as team'])
    .where('domain.name', 'in', names)
    .execute();
  const ofAccounts = await db
    .selectFrom('account')
    .leftJoin('team', 'team.id', 'account.team_id')
    .select(['account.domain', 'team.name as team'])
    .distinct()
    .where('account.domain', 'in', names)
    .execute();
  const teams = new Map<string, string | null>(entered.map(({ domain, team }) => [domain, team]));
  const seen = new Set<string>();
  for (const { domain, team } of ofAccounts) {
    if (domain === null) continue;
    teams.set(domain, seen.has(domain) ? null : team);
    seen.add(domain);
  }
  return new Map([...teams].flatMap(([domain, team]) => (team === null ? [] : [[domain, team]])));
}

async function put(
  db: Kysely<Tables>,
  accounts: readonly WatchedAccountName[],
  state: DiscoveredState,
): Promise<void> {
  for (let at = 0; at < accounts.length; at += valuesAtOnce) {
    await db
      .insertInto('discovered')
      .values(
        accounts.slice(at, at + valuesAtOnce).map(({ id, address }) => ({
          account_id: id,
          address,
          state,
          at_ms: databaseNow(db),
        })),
      )
      .onConflict((conflict) =>
        conflict
          .column('account_id')
          .doUpdateSet((eb) => ({ state: eb.ref('excluded.state'), at_ms: eb.ref('excluded.at_ms') })),
      )
      .execute();
  }
}
