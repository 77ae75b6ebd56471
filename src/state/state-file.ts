/**
 * The journal on disk: one SQLite file for one pair of accounts. A step is on disk before `record` resolves
 * (log-sync.ts), whole or not at all. Opening must stay cheap: a pass that finds nothing to do takes less time
 * than loading a query builder would.
 */
import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Clock } from '../base/clock.ts';
import { MailferryError } from '../base/errors.ts';
import type { Journal, JournalContents, JournalEntry } from '../sync/journal.ts';
import { chunksOf, dropGenerationsBelow, writeChunk } from './chunks.ts';
import { closeIntent, openIntent, openIntents } from './intents.ts';
import { allMailboxes, putMailbox } from './mailboxes.ts';
import { allNotes, putNote } from './notes.ts';
import { pairOf, setPair } from './pair.ts';
import type { AccountPair } from './pair.ts';
import { checkWritable, createPrivately, makeDirectoryPrivately } from './private-file.ts';
import { allRefused, clearRefused, clearRefusedOf, putRefused } from './refused-messages.ts';
import { LogSync } from './log-sync.ts';
import { BadRow, integer } from './row-value.ts';
import { takeRunLock } from './run-lock.ts';
import type { RunLock } from './run-lock.ts';
import { schemaVersion } from './schema-version.ts';
import { Sql } from './sql.ts';
import { stateDamaged, stateError } from './state-error.ts';

/** "MFST" in the file's header: tells our files from other programs' databases. */
const applicationId = 0x4d465354;

export interface StateOptions {
  readonly pair: AccountPair;
  readonly clock: Clock;
}

/** Opens the file, making it and its directory where they are missing; holds it until `close`. */
export async function openState(file: string, { pair, clock }: StateOptions): Promise<StateFile> {
  prepareDirectory(file);
  const lock = takeRunLock(file, clock.now());
  let sql: Sql | undefined;
  try {
    // -wal and -shm take the file's mode.
    createPrivately(file);
    checkWritable(file);
    const wasCut = leftOver(`${file}-wal`);
    sql = new Sql(file);
    checkMagic(sql, file);
    sql.exec('pragma journal_mode = wal; pragma synchronous = full');
    if (wasCut) checkIntegrity(sql, file);
    await bringUpToDate(sql, file);
    checkPair(sql, file, pair, clock.now());
    // From here on steps are flushed by LogSync.
    sql.exec('pragma synchronous = normal');
    return new StateFile(file, sql, lock);
  } catch (error) {
    sql?.close();
    lock.release();
    throw translated(file, error);
  }
}

export class StateFile implements Journal {
  readonly file: string;
  readonly #sql: Sql;
  readonly #lock: RunLock;
  readonly #log: LogSync;
  #closed = false;

  constructor(file: string, sql: Sql, lock: RunLock) {
    this.file = file;
    this.#sql = sql;
    this.#lock = lock;
    this.#log = new LogSync(file);
  }

  async load(): Promise<JournalContents> {
    return this.#asked((sql) => ({
      mailboxes: allMailboxes(sql),
      intents: openIntents(sql),
      refused: allRefused(sql),
      notes: allNotes(sql),
    }));
  }

  async chunks(mailboxId: number, generation: number) {
    return this.#asked((sql) => chunksOf(sql, mailboxId, generation));
  }

  async record(entry: JournalEntry): Promise<void> {
    this.#asked((sql) => sql.transaction(() => write(sql, entry)));
    try {
      await this.#log.flush();
    } catch (error) {
      throw translated(this.file, error);
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    try {
      this.#log.close();
      this.#sql.close();
    } catch (error) {
      throw translated(this.file, error);
    } finally {
      this.#lock.release();
    }
  }

  #asked<T>(question: (sql: Sql) => T): T {
    if (this.#closed) throw new MailferryError('internal', `the state file ${this.file} has been closed`);
    try {
      return question(this.#sql);
    } catch (error) {
      throw translated(this.file, error);
    }
  }
}

/** Removals come before additions of the same kind, so that one entry can replace what it clears. */
function write(sql: Sql, entry: JournalEntry): void {
  for (const row of entry.mailboxes ?? []) putMailbox(sql, row);
  for (const drop of entry.dropGenerationsBelow ?? []) {
    dropGenerationsBelow(sql, drop.mailboxId, drop.generation);
  }
  for (const chunk of entry.chunks ?? []) writeChunk(sql, chunk);
  for (const row of entry.openIntents ?? []) openIntent(sql, row);
  for (const id of entry.closeIntents ?? []) closeIntent(sql, id);
  for (const id of entry.clearRefusedOf ?? []) clearRefusedOf(sql, id);
  for (const one of entry.clearRefused ?? []) clearRefused(sql, one.mailboxId, one.oldUid);
  for (const row of entry.refused ?? []) putRefused(sql, row);
  for (const [name, value] of Object.entries(entry.notes ?? {})) putNote(sql, name, value);
}

function translated(file: string, error: unknown): MailferryError {
  if (error instanceof BadRow || error instanceof SyntaxError) {
    return stateDamaged(file, `holds what this program never wrote (${error.message})`);
  }
  return stateError(file, error);
}

/** The account's mail history is nobody else's business: only directories made here, and the file, are closed. */
function prepareDirectory(file: string): void {
  try {
    makeDirectoryPrivately(dirname(file));
  } catch (error) {
    throw stateError(file, error);
  }
}

/** A log that is still there means that the last run did not come to its end. */
function leftOver(log: string): boolean {
  return (statSync(log, { throwIfNoEntry: false })?.size ?? 0) > 0;
}

function pragma(sql: Sql, name: string): number {
  const row = sql.get(`pragma ${name}`);
  return row ? integer(row, name) : 0;
}

function checkMagic(sql: Sql, file: string): void {
  const found = pragma(sql, 'application_id');
  if (found === applicationId) return;
  if (pragma(sql, 'page_count') > 0) throw stateDamaged(file, 'is a database of another program');
  sql.exec(`pragma application_id = ${applicationId}`);
}

function checkIntegrity(sql: Sql, file: string): void {
  const answers = sql.all('pragma quick_check(1)');
  const answer = answers[0]?.['quick_check'];
  if (answer !== 'ok') throw stateDamaged(file, `fails SQLite's check (${String(answer)})`);
}

async function bringUpToDate(sql: Sql, file: string): Promise<void> {
  const version = pragma(sql, 'user_version');
  if (version === schemaVersion) return;
  if (version > schemaVersion) {
    throw new MailferryError(
      'state-foreign',
      `the state file ${file} was written by a newer release (schema ${version}, this one knows ${schemaVersion})`,
    );
  }
  const { migrateToLatest } = await import('./migrate.ts');
  await migrateToLatest(sql);
  sql.exec(`pragma user_version = ${schemaVersion}`);
}

function checkPair(sql: Sql, file: string, pair: AccountPair, nowMs: number): void {
  const found = pairOf(sql);
  if (!found) {
    sql.transaction(() => setPair(sql, pair, nowMs));
  } else if (found.from !== pair.from || found.to !== pair.to) {
    throw new MailferryError(
      'state-foreign',
      `the state file ${file} belongs to ${found.from} -> ${found.to}, not to ${pair.from} -> ${pair.to}`,
    );
  }
}
