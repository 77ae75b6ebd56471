/** The ledger: chunked rows, never a row per message. What is in a body is the engine's business. */
import type { ChunkWrite } from '../sync/journal.ts';
import { bytes, integer } from './row-value.ts';
import type { Sql } from './sql.ts';

export function chunksOf(
  sql: Sql,
  mailboxId: number,
  generation: number,
): { readonly chunk: number; readonly body: Uint8Array }[] {
  return sql
    .all(
      'select chunk, body from ledger_chunk where mailbox_id = ? and generation = ? order by chunk',
      mailboxId,
      generation,
    )
    .map((row) => ({ chunk: integer(row, 'chunk'), body: bytes(row, 'body') }));
}

export function writeChunk(sql: Sql, { mailboxId, generation, chunk, body }: ChunkWrite): void {
  if (body === null) {
    sql.run(
      'delete from ledger_chunk where mailbox_id = ? and generation = ? and chunk = ?',
      mailboxId,
      generation,
      chunk,
    );
    return;
  }
  sql.run(
    `insert into ledger_chunk (mailbox_id, generation, chunk, body) values (?, ?, ?, ?)
     on conflict (mailbox_id, generation, chunk) do update set body = excluded.body`,
    mailboxId,
    generation,
    chunk,
    body,
  );
}

export function dropGenerationsBelow(sql: Sql, mailboxId: number, generation: number): void {
  sql.run('delete from ledger_chunk where mailbox_id = ? and generation < ?', mailboxId, generation);
}
