/** The tables as kysely sees them. Ids are UUIDv7 text, times epoch milliseconds, truth values 0 and 1, JSON is text. */
import type { Generated } from 'kysely';

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

export interface Tables {
  readonly audit: AuditTable;
}
