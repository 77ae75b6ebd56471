/** The audit log: who did what to whom, append-only. No secret ever goes into it. */
import type { Kysely } from 'kysely';
import { databaseNow } from './dialect.ts';
import type { Tables } from './tables.ts';

export interface AuditEntry {
  /** Who acted: `operator:anna`, `customer:...`, `worker:...`. */
  readonly actor: string;
  /** What was done, as a stable word: `account.phase`, `credential.set`. */
  readonly action: string;
  /** The row acted on; null for the installation as a whole. */
  readonly subject: string | null;
  readonly detail: Readonly<Record<string, unknown>>;
}

export interface AuditRow extends AuditEntry {
  /** Ascending. */
  readonly id: number;
  readonly atMs: number;
}

/** Call it in the transaction of the change that it tells of. */
export async function appendAudit(db: Kysely<Tables>, entry: AuditEntry): Promise<void> {
  const { actor, action, subject } = entry;
  const detail = JSON.stringify(entry.detail);
  await db
    .insertInto('audit')
    .values({ at_ms: databaseNow(db), actor, action, subject, detail })
    .execute();
}

/** What happened to `subject`, newest first. */
export async function auditOf(db: Kysely<Tables>, subject: string, limit: number): Promise<AuditRow[]> {
  const rows = await db
    .selectFrom('audit')
    .selectAll()
    .where('subject', '=', subject)
    .orderBy('id', 'desc')
    .limit(limit)
    .execute();
  return rows.map(({ at_ms: atMs, detail, ...row }) => ({
    ...row,
    atMs,
    detail: JSON.parse(detail) as Record<string, unknown>,
  }));
}
