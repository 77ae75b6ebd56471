/** The date that a message is filed under: INTERNALDATE, and where old has none, what its header says. */
import { headerDate } from '../domain/header-date.ts';
import { ledgerNote } from './ledger.ts';
import type { StoreSession } from './mail-store.ts';

/** `notes` for the ledger say where the date is from. Asks the selected mailbox for the header only where it must. */
export async function arrivalDate(
  session: StoreSession,
  uid: number,
  internalDate: string | null,
): Promise<{ readonly date: string | null; readonly notes: number }> {
  if (internalDate !== null) return { date: internalDate, notes: 0 };
  const found = headerDate(await session.fetchHeaderFields(uid, ['RECEIVED', 'DATE']));
  if (found === null) return { date: null, notes: ledgerNote.dateMissing };
  const notes = found.source === 'received' ? ledgerNote.dateFromReceived : ledgerNote.dateFromHeader;
  return { date: found.text, notes };
}
