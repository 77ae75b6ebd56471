/** What operators set for a server while the daemon runs; what they did not set stays as it is configured. */
import type { Kysely } from 'kysely';
import { appendAudit } from './audit.ts';
import { appendEvent } from './events.ts';
import type { Side } from './servers.ts';
import type { Tables } from './tables.ts';

/** A number, null for no bound, or left out: as configured. */
export interface ServerBudgetChanges {
  readonly connections?: number;
  readonly messagesPerSecond?: number | null;
  readonly bytesPerSecond?: number | null;
  readonly bytesPerDay?: number | null;
}

export async function budgetChanges(
  db: Kysely<Tables>,
): Promise<Readonly<Record<Side, ServerBudgetChanges>>> {
  const found: Record<Side, ServerBudgetChanges> = { old: {}, new: {} };
  for (const row of await db.selectFrom('server_budget').selectAll().execute()) {
    found[row.side as Side] = JSON.parse(row.limits) as ServerBudgetChanges;
  }
  return found;
}

/** Replaces what was set before; workers follow within a second. */
export async function setBudget(
  db: Kysely<Tables>,
  side: Side,
  changes: ServerBudgetChanges,
  actor: string,
): Promise<void> {
  const limits = JSON.stringify(changes);
  await db.transaction().execute(async (inside) => {
    await inside
      .insertInto('server_budget')
      .values({ side, limits })
      .onConflict((conflict) => conflict.column('side').doUpdateSet({ limits }))
      .execute();
    await appendAudit(inside, { actor, action: 'server.budget', subject: side, detail: { ...changes } });
    await appendEvent(inside, { kind: 'server.budget', subject: side, detail: { ...changes } });
  });
}
