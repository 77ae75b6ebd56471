/**
 * What `--since` leaves out: messages that are known before anything is sent, and mailboxes that would be created for
 * nothing. Reads old only.
 */
import {
  containsUid,
  countUids,
  differenceUids,
  intersectUids,
  type UidRange,
  uidsToRanges,
} from '../base/uid-ranges.ts';
import { arrivalDate } from './arrival-date.ts';
import type { SideMark } from './journal.ts';
import type { StoreSession } from './mail-store.ts';
import type { RunContext } from './mailbox-work.ts';
import { dateTimeMs } from './message-date.ts';
import { createdForNothing, mayBeLeftOut } from './reconcile/created-for-nothing.ts';
import type { MailboxTask } from './reconcile/plan-mailboxes.ts';

/** A mailbox of which messages were left out, as old was then. */
export interface LeftOut {
  readonly mark: SideMark;
  readonly messages: number;
}

/**
 * Which of these messages of the selected mailbox are older. One that may have been moved here counts as in range
 * whatever its date: left out, its copy would be removed as that of a message that is gone.
 */
export async function uidsOutOfRange(
  run: Pick<RunContext, 'options' | 'vanished'>,
  old: StoreSession,
  among: readonly UidRange[],
): Promise<UidRange[]> {
  const { sinceMs } = run.options;
  if (sinceMs === null || among.length === 0) return [];
  const older: number[] = [];
  const undated: number[] = [];
  await old.fetchMeta(among, { date: true, size: run.vanished.count > 0 }, (meta) => {
    if (!containsUid(among, meta.uid)) return;
    if (meta.sizeBytes !== null && run.vanished.hasSize(meta.sizeBytes)) return;
    if (meta.internalDate === null) undated.push(meta.uid);
    else if (isBefore(meta.internalDate, sinceMs)) older.push(meta.uid);
  });
  for (const uid of undated) if (isBefore((await arrivalDate(old, uid, null)).date, sinceMs)) older.push(uid);
  return uidsToRanges(older.sort((a, b) => a - b));
}

/** Whether a message of this date is left out. One without a date is not. */
export function isBefore(date: string | null, sinceMs: number): boolean {
  return (dateTimeMs(date) ?? Number.POSITIVE_INFINITY) < sinceMs;
}

/** The end of a mailbox mostly tells that something is in range; then the rest need not be asked for. */
const newest = 50;

/**
 * Without the mailboxes that new does not have and would only get empty. One that others lie below, or that has a
 * special use, is created all the same: mail programs look for it.
 */
export async function withoutEmptyOnes(
  run: RunContext,
  old: StoreSession,
  tasks: readonly MailboxTask[],
  delimiter: string | null,
): Promise<MailboxTask[]> {
  if (run.options.sinceMs === null) return [...tasks];
  const empty = new Set<number>();
  for (const task of tasks) {
    if (mayBeLeftOut(task) && !(await hasInRange(run, old, task))) empty.add(task.row.id);
  }
  const leftOut = createdForNothing(tasks, empty, [...run.account.mailboxes.values()], delimiter);
  return tasks.filter((task) => !leftOut.has(task.row.id));
}

async function hasInRange(run: RunContext, old: StoreSession, task: MailboxTask): Promise<boolean> {
  const { row } = task;
  const status = task.old.status;
  const before = run.leftOut.get(row.id)?.mark;
  if (
    before?.uidValidity === status?.uidValidity &&
    before?.uidNext === status?.uidNext &&
    before?.messages === status?.messages
  )
    return false;
  const selected = await old.select(row.oldName, 'read');
  const listed = await old.listUids();
  const { uidValidity, uidNext, messages, highestModSeq } = selected.status;
  const last = intersectUids(listed, [[Math.max(1, uidNext - newest), Number.POSITIVE_INFINITY]]);
  for (const some of [last, differenceUids(listed, last)]) {
    if (countUids(await uidsOutOfRange(run, old, some)) < countUids(some)) return true;
  }
  run.leftOut.set(row.id, { mark: { uidValidity, uidNext, messages, highestModSeq }, messages });
  return false;
}
