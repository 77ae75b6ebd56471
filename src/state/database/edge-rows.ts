/**
 * What edges pull: the accounts in the order of their last change. Epochs are taken in the order of commits, so that who
 * has all rows up to n has missed nothing below n; a snapshot is what changed after 0.
 */
import type { Kysely } from 'kysely';
import type { Phase } from '../../domain/phase.ts';
import { accountOfRow } from './accounts.ts';
import { addressesOf } from './addresses.ts';
import { databaseNow } from './dialect.ts';
import type { EnvelopeKey } from './envelope.ts';
import { type EdgeUser, edgeUsers } from './edge-users.ts';
import type { Side } from './servers.ts';
import type { Tables } from './tables.ts';

/** All an edge knows of an account: the least that routing and logins need. */
export interface EdgeRow {
  readonly id: string;
  readonly epoch: number;
  readonly phase: Phase;
  /** In order, lower case; the account's own among them. */
  readonly addresses: readonly string[];
  readonly oldLogin: string;
  readonly newLogin: string;
  readonly appPasswords: readonly EdgeAppPassword[];
  /** On new alone, and where Mailferry makes the account there by its edges. */
  readonly user?: EdgeUser | null | undefined;
}

/** Of one side, in force. */
export interface EdgeAppPassword {
  /** Stands in the password itself, before the dot. */
  readonly id: string;
  /** As Dovecot reads it: `{SHA256}` and base64. */
  readonly hash: string;
  /** Words of Dovecot's %s: `imap`, `sieve`. */
  readonly protocols: readonly string[];
  /** Networks in CIDR form that it may come from; never empty. */
  readonly nets: readonly string[];
  readonly expiresAtMs: number;
}

export interface EdgeRows {
  /** Whoever takes in `rows` knows all changes up to here. */
  readonly upTo: number;
  /** The newest change that there is: equal to `upTo` for who has all. */
  readonly latest: number;
  readonly rows: readonly EdgeRow[];
}

/**
 * Those that changed after `after`, at most `limit` of them, with the app passwords of `side`. Without `key` no users of new
 * are told.
 */
export async function edgeRowsAfter(
  db: Kysely<Tables>,
  {
    side,
    after,
    limit,
    key,
  }: { readonly side: Side; readonly after: number; readonly limit: number; readonly key?: EnvelopeKey },
): Promise<EdgeRows> {
  // Before the rows: what is committed up to here is among them.
  const latest = await latestEpoch(db);
  const rows = await db
    .selectFrom('account')
    .selectAll()
    .where('epoch', '>', after)
    .where('epoch', '<=', latest)
    .orderBy('epoch')
    .limit(limit)
    .execute();
  const accounts = rows.map(accountOfRow);
  const ids = accounts.map(({ id }) => id);
  const addresses = await addressesOf(db, ids);
  const passwords = await appPasswordsInForce(db, ids, side);
  const users = side === 'new' && key !== undefined ? await edgeUsers(db, key, ids) : null;
  return {
    upTo: rows.length < limit ? latest : (rows.at(-1)?.epoch ?? latest),
    latest,
    rows: accounts.map(({ id, epoch, phase, oldLogin, newLogin }) => ({
      id,
      epoch,
      phase,
      oldLogin,
      newLogin,
      addresses: addresses.get(id) ?? [],
      appPasswords: passwords.get(id) ?? [],
      ...(users === null ? {} : { user: users.get(id) ?? null }),
    })),
  };
}

/** The number of the newest change. */
export async function latestEpoch(db: Kysely<Tables>): Promise<number> {
  const { value } = await db
    .selectFrom('counter')
    .select('value')
    .where('name', '=', 'epoch')
    .executeTakeFirstOrThrow();
  return value;
}

async function appPasswordsInForce(
  db: Kysely<Tables>,
  ids: readonly string[],
  side: Side,
): Promise<ReadonlyMap<string, readonly EdgeAppPassword[]>> {
  const found = new Map<string, EdgeAppPassword[]>();
  if (ids.length === 0) return found;
  const rows = await db
    .selectFrom('app_password')
    .select(['id', 'account_id', 'hash', 'protocols', 'nets', 'expires_at_ms'])
    .where('account_id', 'in', ids)
    .where('side', '=', side)
    .where('revoked_at_ms', 'is', null)
    .where((eb) => eb('expires_at_ms', '>', databaseNow(db)))
    .orderBy('id')
    .execute();
  for (const row of rows) {
    const own = found.get(row.account_id) ?? [];
    own.push({
      id: row.id,
      hash: row.hash,
      protocols: JSON.parse(row.protocols) as string[],
      nets: JSON.parse(row.nets) as string[],
      expiresAtMs: row.expires_at_ms,
    });
    found.set(row.account_id, own);
  }
  return found;
}
