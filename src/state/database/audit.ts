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
  /** Of the account that `subject` is; null where it is something else, or the account is gone. */
  readonly address: string | null;
  /** Of the team, token, wave, webhook or edge that `subject` is, in the same way. */
  readonly name: string | null;
}

/** No condition; the newest rows. */
export const wholeAudit = { subject: null, actor: null, sinceMs: null, before: null } as const;

/** Call it in the transaction of the change that it tells of. */
export async function appendAudit(db: Kysely<Tables>, ...entries: readonly AuditEntry[]): Promise<void> {
  if (entries.length === 0) return;
  await db
    .insertInto('audit')
    .values(
      entries.map(({ actor, action, subject, detail }) => ({
        at_ms: databaseNow(db),
        actor,
        action,
        subject,
        detail: JSON.stringify(detail),
      })),
    )
    .execute();
}

/** What happened to `subject`, newest first. */
export async function auditOf(db: Kysely<Tables>, subject: string, limit: number): Promise<AuditRow[]> {
  return auditPage(db, { ...wholeAudit, subject, limit });
}

/** When the account was first started, and when it last came into step; null where it was not. */
export async function phaseTimes(
  db: Kysely<Tables>,
  accountId: string,
): Promise<{ readonly startedMs: number | null; readonly inStepMs: number | null }> {
  const rows = await db
    .selectFrom('audit')
    .select(['at_ms', 'detail'])
    .where('subject', '=', accountId)
    .where('action', '=', 'account.phase')
    .orderBy('id')
    .execute();
  const changes = rows.map((row) => ({
    atMs: row.at_ms,
    to: (JSON.parse(row.detail) as { to?: unknown }).to,
  }));
  return {
    startedMs: changes.find(({ to }) => to === 'copying')?.atMs ?? null,
    inStepMs: changes.findLast(({ to }) => to === 'in-step')?.atMs ?? null,
  };
}

export interface AuditPage {
  readonly subject: string | null;
  /** Who acted, whole: `operator:anna`. */
  readonly actor: string | null;
  /** Nothing older, epoch milliseconds. */
  readonly sinceMs: number | null;
  /** Only rows before this id; null for the newest. */
  readonly before: number | null;
  readonly limit: number;
}

/**
 * Newest first. The rows of one actor, or since a time, are looked for in the order of ids, without an index: the log
 * grows by a few rows an account, and people read its newest pages.
 */
export async function auditPage(db: Kysely<Tables>, page: AuditPage): Promise<AuditRow[]> {
  let question = db
    .selectFrom('audit')
    .leftJoin('account', 'account.id', 'audit.subject')
    .leftJoin('team', 'team.id', 'audit.subject')
    .leftJoin('api_token', 'api_token.id', 'audit.subject')
    .leftJoin('wave', 'wave.id', 'audit.subject')
    .leftJoin('webhook', 'webhook.id', 'audit.subject')
    .leftJoin('edge', 'edge.id', 'audit.subject')
    .selectAll('audit')
    .select(({ fn }) => [
      'account.address as address',
      fn.coalesce('team.name', 'api_token.name', 'wave.name', 'webhook.url', 'edge.name').as('name'),
    ])
    .orderBy('audit.id', 'desc')
    .limit(page.limit);
  if (page.subject !== null) question = question.where('audit.subject', '=', page.subject);
  if (page.actor !== null) question = question.where('audit.actor', '=', page.actor);
  if (page.sinceMs !== null) question = question.where('audit.at_ms', '>=', page.sinceMs);
  if (page.before !== null) question = question.where('audit.id', '<', page.before);
  const rows = await question.execute();
  return rows.map(({ at_ms: atMs, detail, ...row }) => ({
    ...row,
    atMs,
    detail: JSON.parse(detail) as Record<string, unknown>,
  }));
}
