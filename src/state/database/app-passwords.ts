/**
 * App passwords: minted for an account and a side, told to that side's edges with the account's row, and good until they
 * run out or are revoked. Whoever reads the database finds hashes, and what the sync needs sealed.
 */
import type { Kysely, Selectable } from 'kysely';
import { MailferryError } from '../../base/errors.ts';
import type { Secret } from '../../base/secret.ts';
import { appendAudit } from './audit.ts';
import { nextOf } from './counters.ts';
import { databaseNow } from './dialect.ts';
import type { EnvelopeKey } from './envelope.ts';
import { appendEvent } from './events.ts';
import type { Side } from './servers.ts';
import type { AppPasswordTable, Tables } from './tables.ts';

export interface AppPassword {
  readonly id: string;
  readonly accountId: string;
  readonly side: Side;
  readonly protocols: readonly string[];
  readonly nets: readonly string[];
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
  readonly revokedAtMs: number | null;
  readonly lastUsedMs: number | null;
  /** As the audit log names who did it; null where an earlier release did not note it. */
  readonly createdBy: string | null;
  readonly revokedBy: string | null;
  readonly lastUsedBy: string | null;
}

export interface NewAppPassword {
  readonly accountId: string;
  readonly side: Side;
  readonly id: string;
  readonly password: Secret;
  readonly hash: string;
  readonly protocols: readonly string[];
  readonly nets: readonly string[];
  readonly lifeMs: number;
  /** Those that were in force before run out after so long; absent: they stay as they are. */
  readonly othersForMs?: number;
}

/** Noted this often at most: a login is no reason for a write each time. */
const noteUseEveryMs = 60_000;

/**
 * The edges of its side hear of it with the account's next epoch. Throws `account-unknown`, and `phase-refused` where the
 * account is done: nothing logs in for it any more.
 */
export async function addAppPassword(
  db: Kysely<Tables>,
  key: EnvelopeKey,
  made: NewAppPassword,
  actor: string,
): Promise<void> {
  const { accountId, side, id, password, hash, protocols, nets, lifeMs, othersForMs } = made;
  await db.transaction().execute(async (inside) => {
    const { phase, epoch } = await nextEpoch(inside, accountId);
    if (phase === 'done')
      throw new MailferryError('phase-refused', 'the account is done: nothing logs in for it any more');
    if (othersForMs !== undefined) await shortenOthers(inside, made, othersForMs);
    await inside
      .insertInto('app_password')
      .values(({ eb }) => ({
        id,
        account_id: accountId,
        side,
        hash,
        sealed: key.seal(password, id, sealedColumn),
        protocols: JSON.stringify(protocols),
        nets: JSON.stringify(nets),
        created_at_ms: databaseNow(inside),
        expires_at_ms: eb(databaseNow(inside), '+', Math.round(lifeMs)),
        revoked_at_ms: null,
        last_used_ms: null,
        created_by: actor,
        revoked_by: null,
        last_used_by: null,
        epoch,
      }))
      .execute();
    const detail = { side, id, protocols, nets };
    await appendAudit(inside, { actor, action: 'app-password.mint', subject: accountId, detail });
    await appendEvent(inside, { kind: 'app-password.mint', subject: accountId, detail: { side, id } });
  });
}

/** What logs in right now may end its login by the one that it has. */
async function shortenOthers(
  inside: Kysely<Tables>,
  { accountId, side }: NewAppPassword,
  forMs: number,
): Promise<void> {
  await inside
    .updateTable('app_password')
    .set((eb) => ({ expires_at_ms: eb(databaseNow(inside), '+', Math.round(forMs)) }))
    .where('account_id', '=', accountId)
    .where('side', '=', side)
    .where('revoked_at_ms', 'is', null)
    .where((eb) => eb('expires_at_ms', '>', eb(databaseNow(inside), '+', Math.round(forMs))))
    .execute();
}

