/**
 * What people ask of many accounts at once. Pages of accounts, each one transaction with its audit rows and events,
 * so that nothing waits long for a selection of all. Whoever repeats a call that was cut finds the rest to do.
 *
 *   epoch (locked) -> accounts -> audit -> events
 */
import { type Kysely, sql } from 'kysely';
import { assertNever } from '../../base/assert-never.ts';
import { phaseAfter, phases } from '../../domain/phase.ts';
import type { Unfit } from '../../domain/unfit.ts';
import { appendAudit, type AuditEntry } from './audit.ts';
import { nextOf } from './counters.ts';
import { appendEvent } from './events.ts';
import { type Plan, writePlan } from './plans.ts';
import { askForFailed } from './provisions.ts';
import { addRequest, dropConfirmation, type RequestKind } from './requests.ts';
import { type Selection, selected } from './selection.ts';
import type { Tables } from './tables.ts';

export type BulkAction =
  | { readonly kind: 'start' | 'resume' }
  /** Sets what was chosen and when it begins; with no time it begins at once. */
  | { readonly kind: 'plan'; readonly plan: Plan }
  /** Takes a plan back that has not begun. */
  | { readonly kind: 'unplan' }
  | { readonly kind: 'pause'; readonly why: string }
  /** Lifts what wants attention and looks again; `confirmDeletions` also follows a stopped mass of deletions. */
  | { readonly kind: 'retry'; readonly confirmDeletions: boolean }
  /** Tries refused messages again. */
  | { readonly kind: 'retry-refused' };

export interface Unchanged {
  readonly address: string;
  readonly why: Unfit;
}

export interface BulkResult {
  readonly selected: number;
  readonly changed: number;
  readonly unchanged: number;
  /** Why those were not changed, and how many for each reason; the most frequent first. */
  readonly reasons: readonly { readonly why: Unfit; readonly accounts: number }[];
  /** The first of each, as many as were asked for. */
  readonly changedAddresses: readonly string[];
  readonly unchangedAddresses: readonly Unchanged[];
}

export interface BulkOptions {
  readonly actor: string;
  readonly dryRun: boolean;
  /** How many addresses are named; all are counted. */
  readonly named: number;
  /** A person sits there and waits for what begins now: it goes before others of its kind. */
  readonly waits?: boolean;
}

/** One transaction: short enough that a live view or a worker does not notice. */
const pageSize = 500;

interface Row {
  readonly id: string;
  readonly address: string;
  readonly phase: string;
  readonly paused: string | null;
  readonly attention_code: string | null;
  readonly choice: string | null;
  readonly scheduled_for: number | null;
  readonly refused: number;
}

/** Throws nothing for what cannot be done to some account: that is told in the result. */
export async function changeMany(
  db: Kysely<Tables>,
  selection: Selection,
  action: BulkAction,
  options: BulkOptions,
): Promise<BulkResult> {
  const result = { selected: 0, changed: 0, unchanged: 0 };
  const reasons = new Map<string, { readonly why: Unfit; accounts: number }>();
  const changedAddresses: string[] = [];
  const unchangedAddresses: Unchanged[] = [];
  for (let after = ''; ; ) {
    const page = await changePage(db, selection, action, options, after);
    const last = page.rows.at(-1);
    if (last === undefined) break;
    after = last.address;
    for (const row of page.rows) {
      const why = page.refusals.get(row.id);
      result.selected += 1;
      if (why === undefined) {
        result.changed += 1;
        if (changedAddresses.length < options.named) changedAddresses.push(row.address);
      } else {
        result.unchanged += 1;
        const reason = JSON.stringify(why);
        const counted = reasons.get(reason) ?? { why, accounts: 0 };
        counted.accounts += 1;
        reasons.set(reason, counted);
        if (unchangedAddresses.length < options.named) unchangedAddresses.push({ address: row.address, why });
      }
    }
  }
  const counted = [...reasons.values()];
  counted.sort((a, b) => b.accounts - a.accounts);
  return { ...result, reasons: counted, changedAddresses, unchangedAddresses };
}

async function changePage(
  db: Kysely<Tables>,
  selection: Selection,
  action: BulkAction,
  { actor, dryRun, waits = false }: BulkOptions,
  after: string,
): Promise<{ readonly rows: readonly Row[]; readonly refusals: ReadonlyMap<string, Unfit> }> {
  return db.transaction().execute(async (inside) => {
    // Before the accounts are read: from here on no phase can change.
    if ((action.kind === 'start' || action.kind === 'plan') && !dryRun) await nextOf(inside, 'epoch', 0);
    const rows = await inside
      .selectFrom('account')
      .select((eb) => [
        'id',
        'address',
        'phase',
        'paused',
        'attention_code',
        'choice',
        'scheduled_for',
        eb
          .case()
          .when(
            eb.exists(
              eb
                .selectFrom('journal_refused')
                .select('account_id')
                .whereRef('journal_refused.account_id', '=', 'account.id'),
            ),
          )
          .then(1)
          .else(0)
          .end()
          .as('refused'),
      ])
      .where((eb) => selected(eb, selection))
      // The order that all indexes of a selection share.
      .where('address', '>', after)
      .orderBy('address')
      .limit(pageSize)
      .execute();
    const refusals = new Map<string, Unfit>();
    for (const row of rows) {
      const why = refusalOf(action, row);
      if (why !== null) refusals.set(row.id, why);
    }
    const due = rows.filter(({ id }) => !refusals.has(id));
    if (!dryRun && due.length > 0) await apply(inside, action, { actor, waits }, due);
    return { rows, refusals };
  });
}

