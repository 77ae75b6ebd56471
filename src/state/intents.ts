/** Effects on the new side that were about to happen. Few are open at a time; one row holds all messages of one. */
import type { IntentRow } from '../sync/journal.ts';
import { messagesOf, textOfMessages } from './intent-messages.ts';
import { integer, oneOf, text } from './row-value.ts';
import type { Row, Sql } from './sql.ts';

/** As `IntentRow.kind`. */
export const intentKinds = [
  'append',
  'given-up',
  'move',
  'expunge',
  'create',
  'flags',
  'lost-flags',
] as const;

export function openIntents(sql: Sql): IntentRow[] {
  return sql.all('select * from intent order by id').map(intentOf);
}

/** Fails where the id is taken: intents are never reused. */
export function openIntent(sql: Sql, row: IntentRow): void {
  sql.run(
    `insert into intent (id, mailbox_id, kind, new_uid_validity, uid_next_before, created_at_ms, messages)
     values (?, ?, ?, ?, ?, ?, ?)`,
    row.id,
    row.mailboxId,
    row.kind,
    row.newUidValidity,
    row.uidNextBefore,
    row.createdAtMs,
    textOfMessages(row.messages),
  );
}

export function closeIntent(sql: Sql, id: number): void {
  sql.run('delete from intent where id = ?', id);
}

function intentOf(row: Row): IntentRow {
  return {
    id: integer(row, 'id'),
    mailboxId: integer(row, 'mailbox_id'),
    kind: oneOf(row, 'kind', intentKinds),
    newUidValidity: integer(row, 'new_uid_validity'),
    uidNextBefore: integer(row, 'uid_next_before'),
    createdAtMs: integer(row, 'created_at_ms'),
    messages: messagesOf(text(row, 'messages')),
  };
}
