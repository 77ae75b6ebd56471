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

/** What of a server is changed; what is left out stays. For connections null is the configured number. */
export type BudgetChange = {
  readonly [Name in keyof ServerBudgetChanges]?: number | null | undefined;
};

/** Workers follow within a second. Two changes at once are both kept where they are of different things. */
export async function changeBudget(
  db: Kysely<Tables>,
  side: Side,
  change: BudgetChange,
  actor: string,
): Promise<void> {
  await db.transaction().execute(async (inside) => {
    // Takes the row, so that whoever changes it meanwhile waits.
    const { limits: before } = await inside
      .insertInto('server_budget')
      .values({ side, limits: '{}' })
      .onConflict((conflict) => conflict.column('side').doUpdateSet({ side }))
      .returning('limits')
      .executeTakeFirstOrThrow();
    const set: Record<string, unknown> = { ...(JSON.parse(before) as object) };
    for (const [name, value] of Object.entries(change)) if (value !== undefined) set[name] = value;
    if (set['connections'] === null) delete set['connections'];
    await inside
      .updateTable('server_budget')
      .set({ limits: JSON.stringify(set) })
      .where('side', '=', side)
      .execute();
    const was = JSON.parse(before) as Record<string, unknown>;
    const names = Object.keys(change).filter((name) => change[name as keyof BudgetChange] !== undefined);
    // Null is no bound; what nobody set is as it is configured.
    const pick = (values: Record<string, unknown>) =>
      Object.fromEntries(names.map((name) => [name, name in values ? values[name] : 'configured']));
    const detail = { before: pick(was), after: pick(set) };
    await appendAudit(inside, { actor, action: 'server.budget', subject: side, detail });
    await appendEvent(inside, { kind: 'server.budget', subject: side, detail: set });
  });
}
