/**
 * Tokens of the HTTP API. The table holds the SHA-256 of each: a token has 256 random bits, so that a fast hash cannot
 * be guessed back. Whether one has run out is judged by the database's own clock.
 */
import type { Kysely, Selectable } from 'kysely';
import { MailferryError } from '../../base/errors.ts';
import { appendAudit } from './audit.ts';
import { databaseNow } from './dialect.ts';
import { appendEvent } from './events.ts';
import { newId } from './new-id.ts';
import type { ApiTokenTable, Tables } from './tables.ts';

export interface NewToken {
  readonly name: string;
  readonly scopes: readonly string[];
  /** Epoch milliseconds; null for one that does not run out. */
  readonly expiresAtMs: number | null;
}

export interface TokenRow extends NewToken {
  /** UUIDv7. */
  readonly id: string;
  readonly createdAtMs: number;
  /** To the minute. */
  readonly lastUsedMs: number | null;
  readonly revokedAtMs: number | null;
}

/** A token that is used all the time writes its row this often. */
const noteUseEveryMs = 60_000;

/** `hashOf` gives the hash of the token with this id; `nowMs` only orders ids. Gives the id. */
export async function addToken(
  db: Kysely<Tables>,
  token: NewToken,
  hashOf: (id: string) => string,
  actor: string,
  nowMs: number,
): Promise<string> {
  const id = newId(nowMs);
  const { name, scopes, expiresAtMs } = token;
  await db.transaction().execute(async (inside) => {
    await inside
      .insertInto('api_token')
      .values({
        id,
        name,
        hash: hashOf(id),
        scopes: JSON.stringify(scopes),
        created_at_ms: databaseNow(inside),
        last_used_ms: null,
        expires_at_ms: expiresAtMs,
        revoked_at_ms: null,
      })
      .execute();
    const detail = { name, scopes, expiresAtMs };
    await appendAudit(inside, { actor, action: 'token.create', subject: id, detail });
    await appendEvent(inside, { kind: 'token.create', subject: id, detail });
  });
  return id;
}

/** The hash and what it may, of a token that is in force now; null otherwise. */
export async function tokenInForce(
  db: Kysely<Tables>,
  id: string,
): Promise<(TokenRow & { readonly hash: string }) | null> {
  const row = await db
    .selectFrom('api_token')
    .selectAll()
    .where('id', '=', id)
    .where('revoked_at_ms', 'is', null)
    .where((eb) => eb.or([eb('expires_at_ms', 'is', null), eb('expires_at_ms', '>', databaseNow(db))]))
    .executeTakeFirst();
  return row === undefined ? null : { ...tokenOfRow(row), hash: row.hash };
}

export async function noteTokenUse(db: Kysely<Tables>, id: string): Promise<void> {
  await db
    .updateTable('api_token')
    .set({ last_used_ms: databaseNow(db) })
    .where('id', '=', id)
    .where((eb) =>
      eb.or([
        eb('last_used_ms', 'is', null),
        eb('last_used_ms', '<', eb(databaseNow(db), '-', noteUseEveryMs)),
      ]),
    )
    .execute();
}

/** Newest first, revoked ones too. `before`: the last id of the page before. */
export async function tokensPage(
  db: Kysely<Tables>,
  { before, limit }: { readonly before: string | null; readonly limit: number },
): Promise<TokenRow[]> {
  let question = db.selectFrom('api_token').selectAll().orderBy('id', 'desc').limit(limit);
  if (before !== null) question = question.where('id', '<', before);
  return (await question.execute()).map(tokenOfRow);
}

/** For good; revoking again changes nothing. Throws `token-unknown`. */
export async function revokeToken(db: Kysely<Tables>, id: string, actor: string): Promise<void> {
  await db.transaction().execute(async (inside) => {
    const row = await inside
      .selectFrom('api_token')
      .select('revoked_at_ms')
      .where('id', '=', id)
      .executeTakeFirst();
    if (row === undefined) throw new MailferryError('token-unknown', `there is no token ${id}`);
    if (row.revoked_at_ms !== null) return;
    await inside
      .updateTable('api_token')
      .set({ revoked_at_ms: databaseNow(inside) })
      .where('id', '=', id)
      .execute();
    await appendAudit(inside, { actor, action: 'token.revoke', subject: id, detail: {} });
    await appendEvent(inside, { kind: 'token.revoke', subject: id, detail: {} });
  });
}

function tokenOfRow(row: Selectable<ApiTokenTable>): TokenRow {
  return {
    id: row.id,
    name: row.name,
    scopes: JSON.parse(row.scopes) as string[],
    createdAtMs: row.created_at_ms,
    lastUsedMs: row.last_used_ms,
    expiresAtMs: row.expires_at_ms,
    revokedAtMs: row.revoked_at_ms,
  };
}
