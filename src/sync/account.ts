/**
 * What one run knows of the account: the journal's contents in memory, kept equal to it. All changes go through
 * `record`, which makes them durable first and visible here after.
 */
import type { Clock } from '../base/clock.ts';
import { MailferryError } from '../base/errors.ts';
import type { IntentRow, Journal, JournalEntry, MailboxRow, RefusedRow } from './journal.ts';
import { Ledger } from './ledger.ts';

/** A key for each mailbox: two that end at the same time must not overwrite each other's note. */
const deletionsDuePrefix = 'deletions-due/';
const checkedGenerationsKey = 'checked-generations';

const nothingRefused: ReadonlyMap<number, RefusedRow> = new Map();

type Monotonic = Pick<Clock, 'monotonic'>;

export class Account {
  readonly #journal: Journal;
  readonly mailboxes = new Map<number, MailboxRow>();
  readonly intents = new Map<number, IntentRow>();
  readonly #refused = new Map<number, Map<number, RefusedRow>>();
  readonly #ledgers = new Map<number, Ledger>();
  readonly notes = new Map<string, string>();
  #nextIntent = 1;
  readonly #clock: Monotonic;
  /** When intents of this run were opened, and, for those of an earlier one, when they were read. */
  readonly #openedAt = new Map<number, number>();
  readonly #loadedAt: number;

  private constructor(journal: Journal, clock: Monotonic) {
    this.#journal = journal;
    this.#clock = clock;
    this.#loadedAt = clock.monotonic();
  }

  static async load(journal: Journal, clock: Monotonic): Promise<Account> {
    const account = new Account(journal, clock);
    const contents = await journal.load();
    for (const row of contents.mailboxes) account.mailboxes.set(row.id, row);
    for (const row of contents.intents) account.intents.set(row.id, row);
    for (const row of contents.refused) account.#refusedOf(row.mailboxId).set(row.oldUid, row);
    for (const [key, value] of Object.entries(contents.notes)) account.notes.set(key, value);
    account.#nextIntent = Math.max(0, ...account.intents.keys()) + 1;
    return account;
  }

  mailbox(id: number): MailboxRow {
    const row = this.mailboxes.get(id);
    if (row === undefined) throw new MailferryError('internal', `unknown mailbox ${id}`);
    return row;
  }

  nextMailboxId(): number {
    return Math.max(0, ...this.mailboxes.keys()) + 1;
  }

  nextIntentId(): number {
    return this.#nextIntent++;
  }

  intentsOf(mailboxId: number): IntentRow[] {
    return [...this.intents.values()].filter((i) => i.mailboxId === mailboxId).sort((a, b) => a.id - b.id);
  }

  /**
   * What is left of the grace of an intent. Counted by the time that only grows: a wall clock that jumps must not end it
   * early (F-42). The only clock that outlasts a process is the wall's, and whether that jumped meanwhile nobody knows: so
   * an intent of an earlier run has its whole grace from the moment it was read.
   */
  graceLeftMs({ id }: IntentRow, graceMs: number): number {
    return Math.max(0, (this.#openedAt.get(id) ?? this.#loadedAt) + graceMs - this.#clock.monotonic());
  }

  refusedOf(mailboxId: number): ReadonlyMap<number, RefusedRow> {
    // None is made for being asked: a daemon holds tens of thousands of mailboxes where nothing was refused.
    return this.#refused.get(mailboxId) ?? nothingRefused;
  }

  allRefused(): RefusedRow[] {
    return [...this.#refused.values()].flatMap((rows) => [...rows.values()]);
  }

  /** The ledger of the mailbox's current generation; stays in memory until `releaseLedger`. */
  async ledger(mailboxId: number): Promise<Ledger> {
    const { generation } = this.mailbox(mailboxId);
    const known = this.#ledgers.get(mailboxId);
    if (known !== undefined && known.generation === generation) return known;
    const ledger = new Ledger(mailboxId, generation, await this.#journal.chunks(mailboxId, generation));
    this.#ledgers.set(mailboxId, ledger);
    return ledger;
  }

  /** The ledger of an older generation, while a changed UIDVALIDITY is being worked off; never changed. */
  async olderLedger(mailboxId: number, generation: number): Promise<Ledger> {
    return new Ledger(mailboxId, generation, await this.#journal.chunks(mailboxId, generation));
  }

  useLedger(ledger: Ledger): void {
    this.#ledgers.set(ledger.mailboxId, ledger);
  }

  releaseLedger(mailboxId: number): void {
    this.#ledgers.delete(mailboxId);
  }

  /**
   * Mailboxes whose ledger holds rows that vanished on old and were not followed yet. A mark alone would hide them: the
   * mailbox looks unchanged from then on.
   */
  get deletionsDue(): ReadonlySet<number> {
    const keys = [...this.notes.keys()].filter((key) => key.startsWith(deletionsDuePrefix));
    return new Set(keys.map((key) => Number(key.slice(deletionsDuePrefix.length))));
  }

  /** The note for `record` by which this mailbox has, or no longer has, deletions to be followed. */
  deletionsNote(mailboxId: number, due: boolean): Readonly<Record<string, string | null>> {
    const key = `${deletionsDuePrefix}${mailboxId}`;
    return this.notes.has(key) === due ? {} : { [key]: due ? 'true' : null };
  }

  /** Rises with each UIDVALIDITY that changed. */
  get generations(): number {
    let sum = 0;
    for (const row of this.mailboxes.values()) sum += row.generation - 1;
    return sum;
  }

  /** What that was when a check last agreed; it outlasts a run, which may end between the change and the check. */
  get checkedGenerations(): number {
    return Number(this.notes.get(checkedGenerationsKey) ?? 0);
  }

  /** The note for `record` by which all generations so far are checked. */
  checkedNote(): Readonly<Record<string, string>> {
    return { [checkedGenerationsKey]: String(this.generations) };
  }

  async record(entry: JournalEntry): Promise<void> {
    await this.#journal.record(entry);
    for (const row of entry.mailboxes ?? []) this.mailboxes.set(row.id, row);
    for (const row of entry.openIntents ?? []) {
      this.intents.set(row.id, row);
      this.#openedAt.set(row.id, this.#clock.monotonic());
    }
    for (const id of entry.closeIntents ?? []) {
      this.intents.delete(id);
      this.#openedAt.delete(id);
    }
    for (const id of entry.clearRefusedOf ?? []) this.#refused.delete(id);
    for (const { mailboxId, oldUid } of entry.clearRefused ?? [])
      this.#refused.get(mailboxId)?.delete(oldUid);
    for (const row of entry.refused ?? []) this.#refusedOf(row.mailboxId).set(row.oldUid, row);
    for (const [key, value] of Object.entries(entry.notes ?? {})) {
      if (value === null) this.notes.delete(key);
      else this.notes.set(key, value);
    }
  }

  #refusedOf(mailboxId: number): Map<number, RefusedRow> {
    let rows = this.#refused.get(mailboxId);
    if (rows === undefined) {
      rows = new Map();
      this.#refused.set(mailboxId, rows);
    }
    return rows;
  }
}
