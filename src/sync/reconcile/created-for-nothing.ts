/** Which mailboxes a copy with `--since` does not create, because nothing would come into them. Pure. */
import type { MailboxRow } from '../journal.ts';
import type { MailboxTask } from './plan-mailboxes.ts';

/** Whether the mailbox need not be created if none of its messages is in range: mail programs look for special ones. */
export function mayBeLeftOut({ action, specialUse }: Pick<MailboxTask, 'action' | 'specialUse'>): boolean {
  return action === 'create' && specialUse === null;
}

/**
 * Of the mailboxes in `empty`, by id, those that stay uncreated: none that others lie below. `rows` are all of the
 * account, those of this plan included.
 */
export function createdForNothing(
  tasks: readonly { readonly row: Pick<MailboxRow, 'id' | 'newName'> }[],
  empty: ReadonlySet<number>,
  rows: readonly Pick<MailboxRow, 'id' | 'newName' | 'place'>[],
  delimiter: string | null,
): ReadonlySet<number> {
  const names = rows
    .filter(({ id, place }) => place === 'active' && !empty.has(id))
    .map(({ newName }) => newName);
  const isParent = (name: string) =>
    delimiter !== null && names.some((other) => other.startsWith(`${name}${delimiter}`));
  return new Set(
    tasks.filter(({ row }) => empty.has(row.id) && !isParent(row.newName)).map(({ row }) => row.id),
  );
}
