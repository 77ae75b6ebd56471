/** `--map` for a mailbox that has its place on new: it stays there, which is said rather than done in silence. */
import { displayName } from '../domain/mailbox-mapping.ts';
import type { Account } from './account.ts';
import type { EngineEvent } from './engine-options.ts';
import type { MailboxRow } from './journal.ts';
import type { MailboxFilter } from './reconcile/plan-mailboxes.ts';

/** One notice for each; at the beginning, before either side is asked. */
export function tellKeptMappings(
  account: Account,
  filter: MailboxFilter,
  onEvent: (event: EngineEvent) => void,
): void {
  for (const row of account.mailboxes.values()) {
    const wanted = filter.map.get(row.oldName);
    // Without a UIDVALIDITY nothing was put there yet, and the plan takes the new name.
    if (wanted === undefined || wanted === row.newName || row.newUidValidity === null) continue;
    if (isSuffixed(row, wanted)) continue;
    const text =
      `--map: "${displayName(row.oldName)}" stays in "${displayName(row.newName)}", where an earlier run put it, ` +
      `and does not go to "${displayName(wanted)}"; to change that, rename the mailbox on the new server`;
    onEvent({ type: 'notice', code: 'mapping-kept', text });
  }
}

/** The name was taken, and is the wanted one but for the number behind it. */
function isSuffixed(row: MailboxRow, wanted: string): boolean {
  return row.mappedBy === 'clash' && row.newName.startsWith(`${wanted} (`);
}
