/**
 * One pass over the account:
 *
 *   removals under way -> list both sides -> plan -> mailboxes that were renamed on old -> what vanished on old
 *   -> create what is missing -> subscribe -> work the mailboxes off -> deletions -> mailboxes that are gone on old
 */
import { isMailferryError } from '../base/errors.ts';
import { createMailbox, differFromOld } from './create-mailbox.ts';
import { followDeletions, settleRemovals } from './deletions.ts';
import type { EngineDeps } from './engine-options.ts';
import { isDue } from './mailbox-sync.ts';
import { reportUnsettled } from './late-copies.ts';
import type { PairKeeper, SessionPair } from './open-pair.ts';
import type { Patience } from './patience.ts';
import { progressOf, type RunContext, statsOf } from './mailbox-work.ts';
import type { StoreListing } from './mail-store.ts';
import { orderTasks } from './order-tasks.ts';
import { type MailboxPlan, planMailboxes } from './reconcile/plan-mailboxes.ts';
import { followRenames } from './renames.ts';
import { scanVanished } from './scan-vanished.ts';
import { withoutEmptyOnes } from './since.ts';
import { refuseUnknownNames } from './unknown-names.ts';
import { type MailboxProblem, workOff } from './workers.ts';

export interface PassResult {
  readonly plan: MailboxPlan;
  readonly problems: readonly MailboxProblem[];
  readonly deletionsStopped: string | null;
  /** Whether anything was done: then old may have moved on meanwhile, and another look is due. */
  readonly worked: boolean;
}

export async function runPass(
  run: RunContext,
  deps: EngineDeps,
  keeper: PairKeeper,
  patience: Patience,
): Promise<PassResult> {
  const { account } = run;
  const before = progressOf(run);
  let pair = await keeper.open();
  await settleRemovals(run, pair.fresh);
  const [old, fresh] = await Promise.all([pair.old.list(), pair.fresh.list()]);
  if (run.stats.size === 0) refuseUnknownNames(account, run.options.filter, old);
  let plan = makePlan(run, pair, old, fresh);
  if (plan.renameCandidates.length > 0) {
    const renamed = await followRenames(run, pair, plan.renameCandidates);
    if (renamed) plan = makePlan(run, pair, old, await pair.fresh.list());
  }
  const gone = plan.goneOnOld
    .filter((r) => r.place !== 'gone-on-old')
    .map((r) => ({ ...r, place: 'gone-on-old' as const }));
  // What was under way in a mailbox that is gone on either side cannot be settled any more.
  const closeIntents = [...plan.removedOnNew, ...plan.goneOnOld].flatMap((row) =>
    account.intentsOf(row.id).map((i) => i.id),
  );
  for (const row of plan.goneOnOld) await reportUnsettled(run, row);
  if (plan.changedRows.length + gone.length + closeIntents.length > 0) {
    await account.record({
      step: 'mailboxes-mapped',
      mailboxes: [...plan.changedRows, ...gone],
      closeIntents,
    });
  }
  for (const row of plan.unchanged) {
    const box = old.mailboxes.find((m) => m.name === row.oldName);
    const leftOut = run.leftOut.get(row.id)?.messages ?? 0;
    statsOf(run, row.id).messages = (box?.status?.messages ?? 0) - leftOut;
  }
  const unchanged = plan.unchanged.reduce((sum, row) => sum + statsOf(run, row.id).messages, 0);
  const messages = plan.tasks.reduce((sum, t) => sum + (t.old.status?.messages ?? 0), unchanged);
  run.onEvent({
    type: 'listed',
    mailboxes: plan.mappings.length,
    messages,
    unchanged,
    toDo: plan.tasks.length,
  });
  tellMailboxes(run, plan, old);

  const problems: MailboxProblem[] = plan.unusable.map((u) => ({
    mailbox: u.name,
    code: 'mailbox-unusable',
    text: u.reason,
  }));
  for (const row of plan.removedOnNew) {
    const text = 'the mailbox was removed on the new side; what is in it on the old side is not copied again';
    problems.push({ mailbox: row.oldName, code: 'mailbox-removed-on-new', text });
  }
  const known = plan.tasks.filter((t) => t.row.oldUidValidity !== null).map((t) => t.row.id);
  await scanVanished(run, pair.old, [...known, ...plan.goneOnOld.map((r) => r.id)]);
  const tasks = await withoutEmptyOnes(run, pair.old, plan.tasks, fresh.delimiter);
  const ready = await createMissing(run, deps, pair, tasks, fresh.delimiter, problems);
  await subscribe(
    run,
    pair,
    old,
    fresh,
    new Set(plan.tasks.filter((t) => !tasks.includes(t)).map((t) => t.row.id)),
  );
  const order = await orderTasks(pair.old, ready);
  problems.push(...(await workOff(run, deps, keeper, patience, order)));

  pair = await keeper.open();
  const { stopped } = await followDeletions(run, pair.fresh, old);
  await removeGone(run, pair, plan);
  return { plan, problems, deletionsStopped: stopped, worked: progressOf(run) !== before };
}

