/** The tables as kysely sees them. Ids are UUIDv7 text, times epoch milliseconds, truth values 0 and 1, JSON is text. */
import type { ColumnType, Generated } from 'kysely';

export interface AuditTable {
  /** Ascending; given by the database. */
  readonly id: Generated<number>;
  readonly at_ms: number;
  readonly actor: string;
  readonly action: string;
  /** What was acted on; null for the installation as a whole. */
  readonly subject: string | null;
  readonly detail: string;
}

export interface AccountTable {
  readonly id: string;
  readonly address: string;
  readonly old_login: string;
  readonly new_login: string;
  /** A word of domain/phase.ts. */
  readonly phase: string;
  readonly epoch: number;
  readonly created_at_ms: number;
  /** JSON of account-notes.ts. */
  readonly paused: ColumnType<string | null, string | null | undefined, string | null>;
  readonly attention: ColumnType<string | null, string | null | undefined, string | null>;
  readonly scheduled_for: ColumnType<number | null, number | null | undefined, number | null>;
}

export interface CounterTable {
  readonly name: string;
  readonly value: number;
}

export interface LeaseTable {
  readonly name: string;
  readonly holder: string;
  readonly fence: number;
  readonly until_ms: number;
}

export interface EventTable {
  readonly id: number;
  readonly at_ms: number;
  readonly kind: string;
  readonly subject: string;
  readonly detail: string;
}

export interface Tables {
  readonly account: AccountTable;
  readonly audit: AuditTable;
  readonly counter: CounterTable;
  readonly event: EventTable;
  readonly lease: LeaseTable;
}
