/** The rows of one account's journal; what they mean stands in sync/journal.ts. */
import type { Kysely, Selectable } from 'kysely';
import type { ChunkWrite, IntentRow, MailboxRow, RefusedRow } from '../../sync/journal.ts';
import { messagesOf, textOfMessages } from '../intent-messages.ts';
import { intentKinds } from '../intents.ts';
import { places } from '../mailboxes.ts';
import { markOf, textOfMark } from '../mark-text.ts';
import { nameOfText, textOfName } from '../name-text.ts';
import { oneOf } from '../row-value.ts';
import type { JournalMailboxTable, JournalRefusedTable, Tables } from './tables.ts';

type Db = Kysely<Tables>;

export async function mailboxesOf(db: Db, account: string): Promise<MailboxRow[]> {
  const rows = await db
    .selectFrom('journal_mailbox')
    .selectAll()
    .where('account_id', '=', account)
    .orderBy('id')
    .execute();
  return rows.map(mailboxOfRow);
}

export async function putMailbox(db: Db, account: string, row: MailboxRow): Promise<void> {
  const { id, ...changing } = {
    id: row.id,
    old_name: textOfName(row.oldName),
    new_name: textOfName(row.newName),
    mapped_by: row.mappedBy,
    place: row.place,
    created_by_us: Number(row.createdByUs),
    generation: row.generation,
    old_uid_validity: row.oldUidValidity,
    new_uid_validity: row.newUidValidity,
    old_mailbox_id: row.oldMailboxId,
    new_mailbox_id: row.newMailboxId,
    old_mark: textOfMark(row.oldMark),
    new_mark: textOfMark(row.newMark),
    adopted_below: row.adoptedBelow,
    subscribed: Number(row.subscribed),
  };
  await db
    .insertInto('journal_mailbox')
    .values({ account_id: account, id, ...changing })
    .onConflict((conflict) => conflict.columns(['account_id', 'id']).doUpdateSet(changing))
    .execute();
}

function mailboxOfRow(row: Selectable<JournalMailboxTable>): MailboxRow {
  return {
    id: row.id,
    oldName: nameOfText(row.old_name),
    newName: nameOfText(row.new_name),
    mappedBy: row.mapped_by,
    place: oneOf({ place: row.place }, 'place', places),
    createdByUs: row.created_by_us !== 0,
    generation: row.generation,
    oldUidValidity: row.old_uid_validity,
    newUidValidity: row.new_uid_validity,
    oldMailboxId: row.old_mailbox_id,
    newMailboxId: row.new_mailbox_id,
    oldMark: markOf(row.old_mark),
    newMark: markOf(row.new_mark),
    adoptedBelow: row.adopted_below,
    subscribed: row.subscribed !== 0,
  };
}

export async function intentsOf(db: Db, account: string): Promise<IntentRow[]> {
  const rows = await db
    .selectFrom('journal_intent')
    .selectAll()
    .where('account_id', '=', account)
    .orderBy('id')
    .execute();
  return rows.map((row) => ({
    id: row.id,
    mailboxId: row.mailbox_id,
    kind: oneOf({ kind: row.kind }, 'kind', intentKinds),
    newUidValidity: row.new_uid_validity,
    uidNextBefore: row.uid_next_before,
    createdAtMs: row.created_at_ms,
    messages: messagesOf(row.messages),
  }));
}

/** Fails where the id is taken: intents are never reused. */
export async function openIntent(db: Db, account: string, row: IntentRow): Promise<void> {
  await db
    .insertInto('journal_intent')
    .values({
      account_id: account,
      id: row.id,
      mailbox_id: row.mailboxId,
      kind: row.kind,
      new_uid_validity: row.newUidValidity,
      uid_next_before: row.uidNextBefore,
      created_at_ms: row.createdAtMs,
      messages: textOfMessages(row.messages),
    })
    .execute();
}

export async function closeIntents(db: Db, account: string, ids: readonly number[]): Promise<void> {
  if (ids.length === 0) return;
  await db.deleteFrom('journal_intent').where('account_id', '=', account).where('id', 'in', ids).execute();
}

export async function chunksOf(db: Db, account: string, mailboxId: number, generation: number) {
  const rows = await db
    .selectFrom('journal_chunk')
    .select(['chunk', 'body'])
    .where('account_id', '=', account)
    .where('mailbox_id', '=', mailboxId)
    .where('generation', '=', generation)
    .orderBy('chunk')
    .execute();
  // A copy: pg's buffers are views into larger ones.
  return rows.map(({ chunk, body }) => ({ chunk, body: new Uint8Array(body) }));
}

