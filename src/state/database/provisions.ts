/**
 * Where the making of each account on new stands. The hash that Mailferry put there is kept sealed: it is what the edges of
 * new are told, and what tells a password that somebody changed on old from one that is as it was.
 */
import { type InsertObject, type Kysely, type Selectable, sql } from 'kysely';
import { type ErrorCode, errorTable, MailferryError } from '../../base/errors.ts';
import type { Secret } from '../../base/secret.ts';
import { appendAudit } from './audit.ts';
import { databaseNow } from './dialect.ts';
import type { EnvelopeKey } from './envelope.ts';
import { appendEvent } from './events.ts';
import { type Selection, selected, valuesAtOnce } from './selection.ts';
import type { ProvisionTable, Tables } from './tables.ts';

export const provisionStates = ['waiting', 'made', 'failed'] as const;
export type ProvisionState = (typeof provisionStates)[number];
export const passwordOrigins = ['copied', 'captured', 'none', 'locked'] as const;
/**
 * `none`: nobody gave one; the account is there, and its owner cannot log in by a password of old yet. `locked`: the same, and
 * old lets nobody log in.
 */
export type PasswordOrigin = (typeof passwordOrigins)[number];

export interface Provision {
  readonly state: ProvisionState;
  readonly adapter: string | null;
  readonly origin: PasswordOrigin;
  /** That Mailferry put there. */
  readonly hash: Secret | null;
  readonly failures: number;
  readonly code: ErrorCode | null;
  readonly reason: string | null;
  readonly madeAtMs: number | null;
}

/** What is to be on new for an account, apart from its password. */
export interface WantedAccount {
  readonly id: string;
  readonly address: string;
  readonly oldLogin: string;
  readonly newLogin: string;
  /** Without the account's own; in order. */
  readonly aliases: readonly string[];
  readonly quotaBytes: number | null;
  readonly phase: string;
}

export const sealedColumn = 'provision.sealed';

/** Throws `account-unknown`. */
export async function wantedAccount(db: Kysely<Tables>, id: string): Promise<WantedAccount> {
  const row = await db
    .selectFrom('account')
    .select(['id', 'address', 'old_login', 'new_login', 'quota_bytes', 'phase'])
    .where('id', '=', id)
    .executeTakeFirst();
  if (row === undefined) throw new MailferryError('account-unknown', `there is no account ${id}`);
  const addresses = await db
    .selectFrom('address')
    .select('address')
    .where('account_id', '=', id)
    .where('address', '!=', row.address)
    .orderBy('address')
    .execute();
  return {
    id,
    address: row.address,
    oldLogin: row.old_login,
    newLogin: row.new_login,
    aliases: addresses.map(({ address }) => address),
    quotaBytes: row.quota_bytes,
    phase: row.phase,
  };
}

/** Null where nobody asked for it yet. Throws `secret-unreadable`. */
export async function provisionOf(
  db: Kysely<Tables>,
  key: EnvelopeKey,
  accountId: string,
): Promise<Provision | null> {
  const row = await db
    .selectFrom('provision')
    .selectAll()
    .where('account_id', '=', accountId)
    .executeTakeFirst();
  return row === undefined ? null : ofRow(row, key);
}

/** Ids of those that are meant, in order, after `after`. */
export async function selectedIds(
  db: Kysely<Tables>,
  selection: Selection,
  { after, limit }: { readonly after: string; readonly limit: number },
): Promise<string[]> {
  const rows = await db
    .selectFrom('account')
    .select('id')
    .where((eb) => selected(eb, selection))
    .where('id', '>', after)
    .orderBy('id')
    .limit(limit)
    .execute();
  return rows.map(({ id }) => id);
}

/** Whether the account is there on new, as far as Mailferry makes it. */
export async function isMade(db: Kysely<Tables>, accountId: string): Promise<boolean> {
  const row = await db
    .selectFrom('provision')
    .select('made_at_ms')
    .where('account_id', '=', accountId)
    .executeTakeFirst();
  return row !== undefined && row.made_at_ms !== null;
}

/** Those of them that nobody asked for yet become due. */
export async function askForNew(db: Kysely<Tables>, ids: readonly string[]): Promise<void> {
  for (let at = 0; at < ids.length; at += valuesAtOnce) {
    const rows = ids.slice(at, at + valuesAtOnce).map((id) => waiting(db, id, 0));
    await db
      .insertInto('provision')
      .values(rows)
      .onConflict((conflict) => conflict.column('account_id').doNothing())
      .execute();
  }
}

function waiting(db: Kysely<Tables>, id: string, inMs: number): InsertObject<Tables, 'provision'> {
  return {
    account_id: id,
    state: 'waiting',
    adapter: null,
    password: 'none',
    sealed: null,
    failures: 0,
    due_ms: sql<number>`${databaseNow(db)} + ${sql.lit(Math.round(inMs))}`,
    code: null,
    reason: null,
    made_at_ms: null,
    changed_at_ms: databaseNow(db),
  };
}

