/** What takes away the names by which messages are known: the ledger, or the UIDs that it holds. */
import { MemoryJournal } from '../fakes/memory-journal.ts';
import type { World } from './world.ts';

export function loseLedger(world: World): void {
  world.journal = new MemoryJournal();
}

/** These UIDs go, and what is left of the mailbox gets a new UIDVALIDITY. */
export function expungeAndRenumber(world: World, side: 'old' | 'fresh', ...uids: number[]): void {
  const { user } = world[side];
  if (uids.length > 0) user.expunge('INBOX', ...uids);
  user.changeUidValidity('INBOX');
}
