/** Messages of all accounts that are not on new, with the reason of each; read on by account, mailbox and UID. */
import type { Kysely } from 'kysely';
import { displayName } from '../../domain/mailbox-mapping.ts';
import { nameOfText } from '../name-text.ts';
import type { RefusedRow } from '../../sync/journal.ts';
import type { MailboxName } from '../../sync/mail-store.ts';
import { refusedOfRow } from './journal-rows.ts';
import { type Selection, selected } from './selection.ts';
import type { Tables } from './tables.ts';

/** Where a page ended. */
export interface RefusedPlace {
  readonly accountId: string;
  readonly mailboxId: number;
  readonly oldUid: number;
}

export interface RefusedMessage extends RefusedRow {
  readonly accountId: string;
  readonly address: string;
  /** On old, as people read it. */
  readonly mailbox: string;
}

export async function refusedPage(
  db: Kysely<Tables>,
  selection: Selection,
  { after, limit }: { readonly after: RefusedPlace | null; readonly limit: number },
): Promise<RefusedMessage[]> {
  let question = db
    .selectFrom('journal_refused as r')
    // Not an inner join: SQLite would go through all accounts to find those with refused messages.
    .leftJoin('account', 'account.id', 'r.account_id')
    .leftJoin('journal_mailbox as m', (join) =>
      join.onRef('m.account_id', '=', 'r.account_id').onRef('m.id', '=', 'r.mailbox_id'),
    )
    .selectAll('r')
    .select(['account.address', 'm.old_name'])
    .where((eb) => selected(eb as never, selection))
    .orderBy('r.account_id')
    .orderBy('r.mailbox_id')
    .orderBy('r.old_uid')
    .limit(limit);
  if (after !== null) {
    question = question.where((eb) =>
      eb(
        eb.refTuple('r.account_id', 'r.mailbox_id', 'r.old_uid'),
        '>',
        eb.tuple(after.accountId, after.mailboxId, after.oldUid),
      ),
    );
  }
  return (await question.execute()).map((row) => ({
    ...refusedOfRow(row),
    accountId: row.account_id,
    address: row.address ?? '',
    mailbox: row.old_name === null ? '' : displayName(nameOfText(row.old_name)),
  }));
}

/** One of the account, with what it takes to find it on old; null where it is not (or no longer) among them. */
export async function refusedPlace(
  db: Kysely<Tables>,
  accountId: string,
  { mailboxId, oldUid }: { readonly mailboxId: number; readonly oldUid: number },
): Promise<{
  readonly mailbox: MailboxName;
  readonly uidValidity: number | null;
  readonly subject: string | null;
} | null> {
  const row = await db
    .selectFrom('journal_refused as r')
    .innerJoin('journal_mailbox as m', (join) =>
      join.onRef('m.account_id', '=', 'r.account_id').onRef('m.id', '=', 'r.mailbox_id'),
    )
    .select(['m.old_name', 'm.old_uid_validity', 'r.subject'])
    .where('r.account_id', '=', accountId)
    .where('r.mailbox_id', '=', mailboxId)
    .where('r.old_uid', '=', oldUid)
    .executeTakeFirst();
  if (row === undefined) return null;
  return { mailbox: nameOfText(row.old_name), uidValidity: row.old_uid_validity, subject: row.subject };
}

/** How many of each mailbox of the account, by its name as people read it. */
export async function refusedByMailbox(
  db: Kysely<Tables>,
  accountId: string,
): Promise<ReadonlyMap<string, number>> {
  const rows = await db
    .selectFrom('journal_refused as r')
    .innerJoin('journal_mailbox as m', (join) =>
      join.onRef('m.account_id', '=', 'r.account_id').onRef('m.id', '=', 'r.mailbox_id'),
    )
    .select(({ fn }) => ['m.old_name', fn.countAll<number>().as('n')])
    .where('r.account_id', '=', accountId)
    .groupBy('m.old_name')
    .execute();
  return new Map(rows.map(({ old_name: name, n }) => [displayName(nameOfText(name)), n]));
}
