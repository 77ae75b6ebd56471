/** Waves: accounts that are started together from a time on. Their steps are decided by domain/wave.ts. */
import type { Kysely } from 'kysely';
import { type ErrorCode, MailferryError } from '../../base/errors.ts';
import type { WaveProgress, WaveState } from '../../domain/wave.ts';
import { appendAudit } from './audit.ts';
import { databaseNow } from './dialect.ts';
import { appendEvent } from './events.ts';
import { newId } from './new-id.ts';
import type { Choice } from './plans.ts';
import type { Tables } from './tables.ts';

export interface NewWave {
  /** Null: of the operators, with accounts of any team. */
  readonly teamId: string | null;
  readonly name: string;
  readonly atMs: number;
  readonly ratePerHour: number | null;
  readonly kind: Choice;
  readonly stopOnFailurePercent: number | null;
}

export interface Wave extends NewWave, WaveProgress {
  readonly id: string;
  readonly createdBy: string;
}

/** An account is in one wave at a time that is not over: it moves to the newest. Gives the id. `nowMs` orders ids. */
export async function addWave(
  db: Kysely<Tables>,
  wave: NewWave,
  accountIds: readonly string[],
  actor: string,
  nowMs: number,
): Promise<string> {
  const id = newId(nowMs);
  const { teamId, name, atMs, ratePerHour, kind, stopOnFailurePercent } = wave;
  await db.transaction().execute(async (inside) => {
    await inside
      .insertInto('wave')
      .values({
        id,
        team_id: teamId,
        name,
        at_ms: atMs,
        rate_per_hour: ratePerHour,
        kind,
        state: 'planned',
        stop_on_failure_percent: stopOnFailurePercent,
        created_by: actor,
        created_at_ms: databaseNow(inside),
        last_start_ms: null,
      })
      .execute();
    for (let at = 0; at < accountIds.length; at += 1_000) {
      const some = accountIds.slice(at, at + 1_000);
      await inside
        .deleteFrom('wave_account')
        .where('account_id', 'in', some)
        .where('started', '=', 0)
        .execute();
      await inside
        .insertInto('wave_account')
        .values(some.map((account_id) => ({ wave_id: id, account_id, started: 0 })))
        .execute();
    }
    await told(inside, id, 'wave.add', { name, accounts: accountIds.length, atMs }, actor);
  });
  return id;
}

/** Of those that are done, the newest. */
const doneAtMost = 500;

/** Newest first; `teams`: only of these; `asking`: codes of trouble that a person has to do something about. */
export async function waves(
  db: Kysely<Tables>,
  where: { readonly id?: string; readonly open?: boolean; readonly teams?: readonly string[] },
  asking: readonly ErrorCode[],
): Promise<Wave[]> {
  const of = (eb: { selectFrom: Kysely<Tables>['selectFrom'] }) =>
    eb.selectFrom('wave_account as w').whereRef('w.wave_id', '=', 'wave.id' as never);
  let question = db
    .selectFrom('wave')
    .selectAll('wave')
    .select((eb) => [
      of(eb as never)
        .select(({ fn }) => fn.countAll<number>().as('n'))
        .as('accounts'),
      of(eb as never)
        .where('w.started', '=', 1)
        .select(({ fn }) => fn.countAll<number>().as('n'))
        .as('started'),
      of(eb as never)
        .innerJoin('account', 'account.id', 'w.account_id')
        .where('w.started', '=', 1)
        .where('account.attention_code', 'in', asking)
        .select(({ fn }) => fn.countAll<number>().as('n'))
        .as('failed'),
    ])
    .orderBy('wave.id', 'desc');
  const { id, teams } = where;
  if (teams?.length === 0) return [];
  if (id !== undefined) question = question.where('wave.id', '=', id);
  else {
    let done = db.selectFrom('wave').select('id').where('state', '=', 'done');
    if (teams !== undefined) {
      done = done.where('team_id', 'in', teams);
      question = question.where('wave.team_id', 'in', teams);
    }
    const newest = done.orderBy('id', 'desc').limit(doneAtMost);
    question = question.where((eb) => eb.or([eb('wave.state', '<>', 'done'), eb('wave.id', 'in', newest)]));
  }
  if (where.open === true) question = question.where('wave.state', 'in', ['planned', 'running']);
  return (await question.execute()).map((row) => ({
    id: row.id,
    teamId: row.team_id,
    name: row.name,
    atMs: row.at_ms,
    ratePerHour: row.rate_per_hour,
    kind: row.kind as Choice,
    state: row.state as WaveState,
    stopOnFailurePercent: row.stop_on_failure_percent,
    createdBy: row.created_by,
    lastStartMs: row.last_start_ms,
    accounts: row.accounts ?? 0,
    started: row.started ?? 0,
    failed: row.failed ?? 0,
  }));
}

