/** Messages that are not on the new side, each with the reason. */
import type { RefusedRow } from '../sync/journal.ts';
import { integer, text, textOrNull } from './row-value.ts';
import type { Row, Sql } from './sql.ts';

export function allRefused(sql: Sql): RefusedRow[] {
  return sql.all('select * from refused_message order by mailbox_id, old_uid').map(refusedOf);
}

export function putRefused(sql: Sql, row: RefusedRow): void {
  sql.run(
    `insert into refused_message
       (mailbox_id, old_uid, code, reason, size_bytes, sent_date, subject, sender, attempts, at_ms)
     values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     on conflict (mailbox_id, old_uid) do update set code = excluded.code, reason = excluded.reason,
       size_bytes = excluded.size_bytes, sent_date = excluded.sent_date, subject = excluded.subject,
       sender = excluded.sender, attempts = excluded.attempts, at_ms = excluded.at_ms`,
    row.mailboxId,
    row.oldUid,
    row.code,
    row.reason,
    row.sizeBytes,
    row.date,
    row.subject,
    row.from,
    row.attempts,
    row.atMs,
  );
}

export function clearRefused(sql: Sql, mailboxId: number, oldUid: number): void {
  sql.run('delete from refused_message where mailbox_id = ? and old_uid = ?', mailboxId, oldUid);
}

export function clearRefusedOf(sql: Sql, mailboxId: number): void {
  sql.run('delete from refused_message where mailbox_id = ?', mailboxId);
}

function refusedOf(row: Row): RefusedRow {
  return {
    mailboxId: integer(row, 'mailbox_id'),
    oldUid: integer(row, 'old_uid'),
    code: text(row, 'code'),
    reason: text(row, 'reason'),
    sizeBytes: integer(row, 'size_bytes'),
    date: textOrNull(row, 'sent_date'),
    subject: textOrNull(row, 'subject'),
    from: textOrNull(row, 'sender'),
    attempts: integer(row, 'attempts'),
    atMs: integer(row, 'at_ms'),
  };
}
