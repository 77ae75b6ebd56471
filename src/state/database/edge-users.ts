/** Accounts on new that its edges tell their Dovecot of. */
import type { Kysely } from 'kysely';
import type { Secret } from '../../base/secret.ts';
import { nextOf } from './counters.ts';
import type { EnvelopeKey } from './envelope.ts';
import { appendEvent } from './events.ts';
import { sealedColumn, sealedOf } from './provisions.ts';
import type { Tables } from './tables.ts';

/** What an edge of new tells its Dovecot. */
export interface EdgeUser {
  /** As Dovecot reads it, with the scheme in front; null: no password is good. */
  readonly hash: string | null;
  readonly quotaBytes: number | null;
}

/** Of those of these accounts that new is told of by its edges. Throws `secret-unreadable`. */
export async function edgeUsers(
  db: Kysely<Tables>,
  key: EnvelopeKey,
  ids: readonly string[],
): Promise<ReadonlyMap<string, EdgeUser>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .selectFrom('provision')
    .innerJoin('account', 'account.id', 'provision.account_id')
    .select(['account_id', 'sealed', 'quota_bytes'])
    .where('account_id', 'in', ids)
    .where('adapter', '=', 'sql')
    .execute();
  return new Map(
    rows.map(({ account_id: id, sealed, quota_bytes: quotaBytes }) => [
      id,
      { hash: sealed === null ? null : key.open(sealed, id, sealedColumn).reveal(), quotaBytes },
    ]),
  );
}

/**
 * What the edges of new tell their Dovecot of the account from now on. Gives the epoch that they have to reach; that of the
 * account as it is where they have been told the same before.
 */
export async function offerToEdges(
  db: Kysely<Tables>,
  key: EnvelopeKey,
  accountId: string,
  hash: Secret | null,
): Promise<number> {
  return db.transaction().execute(async (inside) => {
    // Before the row is read: nobody else offers meanwhile.
    await nextOf(inside, 'epoch', 0);
    const row = await inside
      .selectFrom('provision')
      .innerJoin('account', 'account.id', 'provision.account_id')
      .select(['adapter', 'sealed', 'account.epoch'])
      .where('account_id', '=', accountId)
      .executeTakeFirst();
    const before = row?.sealed == null ? null : key.open(row.sealed, accountId, sealedColumn).reveal();
    if (row?.adapter === 'sql' && before === (hash?.reveal() ?? null)) return row.epoch;
    const epoch = await nextOf(inside, 'epoch');
    await inside.updateTable('account').set({ epoch }).where('id', '=', accountId).execute();
    await inside
      .updateTable('provision')
      .set({ adapter: 'sql', sealed: sealedOf(key, accountId, hash) })
      .where('account_id', '=', accountId)
      .execute();
    // Edges wait for it.
    await appendEvent(inside, {
      kind: 'account.provision',
      subject: accountId,
      detail: { state: 'offered' },
    });
    return epoch;
  });
}