/** The one that holds longest; who acknowledged its epoch knows it. Null where none is good. */
export async function appPasswordInForce(
  db: Kysely<Tables>,
  key: EnvelopeKey,
  accountId: string,
  side: Side,
): Promise<{
  readonly id: string;
  readonly password: Secret;
  readonly leftMs: number;
  readonly epoch: number;
  /** A use is worth noting. */
  readonly restsLong: boolean;
} | null> {
  const row = await db
    .selectFrom('app_password')
    .innerJoin('account', 'account.id', 'app_password.account_id')
    .select(['app_password.id', 'sealed', 'app_password.epoch', 'account.epoch as account_epoch'])
    .select((eb) => eb('expires_at_ms', '-', databaseNow(db)).as('left'))
    .select((eb) => eb(databaseNow(db), '-', eb.ref('last_used_ms')).$castTo<number | null>().as('rests'))
    .where('account_id', '=', accountId)
    .where('side', '=', side)
    .where('revoked_at_ms', 'is', null)
    .where((eb) => eb('expires_at_ms', '>', databaseNow(db)))
    .orderBy('expires_at_ms', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (row === undefined) return null;
  return {
    id: row.id,
    password: key.open(row.sealed, row.id, sealedColumn),
    leftMs: row.left,
    // Of an earlier release: with the newest of the account it was surely there.
    epoch: row.epoch ?? row.account_epoch,
    restsLong: row.rests === null || row.rests > noteUseEveryMs,
  };
}

/** Newest first. */
export async function appPasswordsOf(db: Kysely<Tables>, accountId: string): Promise<AppPassword[]> {
  const rows = await db
    .selectFrom('app_password')
    .selectAll()
    .where('account_id', '=', accountId)
    .orderBy('created_at_ms', 'desc')
    .orderBy('id')
    .execute();
  return rows.map(ofRow);
}

/** `by`: the worker, as the audit log names it. */
export async function noteAppPasswordUse(db: Kysely<Tables>, id: string, by: string): Promise<void> {
  await db
    .updateTable('app_password')
    .set({ last_used_ms: databaseNow(db), last_used_by: by })
    .where('id', '=', id)
    .where((eb) =>
      eb.or([
        eb('last_used_ms', 'is', null),
        eb('last_used_ms', '<', eb(databaseNow(db), '-', noteUseEveryMs)),
      ]),
    )
    .execute();
}

/** Whether each edge of the side that has enrolled has all changes up to the epoch; false where there is none. */
export async function edgesHave(db: Kysely<Tables>, side: Side, epoch: number): Promise<boolean> {
  const edges = await db
    .selectFrom('edge')
    .select('epoch')
    .where('side', '=', side)
    .where('enrolled_at_ms', 'is not', null)
    .execute();
  return edges.length > 0 && edges.every((edge) => edge.epoch >= epoch);
}

const sealedColumn = 'app_password.sealed';

/** Only inside a transaction: the edges hear of the account anew. Gives its phase. Throws `account-unknown`. */
export async function nextEpoch(
  inside: Kysely<Tables>,
  accountId: string,
): Promise<{ readonly phase: string; readonly epoch: number }> {
  const epoch = await nextOf(inside, 'epoch');
  const changed = await inside
    .updateTable('account')
    .set({ epoch })
    .where('id', '=', accountId)
    .returning(['phase', 'epoch'])
    .executeTakeFirst();
  if (changed === undefined) throw new MailferryError('account-unknown', `there is no account ${accountId}`);
  return changed;
}

function ofRow(row: Selectable<AppPasswordTable>): AppPassword {
  return {
    id: row.id,
    accountId: row.account_id,
    side: row.side as Side,
    protocols: JSON.parse(row.protocols) as string[],
    nets: JSON.parse(row.nets) as string[],
    createdAtMs: row.created_at_ms,
    expiresAtMs: row.expires_at_ms,
    revokedAtMs: row.revoked_at_ms,
    lastUsedMs: row.last_used_ms,
    createdBy: row.created_by,
    revokedBy: row.revoked_by,
    lastUsedBy: row.last_used_by,
  };
}