export async function writeChunk(db: Db, account: string, write: ChunkWrite): Promise<void> {
  const { mailboxId, generation, chunk, body } = write;
  if (body === null) {
    await db
      .deleteFrom('journal_chunk')
      .where('account_id', '=', account)
      .where('mailbox_id', '=', mailboxId)
      .where('generation', '=', generation)
      .where('chunk', '=', chunk)
      .execute();
    return;
  }
  await db
    .insertInto('journal_chunk')
    .values({ account_id: account, mailbox_id: mailboxId, generation, chunk, body })
    .onConflict((conflict) =>
      conflict.columns(['account_id', 'mailbox_id', 'generation', 'chunk']).doUpdateSet({ body }),
    )
    .execute();
}

export async function dropGenerationsBelow(
  db: Db,
  account: string,
  drop: { readonly mailboxId: number; readonly generation: number },
): Promise<void> {
  await db
    .deleteFrom('journal_chunk')
    .where('account_id', '=', account)
    .where('mailbox_id', '=', drop.mailboxId)
    .where('generation', '<', drop.generation)
    .execute();
}

/** Ascending by mailbox and UID. */
export async function refusedOf(db: Db, account: string): Promise<RefusedRow[]> {
  const rows = await db
    .selectFrom('journal_refused')
    .selectAll()
    .where('account_id', '=', account)
    .orderBy('mailbox_id')
    .orderBy('old_uid')
    .execute();
  return rows.map(refusedOfRow);
}

export function refusedOfRow(row: JournalRefusedTable): RefusedRow {
  return {
    mailboxId: row.mailbox_id,
    oldUid: row.old_uid,
    code: row.code,
    reason: stored(row.reason),
    sizeBytes: row.size_bytes,
    date: stored(row.date),
    subject: stored(row.subject),
    from: stored(row.from_line),
    attempts: row.attempts,
    atMs: row.at_ms,
  };
}

export async function putRefused(db: Db, account: string, row: RefusedRow): Promise<void> {
  const changing = {
    code: row.code,
    reason: storable(row.reason),
    size_bytes: row.sizeBytes,
    date: storable(row.date),
    subject: storable(row.subject),
    from_line: storable(row.from),
    attempts: row.attempts,
    at_ms: row.atMs,
  };
  await db
    .insertInto('journal_refused')
    .values({ account_id: account, mailbox_id: row.mailboxId, old_uid: row.oldUid, ...changing })
    .onConflict((conflict) => conflict.columns(['account_id', 'mailbox_id', 'old_uid']).doUpdateSet(changing))
    .execute();
}

/** Header lines may hold what PostgreSQL does not take: control characters, and halves of surrogate pairs. */
function storable<T extends string | null>(text: T): T {
  return (text === null ? null : textOfName(text.toWellFormed())) as T;
}

function stored<T extends string | null>(text: T): T {
  return (text === null ? null : nameOfText(text)) as T;
}

export async function clearRefused(
  db: Db,
  account: string,
  one: { readonly mailboxId: number; readonly oldUid: number },
): Promise<void> {
  await db
    .deleteFrom('journal_refused')
    .where('account_id', '=', account)
    .where('mailbox_id', '=', one.mailboxId)
    .where('old_uid', '=', one.oldUid)
    .execute();
}

export async function clearRefusedOf(db: Db, account: string, mailboxId: number): Promise<void> {
  await db
    .deleteFrom('journal_refused')
    .where('account_id', '=', account)
    .where('mailbox_id', '=', mailboxId)
    .execute();
}

export async function notesOf(db: Db, account: string): Promise<Record<string, string>> {
  const rows = await db
    .selectFrom('journal_note')
    .select(['name', 'value'])
    .where('account_id', '=', account)
    .execute();
  return Object.fromEntries(rows.map(({ name, value }) => [name, value]));
}

export async function putNote(db: Db, account: string, name: string, value: string | null): Promise<void> {
  if (value === null) {
    await db.deleteFrom('journal_note').where('account_id', '=', account).where('name', '=', name).execute();
    return;
  }
  await db
    .insertInto('journal_note')
    .values({ account_id: account, name, value })
    .onConflict((conflict) => conflict.columns(['account_id', 'name']).doUpdateSet({ value }))
    .execute();
}
