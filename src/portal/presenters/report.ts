/** All about one account: where it stands, its mailboxes, what is not on new, and what was done to it. */
import { z } from 'zod';
import { displayName } from '../../domain/mailbox-mapping.ts';
import { mailboxTroubleOf, troubleTable } from '../../domain/trouble.ts';
import type { AccountView } from '../../state/database/account-list.ts';
import type { AuditRow } from '../../state/database/audit.ts';
import type { StandingProblem } from '../../state/database/mailbox-problems.ts';
import type { RefusedMessage } from '../../state/database/refused-list.ts';
import type { Reader } from '../locale-of.ts';
import type { Eyes } from '../policies/horizon.ts';
import { accountAnswer, accountSchema } from './account.ts';
import { auditAnswer, auditSchema } from './lists.ts';
import { refusedAnswer, refusedSchema } from './refused.ts';
import { timeSchema, timeText } from './time.ts';

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
        messagesOnOld: z.int().nullable().describe('When it was last complete; null where it is not'),
        messagesOnNew: z
          .int()
          .nullable()
          .describe('When a pass last came to its end there, with what people put there themselves'),
        bytesOnOld: z
          .int()
          .nullable()
          .describe('Octets on old when the mailboxes were listed last; null where they are not known'),
        refused: z.int().describe('Messages of it in `refused`'),
      }),
    ),
    problems: z
      .array(
        z.object({
          mailbox: z.string().describe('On old'),
          code: z.string(),
          reason: z.string(),
          action: z.string().describe('What to do, in the language of the session or of Accept-Language'),
          since: timeSchema,
        }),
      )
      .describe('Mailboxes that the last pass could not carry over'),
    refused: z.array(refusedSchema).describe('The first thousand'),
    history: z
      .array(auditSchema)
      .describe('What was done to the account, newest first; the last hundred. For operators and tokens'),
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
  readonly oldMark: { readonly messages: number } | null;
  readonly newMark: { readonly messages: number } | null;
}

/** What the database holds about one account. */
export interface ReportRows {
  readonly account: AccountView;
  /** Octets on old by mailbox, as people read its name. */
  readonly bytes: ReadonlyMap<string, number | null>;
  readonly mailboxes: readonly Mailbox[];
  readonly problems: readonly StandingProblem[];
  readonly refused: readonly RefusedMessage[];
  readonly history: readonly AuditRow[];
}

export function reportAnswer(
  { account, bytes, mailboxes, problems, refused, history }: ReportRows,
  eyes: Eyes,
  reader: Reader,
): ReportAnswer {
  return {
    account: accountAnswer(account, reader),
    mailboxes: mailboxes.map(({ id, oldName, newName, mappedBy, place, oldMark, newMark }) => ({
      mailbox: displayName(oldName),
      newMailbox: displayName(newName),
      mappedBy,
      place,
      complete: oldMark !== null,
      messagesOnOld: oldMark?.messages ?? null,
      messagesOnNew: newMark?.messages ?? null,
      bytesOnOld: bytes.get(displayName(oldName)) ?? null,
      refused: refused.filter(({ mailboxId }) => mailboxId === id).length,
    })),
    problems: problems.map(({ mailbox, code, reason, sinceMs }) => ({
      mailbox: displayName(mailbox),
      code,
      reason,
      action: troubleTable[mailboxTroubleOf(code)].action[reader.locale],
      since: timeText(sinceMs),
    })),
    refused: refused.map((one) => refusedAnswer(one, eyes)),
    history: eyes.operator ? history.map(auditAnswer) : [],
  };
}
