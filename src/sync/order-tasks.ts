/** INBOX first, then Drafts and Sent, then by the date of the newest message: people find first what they look for first. */
import type { StoreSession } from './mail-store.ts';
import { dateTimeMs } from './message-date.ts';
import type { MailboxTask } from './reconcile/plan-mailboxes.ts';

/** Beyond this many mailboxes looking for dates costs more than the order is worth. */
const maxDated = 200;
/** The last UIDs, some of which may be expunged; a mailbox whose end is empty comes last. */
const lookBack = 20;

export async function orderTasks(old: StoreSession, tasks: readonly MailboxTask[]): Promise<number[]> {
  const dates = new Map<number, number>();
  const undated = tasks.filter(
    (t) => rank(t) === 3 && t.row.oldMark === null && (t.old.status?.messages ?? 0) > 0,
  );
  if (tasks.length > 1 && undated.length <= maxDated) {
    for (const task of undated) dates.set(task.row.id, await newestMs(old, task.row.oldName));
  }
  return [...tasks]
    .sort((a, b) => rank(a) - rank(b) || (dates.get(b.row.id) ?? 0) - (dates.get(a.row.id) ?? 0))
    .map((t) => t.row.id);
}

function rank(task: MailboxTask): number {
  if (task.row.oldName === 'INBOX') return 0;
  if (task.specialUse === 'drafts') return 1;
  return task.specialUse === 'sent' ? 2 : 3;
}

async function newestMs(old: StoreSession, name: string): Promise<number> {
  let newest = 0;
  try {
    const { status } = await old.select(name, 'read');
    const from = Math.max(1, status.uidNext - lookBack);
    await old.fetchMeta([[from, Number.POSITIVE_INFINITY]], { date: true, size: false }, (meta) => {
      newest = Math.max(newest, dateTimeMs(meta.internalDate) ?? 0);
    });
  } catch {
    // The mailbox's own turn will say what is wrong with it.
  }
  return newest;
}
