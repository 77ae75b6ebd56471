/**
 * What people chose for an account, and when it is to begin. `move` and `copy` begin alike; what was chosen stays for the
 * day when accounts switch. Changes go through bulk-changes.ts.
 */
import type { Kysely } from 'kysely';
import type { AuditEntry } from './audit.ts';
import { databaseNow } from './dialect.ts';
import type { Tables } from './tables.ts';

export type Choice = 'copy' | 'move';

export interface Plan {
  readonly choice: Choice;
  /** When it begins, epoch milliseconds; null for now. */
  readonly atMs: number | null;
}

export interface AccountPlan {
  readonly choice: Choice | null;
  readonly scheduledForMs: number | null;
}

export async function planOf(db: Kysely<Tables>, accountId: string): Promise<AccountPlan> {
  const row = await db
    .selectFrom('account')
    .select(['choice', 'scheduled_for'])
    .where('id', '=', accountId)
    .executeTakeFirst();
  const choice = row?.choice === 'copy' || row?.choice === 'move' ? row.choice : null;
  return { choice, scheduledForMs: row?.scheduled_for ?? null };
}

/** In the transaction of its audit rows, which it gives. */
export async function writePlan(
  inside: Kysely<Tables>,
  ids: readonly string[],
  plan: Plan | null,
  actor: string,
): Promise<AuditEntry[]> {
  const planned_by = plan === null || plan.atMs === null ? null : actor;
  await inside
    .updateTable('account')
    .set({ choice: plan?.choice ?? null, scheduled_for: plan?.atMs ?? null, planned_by })
    .where('id', 'in', ids)
    .execute();
  const detail = { choice: plan?.choice ?? null, atMs: plan?.atMs ?? null };
  return ids.map((subject) => ({ actor, action: 'account.plan', subject, detail }));
}

/** Accounts whose time has come, and who set it. */
export async function dueAccounts(
  db: Kysely<Tables>,
  limit: number,
): Promise<{ readonly id: string; readonly plannedBy: string | null }[]> {
  const rows = await db
    .selectFrom('account')
    .select(['id', 'planned_by'])
    .where('scheduled_for', '<=', databaseNow(db))
    .where('phase', '=', 'old')
    // They would be refused, and would stand before all others; their time has come when they are resumed.
    .where('paused', 'is', null)
    .orderBy('scheduled_for')
    .limit(limit)
    .execute();
  return rows.map(({ id, planned_by: plannedBy }) => ({ id, plannedBy }));
}