function makePlan(run: RunContext, pair: SessionPair, old: StoreListing, fresh: StoreListing): MailboxPlan {
  const { account, options } = run;
  const unfinished = new Set<number>(options.deletions === 'follow' ? account.deletionsDue : []);
  for (const intent of account.intents.values()) unfinished.add(intent.mailboxId);
  for (const refused of account.allRefused()) {
    if (isDue({ run, fresh: pair.fresh }, refused)) unfinished.add(refused.mailboxId);
  }
  return planMailboxes({
    old,
    fresh,
    rows: [...account.mailboxes.values()],
    filter: options.filter,
    unfinished,
    marksOfRun: (id) => run.leftOut.get(id)?.mark ?? null,
  });
}

async function createMissing(
  run: RunContext,
  deps: EngineDeps,
  pair: SessionPair,
  tasks: MailboxPlan['tasks'],
  delimiter: string | null,
  problems: MailboxProblem[],
): Promise<MailboxPlan['tasks']> {
  const ready: MailboxPlan['tasks'][number][] = [];
  for (const task of tasks) {
    const wait = (ms: number) => deps.clock.sleep(ms, deps.signal);
    if (task.action !== 'create') {
      const unopened = task.row.createdByUs && task.row.newUidValidity === null;
      if (unopened) await differFromOld(pair.fresh, task, task.row.newName, wait);
      ready.push(task);
      continue;
    }
    try {
      await createMailbox(run.account, pair.fresh, task, delimiter, wait);
      ready.push(task);
    } catch (error) {
      if (!isMailferryError(error, 'mailbox-not-created')) throw error;
      problems.push({ mailbox: task.row.oldName, code: error.code, text: error.message });
    }
  }
  return ready;
}

/** Additive, once per mailbox: a person who unsubscribes on new is not overruled (F-77). */
async function subscribe(
  run: RunContext,
  pair: SessionPair,
  old: StoreListing,
  fresh: StoreListing,
  notCreated: ReadonlySet<number>,
): Promise<void> {
  const already = new Set(fresh.mailboxes.filter((m) => m.subscribed).map((m) => m.name));
  const rows = new Map([...run.account.mailboxes.values()].map((r) => [r.oldName, r]));
  for (const box of old.mailboxes) {
    const row = rows.get(box.name);
    if (!box.subscribed || row === undefined || row.subscribed || row.place !== 'active') continue;
    if (notCreated.has(row.id)) continue;
    if (!already.has(row.newName) && (await pair.fresh.subscribe(row.newName)).kind === 'refused') continue;
    await run.account.record({
      step: 'subscribed',
      mailboxes: [{ ...run.account.mailbox(row.id), subscribed: true }],
    });
  }
}

/** A mailbox that is gone on old is removed on new only if we created it and nothing is left in it (F-25). */
async function removeGone(run: RunContext, pair: SessionPair, plan: MailboxPlan): Promise<void> {
  if (run.options.deletions === 'keep') return;
  for (const { id } of plan.goneOnOld) {
    const row = run.account.mailbox(id);
    const ledger = await run.account.ledger(id);
    if (!row.createdByUs || ledger.count > 0 || row.newName === 'INBOX') continue;
    try {
      const status = await pair.fresh.status(row.newName);
      if (status.messages > 0) continue;
      await run.account.record({ step: 'mailbox-removal-intended' });
      await pair.fresh.remove(row.newName);
    } catch (error) {
      if (!isMailferryError(error, 'mailbox-unusable')) throw error;
    }
    await run.account.record({ step: 'mailbox-removed', mailboxes: [{ ...row, createdByUs: false }] });
  }
}

/** Of an account with more mailboxes, people are shown the first. */
const maxShown = 500;

function tellMailboxes(run: RunContext, plan: ReturnType<typeof makePlan>, old: StoreListing): void {
  const boxes = new Map(old.mailboxes.map((box) => [box.name, box]));
  const complete = new Set(plan.unchanged.map(({ oldName }) => oldName));
  const each = plan.mappings.slice(0, maxShown).flatMap(({ oldName }) => {
    const box = boxes.get(oldName);
    if (box === undefined || box.status === null) return [];
    const { messages, sizeBytes: bytes } = box.status;
    const specialUse = oldName.toUpperCase() === 'INBOX' ? 'inbox' : (box.specialUse[0] ?? null);
    return [{ mailbox: oldName, specialUse, messages, bytes, complete: complete.has(oldName) }];
  });
  run.onEvent({ type: 'mailboxes', each });
}