/** After so many milliseconds they are due, whatever came of them before. */
export async function askFor(db: Kysely<Tables>, ids: readonly string[], inMs: number): Promise<void> {
  if (ids.length === 0) return;
  await db
    .insertInto('provision')
    .values(ids.map((id) => waiting(db, id, inMs)))
    .onConflict((conflict) =>
      conflict.column('account_id').doUpdateSet((eb) => ({
        state: sql<string>`case when provision.state = 'failed' then 'waiting' else provision.state end`,
        failures: 0,
        due_ms: eb.ref('excluded.due_ms'),
        changed_at_ms: eb.ref('excluded.changed_at_ms'),
      })),
    )
    .execute();
}

/** The same for those of them that failed. In the transaction in which somebody wants it tried again. */
export async function askForFailed(inside: Kysely<Tables>, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await inside
    .updateTable('provision')
    .set({ state: 'waiting', failures: 0, due_ms: databaseNow(inside) })
    .where('account_id', 'in', ids)
    .where('state', '=', 'failed')
    .execute();
}

/** Something that it depends on was changed, as a password that was captured: one that is there already is looked at again. */
export async function lookAgain(db: Kysely<Tables>, accountId: string): Promise<void> {
  await db
    .updateTable('provision')
    .set({ due_ms: databaseNow(db) })
    .where('account_id', '=', accountId)
    .execute();
}

/** The earliest first. */
export async function dueProvisions(db: Kysely<Tables>, limit: number): Promise<string[]> {
  const rows = await db
    .selectFrom('provision')
    .select('account_id')
    .where('due_ms', '<=', databaseNow(db))
    .orderBy('due_ms')
    .limit(limit)
    .execute();
  return rows.map(({ account_id: id }) => id);
}

export interface Made {
  readonly adapter: string;
  readonly origin: PasswordOrigin;
  readonly hash: Secret | null;
  /** What was done there, in words of the adapter's list. */
  readonly changes: readonly string[];
  /** Milliseconds to the next look; null for none. */
  readonly againMs: number | null;
}

/** In one transaction with audit row and event; the event wakes the worker that waits for it. */
export async function noteMade(
  db: Kysely<Tables>,
  key: EnvelopeKey,
  accountId: string,
  { adapter, origin, hash, changes, againMs }: Made,
  actor: string,
): Promise<void> {
  await db.transaction().execute(async (inside) => {
    const before = await inside
      .selectFrom('provision')
      .select('state')
      .where('account_id', '=', accountId)
      .executeTakeFirst();
    await inside
      .updateTable('provision')
      .set({
        state: 'made',
        adapter,
        password: origin,
        sealed: sealedOf(key, accountId, hash),
        failures: 0,
        code: null,
        reason: null,
        due_ms:
          againMs === null ? null : sql<number>`${databaseNow(inside)} + ${sql.lit(Math.round(againMs))}`,
        made_at_ms: sql<number>`coalesce(made_at_ms, ${databaseNow(inside)})`,
        changed_at_ms: databaseNow(inside),
      })
      .where('account_id', '=', accountId)
      .execute();
    // A look that found all as it was is no news.
    if (before?.state === 'made' && changes.length === 0) return;
    const detail = { adapter, password: origin, changes };
    await appendAudit(inside, { actor, action: 'account.provision', subject: accountId, detail });
    await appendEvent(inside, { kind: 'account.provision', subject: accountId, detail: { state: 'made' } });
  });
}

/** `againMs` null: nothing is tried before somebody acts. */
export async function noteNotMade(
  db: Kysely<Tables>,
  accountId: string,
  { error, againMs }: { readonly error: MailferryError; readonly againMs: number | null },
): Promise<void> {
  await db
    .updateTable('provision')
    .set({
      ...(againMs === null ? { state: 'failed' } : {}),
      failures: sql<number>`failures + 1`,
      code: error.code,
      reason: error.message.slice(0, 1_000),
      due_ms: againMs === null ? null : sql<number>`${databaseNow(db)} + ${sql.lit(Math.round(againMs))}`,
      changed_at_ms: databaseNow(db),
    })
    .where('account_id', '=', accountId)
    .execute();
}

/** For the row; null for none. */
export function sealedOf(key: EnvelopeKey, accountId: string, hash: Secret | null): string | null {
  return hash === null ? null : key.seal(hash, accountId, sealedColumn);
}

function ofRow(row: Selectable<ProvisionTable>, key: EnvelopeKey): Provision {
  const { account_id: id, code, sealed } = row;
  return {
    state: provisionStates.find((one) => one === row.state) ?? 'waiting',
    adapter: row.adapter,
    origin: passwordOrigins.find((one) => one === row.password) ?? 'none',
    hash: sealed === null ? null : key.open(sealed, id, sealedColumn),
    failures: row.failures,
    code: code !== null && code in errorTable ? (code as ErrorCode) : null,
    reason: row.reason,
    madeAtMs: row.made_at_ms,
  };
}
