/**
 * The end of what the sync logs in with: one app password by somebody's word, or all that there is for an account when its move
 * is done. Edges take revoked ones out with the account's next epoch, and cut what is open.
 */
import type { Kysely } from 'kysely';
import { MailferryError } from '../../base/errors.ts';
import { nextEpoch } from './app-passwords.ts';
import { appendAudit } from './audit.ts';
import { databaseNow } from './dialect.ts';
import { appendEvent } from './events.ts';
import type { Tables } from './tables.ts';

/** Throws `app-password-unknown`; does nothing where it is revoked already. */
export async function revokeAppPassword(
  db: Kysely<Tables>,
  accountId: string,
  id: string,
  actor: string,
): Promise<void> {
  await db.transaction().execute(async (inside) => {
    const row = await inside
      .selectFrom('app_password')
      .select(['side', 'revoked_at_ms'])
      .where('id', '=', id)
      .where('account_id', '=', accountId)
      .executeTakeFirst();
    if (row === undefined)
      throw new MailferryError('app-password-unknown', 'this account has no such app password');
    if (row.revoked_at_ms !== null) return;
    await nextEpoch(inside, accountId);
    await inside
      .updateTable('app_password')
      .set({ revoked_at_ms: databaseNow(inside), revoked_by: actor })
      .where('id', '=', id)
      .execute();
    await told(inside, actor, 'app-password.revoke', accountId, { side: row.side, id });
  });
}

/**
 * Only inside the transaction that ends the account's move, which takes its epoch: app passwords of both sides are revoked, and
 * the passwords that the account itself was given for logging in are erased.
 */
export async function endAccess(inside: Kysely<Tables>, accountId: string, actor: string): Promise<void> {
  const revoked = await inside
    .updateTable('app_password')
    .set({ revoked_at_ms: databaseNow(inside), revoked_by: actor })
    .where('account_id', '=', accountId)
    .where('revoked_at_ms', 'is', null)
    .where((eb) => eb('expires_at_ms', '>', databaseNow(inside)))
    .returning(['id', 'side'])
    .execute();
  for (const { id, side } of revoked)
    await told(inside, actor, 'app-password.revoke', accountId, { side, id });
  const erased = await inside
    .deleteFrom('credential')
    .where('owner', '=', accountId)
    .returning(['side', 'login'])
    .execute();
  for (const { side, login } of erased)
    await told(inside, actor, 'credential.remove', accountId, { side, login });
}

async function told(
  inside: Kysely<Tables>,
  actor: string,
  action: string,
  subject: string,
  detail: Readonly<Record<string, unknown>>,
): Promise<void> {
  await appendAudit(inside, { actor, action, subject, detail });
  await appendEvent(inside, { kind: action, subject, detail });
}
