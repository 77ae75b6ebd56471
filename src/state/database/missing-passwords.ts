/**
 * Accounts on new that have no password, whose owners may give theirs: in the portal, or after a mail that asks them to. Whoever
 * gave one is asked no more, also while it is still on its way to new.
 */
import { type Kysely, sql } from 'kysely';
import { appendAudit } from './audit.ts';
import { newHashOwner } from './credentials.ts';
import { databaseNow } from './dialect.ts';
import { addEntries } from './outbox.ts';
import type { Tables } from './tables.ts';

/** Whether its owner may give one: the account is made, has none, and none is on its way. */
export async function lacksPassword(db: Kysely<Tables>, accountId: string): Promise<boolean> {
  const row = await db
    .selectFrom('provision')
    .select('password')
    .where('account_id', '=', accountId)
    .where('state', '=', 'made')
    .where('password', 'in', ['none', 'locked'])
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('credential')
            .select('credential.owner')
            .where('credential.owner', '=', newHashOwner(accountId))
            .where('credential.side', '=', 'new'),
        ),
      ),
    )
    .executeTakeFirst();
  return row !== undefined;
}

interface Unasked {
  readonly accountId: string;
  /** How often its owner was asked. */
  readonly asked: number;
}

interface UnaskedQuestion {
  /** How often they were asked. */
  readonly asked: number;
  /** At least so many milliseconds ago; of no meaning before the first time. */
  readonly sinceMs: number;
  readonly after: string;
  readonly limit: number;
}

/**
 * One page of accounts whose owners were asked so often: `found` may be written to, `last` is where the next page begins and
 * null after the last one. Nobody is written to before the mailbox is across, nor where old lets nobody log in.
 */
export async function unaskedPage(
  db: Kysely<Tables>,
  { asked, sinceMs, after, limit }: UnaskedQuestion,
): Promise<{ readonly found: readonly string[]; readonly last: string | null }> {
  let question = db
    .selectFrom('provision')
    .select('account_id')
    .where('state', '=', 'made')
    .where('password', '=', 'none')
    .where('asked', '=', asked)
    .where('account_id', '>', after)
    .orderBy('account_id')
    .limit(limit);
  question =
    asked === 0
      ? question.where('asked_ms', 'is', null)
      : question.where('asked_ms', '<=', (eb) => eb(databaseNow(db), '-', Math.round(sinceMs)));
  const page = (await question.execute()).map(({ account_id: id }) => id);
  if (page.length === 0) return { found: [], last: null };
  const fit = await db
    .selectFrom('account')
    .select('account.id')
    .where('account.id', 'in', page)
    .where('account.phase', 'in', ['in-step', 'switched'])
    .where('account.paused', 'is', null)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('credential')
            .select('credential.owner')
            .where('credential.owner', '=', sql<string>`account.id || '/hash'`)
            .where('credential.side', '=', 'new'),
        ),
      ),
    )
    .orderBy('account.id')
    .execute();
  return { found: fit.map(({ id }) => id), last: page.at(-1) ?? null };
}

/**
 * Puts the mail that asks its owner into the outbox, in one transaction with the note of it and the audit row; false where
 * somebody else has, or it is needed no longer. `nowMs` only orders ids.
 */
export async function askByMail(
  db: Kysely<Tables>,
  { accountId, asked }: Unasked,
  actor: string,
  nowMs: number,
): Promise<boolean> {
  return db.transaction().execute(async (inside) => {
    const mail = asked + 1;
    const row = await inside
      .updateTable('provision')
      .set({ asked: mail, asked_ms: databaseNow(inside) })
      .where('account_id', '=', accountId)
      .where('asked', '=', asked)
      .where('state', '=', 'made')
      .where('password', '=', 'none')
      .returning('account_id')
      .executeTakeFirst();
    if (row === undefined) return false;
    const cause = `mail:${accountId}:password:${mail}`;
    const body = { what: 'password', mail };
    await addEntries(inside, [{ cause, kind: 'mail', target: accountId, body }], nowMs);
    await appendAudit(inside, {
      actor,
      action: 'account.password-mail',
      subject: accountId,
      detail: { mail },
    });
    return true;
  });
}
