/**
 * Before anything is sent in a later pass: which rows of the ledger have lost their old message. Known for all mailboxes
 * first, because a message that vanished here may be about to appear there (a move).
 */
import { isMailferryError } from '../base/errors.ts';
import { differenceUids, uidsToRanges } from '../base/uid-ranges.ts';
import type { UidRange } from '../base/uid-ranges.ts';
import type { MailboxRow } from './journal.ts';
import type { Ledger } from './ledger.ts';
import { ledgerNote } from './ledger.ts';
import type { SelectedMailbox, StoreSession } from './mail-store.ts';
import { type RunContext, throwIfAborted } from './mailbox-work.ts';

export async function scanVanished(
  run: RunContext,
  old: StoreSession,
  mailboxIds: readonly number[],
): Promise<void> {
  for (const id of mailboxIds) {
    throwIfAborted({ run });
    const row = run.account.mailbox(id);
    if (row.oldUidValidity === null) continue;
    const ledger = await run.account.ledger(id);
    if (ledger.count === 0) continue;
    if (row.place === 'gone-on-old') {
      addVanished(run, row, ledger, uidsToRanges(ledger.oldUids()));
      continue;
    }
    let selected: SelectedMailbox;
    try {
      selected = await old.select(row.oldName, 'read');
    } catch (error) {
      // Its own turn will say what is wrong with it.
      if (isMailferryError(error, 'mailbox-unusable')) continue;
      throw error;
    }
    // Other UIDs say nothing about ours: the new generation deals with that, and deletes nothing.
    if (selected.status.uidValidity !== row.oldUidValidity) continue;
    const there = await old.listUids();
    addVanished(run, row, ledger, differenceUids(uidsToRanges(ledger.oldUids()), there));
  }
}

function addVanished(run: RunContext, mailbox: MailboxRow, ledger: Ledger, gone: readonly UidRange[]): void {
  const { id: mailboxId, oldUidValidity } = mailbox;
  if (oldUidValidity === null) return;
  for (const [first, last] of gone) {
    for (let uid = first; uid <= last; uid++) {
      const row = ledger.get(uid);
      if (row === null || (row.notes & ledgerNote.keptByUser) !== 0) continue;
      run.vanished.add({
        kind: 'vanished',
        mailboxId,
        oldUidValidity,
        row,
      });
    }
  }
}
