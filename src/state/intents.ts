/** Effects on the new side that were about to happen. Few are open at a time; one row holds all messages of one. */
import type { IntentMessage, IntentRow } from '../sync/journal.ts';
import { BadRow, integer, oneOf, text } from './row-value.ts';
import type { Row, Sql } from './sql.ts';

const kinds = ['append', 'given-up', 'move', 'expunge', 'create', 'flags', 'lost-flags'] as const;

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
    JSON.stringify(row.messages.map(plainMessage)),
  );
}

export function closeIntent(sql: Sql, id: number): void {
  sql.run('delete from intent where id = ?', id);
}

function intentOf(row: Row): IntentRow {
  const messages: unknown = JSON.parse(text(row, 'messages'));
  if (!Array.isArray(messages)) throw new BadRow('messages is no list');
  return {
    id: integer(row, 'id'),
    mailboxId: integer(row, 'mailbox_id'),
    kind: oneOf(row, 'kind', kinds),
    newUidValidity: integer(row, 'new_uid_validity'),
    uidNextBefore: integer(row, 'uid_next_before'),
    createdAtMs: integer(row, 'created_at_ms'),
    messages: messages.map((one) => messageOf(one as PlainMessage)),
  };
}

/** An intent's message with its digest in hexadecimal. */
type PlainMessage = Omit<IntentMessage, 'digest' | 'dateStamp'> & {
  readonly digest: string | null;
  /** Missing where a release wrote it that did not keep dates. */
  readonly dateStamp?: number;
};

function plainMessage(message: IntentMessage): PlainMessage {
  const { digest } = message;
  return { ...message, digest: digest === null ? null : Buffer.from(digest).toString('hex') };
}

function messageOf(plain: PlainMessage): IntentMessage {
  const { digest, dateStamp = 0 } = plain;
  return {
    ...plain,
    dateStamp,
    digest: digest === null ? null : new Uint8Array(Buffer.from(digest, 'hex')),
  };
}
