/** All about one account: where it stands, its mailboxes, what is not on new, and what was done to it. */
import { z } from 'zod';
import { displayName } from '../../domain/mailbox-mapping.ts';
import type { AccountView } from '../../state/database/account-list.ts';
import type { AuditRow } from '../../state/database/audit.ts';
import type { RefusedMessage } from '../../state/database/refused-list.ts';
import { accountAnswer, accountSchema } from './account.ts';
import { auditAnswer, auditSchema } from './lists.ts';
import { refusedAnswer, refusedSchema } from './refused.ts';

export const reportSchema = z
  .object({
    account: accountSchema,
    mailboxes: z.array(
      z.object({
        mailbox: z.string().describe('On old'),
        newMailbox: z.string(),
        mappedBy: z.string().describe('Why the name is what it is'),
        place: z.string().describe('active, gone-on-old or removed-on-new'),
        complete: z.boolean().describe('Nothing was left to do when it was looked at last'),
        refused: z.int().describe('Messages of it in `refused`'),
      }),
    ),
    refused: z.array(refusedSchema).describe('The first thousand'),
    history: z.array(auditSchema).describe('What was done to the account, newest first; the last hundred'),
  })
  .meta({ id: 'Report' });
export type ReportAnswer = z.output<typeof reportSchema>;

/** A mailbox as the journal knows it. */
interface Mailbox {
  readonly id: number;
  readonly oldName: string;
  readonly newName: string;
  readonly mappedBy: string;
  readonly place: string;
  readonly oldMark: object | null;
}

export function reportAnswer(
  account: AccountView,
  mailboxes: readonly Mailbox[],
  refused: readonly RefusedMessage[],
  history: readonly AuditRow[],
): ReportAnswer {
  return {
    account: accountAnswer(account),
    mailboxes: mailboxes.map(({ id, oldName, newName, mappedBy, place, oldMark }) => ({
      mailbox: displayName(oldName),
      newMailbox: displayName(newName),
      mappedBy,
      place,
      complete: oldMark !== null,
      refused: refused.filter(({ mailboxId }) => mailboxId === id).length,
    })),
    refused: refused.map(refusedAnswer),
    history: history.map(auditAnswer),
  };
}