/** Why the action does not fit the account as it stands; null where it does. */
function refusalOf(action: BulkAction, row: Row): Unfit | null {
  const { phase: at } = row;
  switch (action.kind) {
    case 'start': {
      const phase = phases.find((one) => one === row.phase);
      const starts = phase !== undefined && phaseAfter(phase, 'start') !== null;
      // A start that does nothing until somebody remembers to resume would look like one that works.
      if (row.paused !== null) {
        return { code: starts ? 'paused' : 'started-and-paused', phase: at };
      }
      return starts ? null : { code: 'started', phase: at };
    }
    case 'plan':
      if (row.phase === 'old') return null;
      // What was chosen can still change; when it began cannot.
      if (action.plan.atMs === null && row.choice !== action.plan.choice) return null;
      return { code: 'started', phase: at };
    case 'unplan':
      return row.phase === 'old' && row.scheduled_for !== null ? null : { code: 'nothing-planned' };
    case 'pause':
      return row.paused === null ? null : { code: 'paused-already' };
    case 'resume':
      return row.paused === null ? { code: 'not-paused' } : null;
    case 'retry':
      if (row.attention_code === null) return { code: 'no-trouble' };
      // A confirmation is for deletions that a person looked at; kept for later it would wave through others.
      return action.confirmDeletions && row.attention_code !== 'deletions-stopped'
        ? { code: 'no-deletions-stopped', attention: row.attention_code }
        : null;
    case 'retry-refused':
      return row.refused === 0 ? { code: 'none-refused' } : null;
    default:
      return assertNever(action);
  }
}

async function apply(
  inside: Kysely<Tables>,
  action: BulkAction,
  { actor, waits }: { readonly actor: string; readonly waits: boolean },
  rows: readonly Row[],
): Promise<void> {
  const entries = [...(await applied(inside, action, actor, rows))];
  const begun = entries.flatMap(({ action: kind, subject }) =>
    kind === 'account.phase' && subject !== null ? [subject] : [],
  );
  if (waits) entries.push(...(await request(inside, begun, actor, 'look-now')));
  await appendAudit(inside, ...entries);
  await appendEvent(
    inside,
    ...entries.map(({ action: kind, subject, detail }) => ({ kind, subject: subject ?? '', detail })),
  );
}

/** Changes the rows and gives what there is to tell of each. */
async function applied(
  inside: Kysely<Tables>,
  action: BulkAction,
  actor: string,
  rows: readonly Row[],
): Promise<AuditEntry[]> {
  const ids = rows.map(({ id }) => id);
  switch (action.kind) {
    case 'start':
      return startAll(inside, actor, rows);
    case 'plan': {
      const planned = await writePlan(inside, ids, action.plan, actor);
      const starting = action.plan.atMs === null ? rows.filter(({ phase }) => phase === 'old') : [];
      return starting.length === 0 ? planned : [...planned, ...(await startAll(inside, actor, starting))];
    }
    case 'unplan':
      return writePlan(inside, ids, null, actor);
    case 'pause': {
      const paused = { by: actor, why: action.why };
      await inside
        .updateTable('account')
        .set({ paused: JSON.stringify(paused) })
        .where('id', 'in', ids)
        .execute();
      return noted(ids, actor, { paused });
    }
    case 'resume':
      await inside.updateTable('account').set({ paused: null }).where('id', 'in', ids).execute();
      return noted(ids, actor, { paused: null });
    case 'retry': {
      await inside.updateTable('account').set({ attention: null }).where('id', 'in', ids).execute();
      await dropConfirmation(inside, ids);
      await askForFailed(inside, ids);
      const kinds: RequestKind[] = [
        // Somebody waits for this one. Of many each goes when it is its turn: the trouble that is lifted wakes them.
        ...(ids.length === 1 ? ['look-now' as const] : []),
        ...(action.confirmDeletions ? ['confirm-deletions' as const] : []),
      ];
      const requested = [];
      for (const kind of kinds) requested.push(...(await request(inside, ids, actor, kind)));
      return [...noted(ids, actor, { attention: null }), ...requested];
    }
    case 'retry-refused':
      return request(inside, ids, actor, 'retry-refused');
    default:
      return assertNever(action);
  }
}

/** Each account gets an epoch of its own, in one statement for all. */
async function startAll(inside: Kysely<Tables>, actor: string, rows: readonly Row[]): Promise<AuditEntry[]> {
  const last = await nextOf(inside, 'epoch', rows.length);
  const epochs = rows.map((row, i) => ({ row, epoch: last - rows.length + 1 + i }));
  const cases = epochs.map(({ row, epoch }) => sql`when ${row.id} then ${sql.lit(epoch)}`);
  await inside
    .updateTable('account')
    .set({
      phase: 'copying',
      scheduled_for: null,
      planned_by: null,
      epoch: sql<number>`case id ${sql.join(cases, sql` `)} else epoch end`,
    })
    .where(
      'id',
      'in',
      rows.map(({ id }) => id),
    )
    .execute();
  return epochs.map(({ row, epoch }) => ({
    actor,
    action: 'account.phase',
    subject: row.id,
    detail: { event: 'start', from: row.phase, to: 'copying', epoch },
  }));
}

function noted(ids: readonly string[], actor: string, detail: AuditEntry['detail']): AuditEntry[] {
  return ids.map((subject) => ({ actor, action: 'account.notes', subject, detail }));
}

async function request(
  inside: Kysely<Tables>,
  ids: readonly string[],
  actor: string,
  kind: RequestKind,
): Promise<AuditEntry[]> {
  for (const id of ids) await addRequest(inside, id, kind);
  return ids.map((subject) => ({ actor, action: 'account.request', subject, detail: { kind } }));
}
