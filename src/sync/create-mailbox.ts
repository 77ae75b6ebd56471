/**
 * Creates a mailbox on the new side.
 *
 *   record(row: created by us) -> CREATE -> compare UIDVALIDITY with old's while it is empty
 *   equal -> DELETE and CREATE again (equal values make mail programs show wrong messages)
 *   exists though it is not listed -> another spelling of a name that is taken: next alternative (F-66)
 */
import { MailferryError } from '../base/errors.ts';
import { alternativeName, displayName } from '../domain/mailbox-mapping.ts';
import type { Account } from './account.ts';
import type { ChangeOutcome, StoreSession } from './mail-store.ts';
import type { MailboxTask } from './reconcile/plan-mailboxes.ts';

/** Three tries are enough for two servers that count UIDVALIDITY by the second. */
const maxRecreations = 3;
const maxSpellings = 5;

export async function createMailbox(
  account: Account,
  fresh: StoreSession,
  task: MailboxTask,
  delimiter: string | null,
  wait: (ms: number) => Promise<void>,
): Promise<void> {
  const wanted = task.row.newName;
  for (let spelling = 0; spelling < maxSpellings; spelling++) {
    const newName = spelling === 0 ? wanted : alternativeName(wanted, spelling);
    const row = { ...account.mailbox(task.row.id), newName, createdByUs: true };
    await account.record({
      step: 'creation-intended',
      mailboxes: [spelling === 0 ? row : { ...row, mappedBy: 'clash' }],
    });
    const outcome = await createWithParents(fresh, newName, task.specialUse, delimiter);
    if (outcome.kind === 'done') {
      await differFromOld(fresh, task, newName, wait);
      return;
    }
    if (await exists(fresh, newName)) {
      const taken = [...account.mailboxes.values()].some(
        (r) => r.id !== row.id && sameSpelling(r.newName, newName),
      );
      if (!taken) {
        // It came into being meanwhile, or the server says "failed" and does it all the same.
        await account.record({
          step: 'creation-found',
          mailboxes: [{ ...row, createdByUs: outcome.reason.class !== 'exists' }],
        });
        return;
      }
    } else if (outcome.reason.class !== 'exists') {
      throw new MailferryError(
        'mailbox-not-created',
        `the new server does not create "${displayName(newName)}": ${outcome.reason.text}`,
        { side: 'new', serverText: outcome.reason.text },
      );
    }
  }
  throw new MailferryError(
    'mailbox-not-created',
    `no free spelling of "${displayName(wanted)}" on the new server`,
    { side: 'new' },
  );
}

/** Most servers make superiors by themselves (RFC 9051 §6.3.4); some demand them first (F-73). */
async function createWithParents(
  fresh: StoreSession,
  name: string,
  specialUse: string | null,
  delimiter: string | null,
): Promise<ChangeOutcome> {
  const outcome = await fresh.create(name, specialUse);
  if (outcome.kind === 'done' || delimiter === null || outcome.reason.class !== 'nonexistent') return outcome;
  const levels = name.split(delimiter);
  for (let depth = 1; depth < levels.length; depth++) {
    await fresh.create(levels.slice(0, depth).join(delimiter), null);
  }
  return await fresh.create(name, specialUse);
}

function sameSpelling(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

async function exists(fresh: StoreSession, name: string): Promise<boolean> {
  try {
    await fresh.status(name);
    return true;
  } catch (error) {
    if (error instanceof MailferryError && error.code === 'mailbox-unusable') return false;
    throw error;
  }
}

/** Equal UIDVALIDITYs of a mailbox of ours that nothing is in yet: made again. Also after an interruption. */
export async function differFromOld(
  fresh: StoreSession,
  task: MailboxTask,
  newName: string,
  wait: (ms: number) => Promise<void>,
): Promise<void> {
  for (let i = 0; i < maxRecreations; i++) {
    const status = await fresh.status(newName);
    if (status.uidValidity !== task.old.status?.uidValidity || status.messages > 0) return;
    // Servers that use the clock give another value only after a second.
    await wait(1100);
    const removed = await fresh.remove(newName);
    if (removed.kind === 'refused') return;
    await fresh.create(newName, task.specialUse);
  }
}
