/**
 * Mailboxes that the last pass over an account could not carry over, with the reason of each. The worker writes them,
 * control reads them: for people who look.
 */
import type { Kysely } from 'kysely';
import type { ErrorCode } from '../../base/errors.ts';
import { nameOfText, textOfName } from '../name-text.ts';
import { databaseNow } from './dialect.ts';
import { checkLease, type Lease } from './leases.ts';
import type { Tables } from './tables.ts';

export interface MailboxProblem {
  /** On old, raw. */
  readonly mailbox: string;
  readonly code: ErrorCode;
  /** The server's or our words; people read them. */
  readonly reason: string;
}

export interface StandingProblem extends MailboxProblem {
  /** When the mailbox first had a problem with this code, epoch milliseconds. */
  readonly sinceMs: number;
}

/** By name of the mailbox. */
export async function mailboxProblemsOf(db: Kysely<Tables>, accountId: string): Promise<StandingProblem[]> {
  const rows = await db
    .selectFrom('mailbox_problem')
    .selectAll()
    .where('account_id', '=', accountId)
    .orderBy('mailbox')
    .execute();
  return rows.map(({ mailbox, code, reason, since_ms: sinceMs }) => ({
    mailbox: nameOfText(mailbox),
    code: code as ErrorCode,
    reason: nameOfText(reason),
    sinceMs,
  }));
}

/** Rows in one statement: both databases take so many values. */
const rowsAtOnce = 500;

/**
 * From now on the account has these and no others, each mailbox once. A problem that stood before keeps its time. One
 * transaction; gives what stands now. Throws `lease-lost`.
 */
export async function setMailboxProblems(
  db: Kysely<Tables>,
  accountId: string,
  problems: readonly MailboxProblem[],
  lease: Lease,
): Promise<StandingProblem[]> {
  return await db.transaction().execute(async (inside) => {
    await checkLease(inside, lease);
    const since = new Map(
      (await mailboxProblemsOf(inside, accountId)).map((one) => [`${one.code} ${one.mailbox}`, one.sinceMs]),
    );
    await inside.deleteFrom('mailbox_problem').where('account_id', '=', accountId).execute();
    for (let at = 0; at < problems.length; at += rowsAtOnce) {
      const some = problems.slice(at, at + rowsAtOnce);
      await inside
        .insertInto('mailbox_problem')
        .values(
          some.map(({ mailbox, code, reason }) => ({
            account_id: accountId,
            mailbox: textOfName(mailbox),
            code,
            reason: textOfName(reason.toWellFormed()),
            since_ms: since.get(`${code} ${mailbox}`) ?? databaseNow(inside),
          })),
        )
        .execute();
    }
    return await mailboxProblemsOf(inside, accountId);
  });
}
