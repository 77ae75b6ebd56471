/**
 * A mailbox that was named and that old does not have is a slip of the pen: to copy, plan or verify nothing in silence
 * would help nobody.
 */
import { MailferryError } from '../base/errors.ts';
import { displayName } from '../domain/mailbox-mapping.ts';
import type { Account } from './account.ts';
import type { StoreListing } from './mail-store.ts';
import type { MailboxFilter } from './reconcile/plan-mailboxes.ts';

/** Throws `usage` with all unknown names; a name that an earlier run knew may be gone since, and is no slip. */
export function refuseUnknownNames(account: Account, filter: MailboxFilter, old: StoreListing): void {
  const known = new Set([
    ...old.mailboxes.map((m) => m.name),
    ...[...account.mailboxes.values()].map((r) => r.oldName),
  ]);
  const unknown = [...(filter.only ?? []), ...filter.exclude, ...filter.map.keys()].filter(
    (name) => !known.has(name),
  );
  if (unknown.length === 0) return;
  const names = unknown.map((name) => `"${displayName(name)}"`).join(', ');
  throw new MailferryError(
    'usage',
    `the old side has no mailbox ${names}; \`mailferry ls\` shows their names`,
  );
}
