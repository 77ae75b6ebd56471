/** Starts accounts whose time has come. Twice at once is harmless: what was started is not started again. */
import type { Kysely } from 'kysely';
import { changeMany } from '../state/database/bulk-changes.ts';
import { dueAccounts } from '../state/database/plans.ts';
import type { Tables } from '../state/database/tables.ts';

/** Of one look; the rest with the next. */
const atOnce = 500;

/** Gives how many it started. Who set the time is who started it. */
export async function startDue(db: Kysely<Tables>): Promise<number> {
  const due = await dueAccounts(db, atOnce);
  const byActor = Map.groupBy(due, ({ plannedBy }) => plannedBy ?? 'plan');
  let started = 0;
  for (const [actor, accounts] of byActor) {
    const only = { ids: accounts.map(({ id }) => id), teamIds: [], domains: [], all: false };
    const { changed } = await changeMany(db, only, { kind: 'start' }, { actor, dryRun: false, named: 0 });
    started += changed;
  }
  return started;
}
