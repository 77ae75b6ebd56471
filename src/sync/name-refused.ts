/** Subject, sender and date for the people whose messages were refused (I9). */
import { isMailferryError } from '../base/errors.ts';
import type { RefusedRow } from './journal.ts';
import { type MailboxWork, record } from './mailbox-work.ts';

/** Asked for at once, so that names cost a round trip a group and not one a message. */
const groupSize = 50;
/** Of a mailbox that is over quota as a whole, people need the reason, not a list of everything in it. */
const maxNamed = 1000;

export async function nameRefused(work: MailboxWork): Promise<void> {
  const nameless = [...work.run.account.refusedOf(work.id).values()].filter((r) => r.subject === null);
  for (let i = 0; i < Math.min(nameless.length, maxNamed); i += groupSize) {
    const group = nameless.slice(i, Math.min(i + groupSize, maxNamed));
    const named = await Promise.all(group.map((row) => nameOne(work, row)));
    await record(work, { step: 'refused-named', refused: named });
  }
}

async function nameOne(work: MailboxWork, row: RefusedRow): Promise<RefusedRow> {
  try {
    const header = await work.old.fetchHeaderFields(row.oldUid, ['SUBJECT', 'FROM', 'DATE']);
    const { subject, from, date } = await work.run.describeHeader(header);
    return { ...row, subject: subject ?? '', from, date: row.date ?? date };
  } catch (error) {
    // The header may be as unreadable as the rest.
    if (isMailferryError(error, 'command-refused')) return { ...row, subject: '' };
    throw error;
  }
}
