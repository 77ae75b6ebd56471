/**
 * A mailbox that was named and that old does not have is a slip of the pen, and so are options that leave no mailbox at
 * all: to copy, plan or verify nothing in silence would help nobody.
 */
import { MailferryError } from '../base/errors.ts';
import { displayName } from '../domain/mailbox-mapping.ts';
import type { Account } from './account.ts';
import type { StoreListing } from './mail-store.ts';
import { isChosen, type MailboxFilter } from './reconcile/plan-mailboxes.ts';

/** Throws `usage` with all unknown names, or where nothing is chosen; a name that an earlier run knew may be gone since, and is no slip. */
export function refuseUnknownNames(account: Account, filter: MailboxFilter, old: StoreListing): void {
  const known = new Set([
    ...old.mailboxes.map((m) => m.name),
    ...[...account.mailboxes.values()].map((r) => r.oldName),
  ]);
  const unknown = [...(filter.only ?? []), ...filter.exclude, ...filter.map.keys()].filter(
    (name) => !known.has(name),
  );
  if (unknown.length === 0) return refuseEmptyChoice(account, filter, old);
  const names = unknown.map((name) => `"${displayName(name)}"`).join(', ');
  throw new MailferryError(
    'usage',
    `the old side has no mailbox ${names}; \`mailferry ls\` shows their names`,
  );
}

function refuseEmptyChoice(account: Account, filter: MailboxFilter, old: StoreListing): void {
  if (filter.only === null && filter.exclude.size === 0) return;
  const known = [...account.mailboxes.values()].map((row) => row.oldName);
  const usable = old.mailboxes.filter((m) => m.selectable).map((m) => m.name);
  if ([...usable, ...known].some((name) => isChosen(name, filter))) return;
  throw new MailferryError(
    'usage',
    '--mailbox and --exclude leave nothing: no mailbox that is chosen can hold messages; `mailferry ls` shows them all',
  );
}
