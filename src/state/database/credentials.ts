/**
 * What Mailferry logs in with: a secret for each account and side, or one master user for a side. They are sealed by
 * envelope.ts, bound to their row, and come out as `Secret` only; no list and no answer of the API holds them.
 */
import type { Kysely } from 'kysely';
import type { Secret } from '../../base/secret.ts';
import { appendAudit } from './audit.ts';
import { databaseNow } from './dialect.ts';
import type { EnvelopeKey } from './envelope.ts';
import { appendEvent } from './events.ts';
import type { Side } from './servers.ts';
import type { Tables } from './tables.ts';

/** The owner of a side's master user. */
export const masterOwner = 'server';

/** The owner of the hash that new gets when the account is made there: of the password that its owner gave for this. */
export const newHashOwner = (accountId: string): string => `${accountId}/hash`;

export interface CredentialPlace {
  /** An account's id, `newHashOwner` of one, or `masterOwner`. */
  readonly owner: string;
  readonly side: Side;
}

export interface Credential {
  readonly login: string;
  readonly secret: Secret;
}

/** Null where there is none. Throws `secret-unreadable`. */
export async function credentialOf(
  db: Kysely<Tables>,
  key: EnvelopeKey,
  place: CredentialPlace,
): Promise<Credential | null> {
  const row = await db
    .selectFrom('credential')
    .select(['login', 'sealed'])
    .where('owner', '=', place.owner)
    .where('side', '=', place.side)
    .executeTakeFirst();
  if (row === undefined) return null;
  return { login: row.login, secret: openSealed(key, place, row.sealed) };
}

/** Who logs in, without the secret; null where there is none. */
export async function loginOf(db: Kysely<Tables>, { owner, side }: CredentialPlace): Promise<string | null> {
  const row = await db
    .selectFrom('credential')
    .select('login')
    .where('owner', '=', owner)
    .where('side', '=', side)
    .executeTakeFirst();
  return row?.login ?? null;
}

/** In one transaction with audit row and event, which do not hold the secret. */
export async function setCredential(
  db: Kysely<Tables>,
  key: EnvelopeKey,
  credential: CredentialPlace & Credential,
  actor: string,
): Promise<void> {
  const { owner, side, login } = credential;
  await db.transaction().execute(async (inside) => {
    await putCredentials(inside, key, [credential]);
    const detail = { side, login };
    await appendAudit(inside, { actor, action: 'credential.set', subject: owner, detail });
    await appendEvent(inside, { kind: 'credential.set', subject: owner, detail });
  });
}

/** Does nothing where there is none. */
export async function removeCredential(
  db: Kysely<Tables>,
  { owner, side }: CredentialPlace,
  actor: string,
): Promise<void> {
  await db.transaction().execute(async (inside) => {
    const removed = await inside
      .deleteFrom('credential')
      .where('owner', '=', owner)
      .where('side', '=', side)
      .returning('login')
      .executeTakeFirst();
    if (removed === undefined) return;
    const detail = { side, login: removed.login };
    await appendAudit(inside, { actor, action: 'credential.remove', subject: owner, detail });
    await appendEvent(inside, { kind: 'credential.remove', subject: owner, detail });
  });
}

/** Which sides each of these owners has a secret for. */
export async function sidesWithSecret(
  db: Kysely<Tables>,
  owners: readonly string[],
): Promise<ReadonlyMap<string, ReadonlySet<Side>>> {
  const found = new Map<string, Set<Side>>(owners.map((owner) => [owner, new Set()]));
  if (owners.length === 0) return found;
  const rows = await db
    .selectFrom('credential')
    .select(['owner', 'side'])
    .where('owner', 'in', owners)
    .execute();
  for (const row of rows) found.get(row.owner)?.add(row.side as Side);
  return found;
}

/**
 * When a secret that the account logs in with was last set, or an app password of it revoked, in the database's epoch
 * milliseconds; 0 without any.
 */
export async function secretsSetAt(db: Kysely<Tables>, accountId: string): Promise<number> {
  const own = await db
    .selectFrom('credential')
    .select((eb) => eb.fn.max('changed_at_ms').as('at'))
    .where('owner', 'in', [accountId, masterOwner])
    .executeTakeFirst();
  const app = await db
    .selectFrom('app_password')
    .select((eb) => eb.fn.max('revoked_at_ms').as('at'))
    .where('account_id', '=', accountId)
    .executeTakeFirst();
  return Math.max(own?.at ?? 0, app?.at ?? 0);
}

/** Only inside a transaction that also writes the audit rows. */
export async function putCredentials(
  inside: Kysely<Tables>,
  key: EnvelopeKey,
  credentials: readonly (CredentialPlace & Credential)[],
): Promise<void> {
  if (credentials.length === 0) return;
  await inside
    .insertInto('credential')
    .values(
      credentials.map(({ owner, side, login, secret }) => ({
        owner,
        side,
        login,
        sealed: key.seal(secret, `${owner}:${side}`, 'credential.sealed'),
        changed_at_ms: databaseNow(inside),
      })),
    )
    .onConflict((conflict) =>
      conflict.columns(['owner', 'side']).doUpdateSet((eb) => ({
        login: eb.ref('excluded.login'),
        sealed: eb.ref('excluded.sealed'),
        changed_at_ms: eb.ref('excluded.changed_at_ms'),
      })),
    )
    .execute();
}

/** For whom has the row already. Throws `secret-unreadable`. */
export function openSealed(key: EnvelopeKey, { owner, side }: CredentialPlace, sealed: string): Secret {
  return key.open(sealed, `${owner}:${side}`, 'credential.sealed');
}