export interface WaveChanges {
  readonly name?: string;
  readonly atMs?: number;
  readonly ratePerHour?: number | null;
  readonly stopOnFailurePercent?: number | null;
  readonly state?: WaveState;
}

/** Throws `wave-unknown`. */
export async function changeWave(
  db: Kysely<Tables>,
  id: string,
  changes: WaveChanges,
  actor: string,
): Promise<void> {
  const { name, atMs, ratePerHour, stopOnFailurePercent, state } = changes;
  await db.transaction().execute(async (inside) => {
    const row = await inside.selectFrom('wave').selectAll().where('id', '=', id).executeTakeFirst();
    const found = await inside
      .updateTable('wave')
      .set({
        // So that there is a column to set when nothing is given.
        id,
        ...(name === undefined ? {} : { name }),
        ...(atMs === undefined ? {} : { at_ms: atMs }),
        ...(ratePerHour === undefined ? {} : { rate_per_hour: ratePerHour }),
        ...(stopOnFailurePercent === undefined ? {} : { stop_on_failure_percent: stopOnFailurePercent }),
        ...(state === undefined ? {} : { state }),
      })
      .where('id', '=', id)
      .returning('id')
      .executeTakeFirst();
    if (found === undefined || row === undefined) {
      throw new MailferryError('wave-unknown', `there is no wave ${id}`);
    }
    const was: Required<WaveChanges> = {
      name: row.name,
      atMs: row.at_ms,
      ratePerHour: row.rate_per_hour,
      stopOnFailurePercent: row.stop_on_failure_percent,
      state: row.state as WaveState,
    };
    const names = Object.keys(was).filter((key) => changes[key as keyof WaveChanges] !== undefined);
    const before = Object.fromEntries(names.map((key) => [key, was[key as keyof WaveChanges]]));
    await told(inside, id, 'wave.change', { ...changes, before }, actor);
  });
}

/** What was started goes on. Throws `wave-unknown`. */
export async function removeWave(db: Kysely<Tables>, id: string, actor: string): Promise<void> {
  await db.transaction().execute(async (inside) => {
    await inside.deleteFrom('wave_account').where('wave_id', '=', id).execute();
    const removed = await inside.deleteFrom('wave').where('id', '=', id).returning('name').executeTakeFirst();
    if (removed === undefined) throw new MailferryError('wave-unknown', `there is no wave ${id}`);
    await told(inside, id, 'wave.remove', { name: removed.name }, actor);
  });
}

/** The next accounts of a wave, by address. */
export async function nextOfWave(db: Kysely<Tables>, id: string, many: number): Promise<string[]> {
  const next = await db
    .selectFrom('wave_account as w')
    .innerJoin('account', 'account.id', 'w.account_id')
    .select('w.account_id')
    .where('w.wave_id', '=', id)
    .where('w.started', '=', 0)
    .orderBy('account.address')
    .limit(many)
    .execute();
  return next.map(({ account_id: accountId }) => accountId);
}

/** After they were started: whoever is cut between the two starts them again, which changes nothing. */
export async function markStarted(
  db: Kysely<Tables>,
  id: string,
  accountIds: readonly string[],
): Promise<void> {
  await db.transaction().execute(async (inside) => {
    await inside
      .updateTable('wave')
      .set({ last_start_ms: databaseNow(inside) })
      .where('id', '=', id)
      .execute();
    await inside
      .updateTable('wave_account')
      .set({ started: 1 })
      .where('wave_id', '=', id)
      .where('account_id', 'in', accountIds)
      .execute();
  });
}

async function told(
  inside: Kysely<Tables>,
  subject: string,
  action: string,
  detail: Readonly<Record<string, unknown>>,
  actor: string,
): Promise<void> {
  await appendAudit(inside, { actor, action, subject, detail });
  await appendEvent(inside, { kind: action, subject, detail });
}
