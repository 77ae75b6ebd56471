/** Old mailboxes and their places on the new side. */
import type { MailboxRow } from '../sync/journal.ts';
import { markOf, textOfMark } from './mark-text.ts';
import { nameOfText, textOfName } from './name-text.ts';
import { flag, integer, integerOrNull, oneOf, text, textOrNull } from './row-value.ts';
import type { Row, Sql } from './sql.ts';

/** As `MailboxRow.place`. */
export const places = ['active', 'gone-on-old', 'removed-on-new'] as const;

export function allMailboxes(sql: Sql): MailboxRow[] {
  return sql.all('select * from mailbox order by id').map(mailboxOf);
}

export function putMailbox(sql: Sql, row: MailboxRow): void {
  sql.run(
    `insert into mailbox (id, old_name, new_name, mapped_by, place, created_by_us, generation, old_uid_validity,
       new_uid_validity, old_mailbox_id, new_mailbox_id, old_mark, new_mark, adopted_below, subscribed)
     values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     on conflict (id) do update set old_name = excluded.old_name, new_name = excluded.new_name,
       mapped_by = excluded.mapped_by, place = excluded.place, created_by_us = excluded.created_by_us,
       generation = excluded.generation, old_uid_validity = excluded.old_uid_validity,
       new_uid_validity = excluded.new_uid_validity, old_mailbox_id = excluded.old_mailbox_id,
       new_mailbox_id = excluded.new_mailbox_id, old_mark = excluded.old_mark, new_mark = excluded.new_mark,
       adopted_below = excluded.adopted_below, subscribed = excluded.subscribed`,
    row.id,
    textOfName(row.oldName),
    textOfName(row.newName),
    row.mappedBy,
    row.place,
    Number(row.createdByUs),
    row.generation,
    row.oldUidValidity,
    row.newUidValidity,
    row.oldMailboxId,
    row.newMailboxId,
    textOfMark(row.oldMark),
    textOfMark(row.newMark),
    row.adoptedBelow,
    Number(row.subscribed),
  );
}

function mailboxOf(row: Row): MailboxRow {
  return {
    id: integer(row, 'id'),
    oldName: nameOfText(text(row, 'old_name')),
    newName: nameOfText(text(row, 'new_name')),
    mappedBy: text(row, 'mapped_by'),
    place: oneOf(row, 'place', places),
    createdByUs: flag(row, 'created_by_us'),
    generation: integer(row, 'generation'),
    oldUidValidity: integerOrNull(row, 'old_uid_validity'),
    newUidValidity: integerOrNull(row, 'new_uid_validity'),
    oldMailboxId: textOrNull(row, 'old_mailbox_id'),
    newMailboxId: textOrNull(row, 'new_mailbox_id'),
    oldMark: markOf(textOrNull(row, 'old_mark')),
    newMark: markOf(textOrNull(row, 'new_mark')),
    adoptedBelow: integer(row, 'adopted_below'),
    subscribed: flag(row, 'subscribed'),
  };
}
