/** A message that is not on new. */
import { z } from 'zod';
import { isOtherReason, refusedWords } from '../../domain/refused-words.ts';
import type { Locale } from '../../state/database/sessions.ts';
import type { RefusedMessage } from '../../state/database/refused-list.ts';
import type { Eyes } from '../policies/horizon.ts';
import { timeSchema, timeText } from './time.ts';

export const refusedSchema = z
  .object({
    account: z.string().describe('Its address'),
    mailbox: z.string().describe('On old'),
    uid: z.int(),
    code: z.string(),
    reason: z.string(),
    sizeBytes: z.int(),
    date: z.string().nullable(),
    subject: z.string().nullable(),
    from: z.string().nullable(),
    attempts: z.int(),
    lastTriedAt: timeSchema,
  })
  .meta({ id: 'Refused' });
export type RefusedAnswer = z.output<typeof refusedSchema>;

/** What a message is about is for its owner, and for operators, who have to mend it. */
export function refusedAnswer(message: RefusedMessage, { content }: Pick<Eyes, 'content'>): RefusedAnswer {
  const { address, mailbox, oldUid, code, reason, sizeBytes, date, subject, from, attempts, atMs } = message;
  return {
    account: address,
    mailbox,
    uid: oldUid,
    code,
    reason,
    sizeBytes,
    date,
    subject: content ? subject : null,
    from: content ? from : null,
    attempts,
    lastTriedAt: timeText(atMs),
  };
}

export const refusedForPeopleSchema = refusedSchema
  .omit({ account: true })
  .extend({
    id: z.string().describe('Names it below `refused/`'),
    what: z.string().describe('Why, in the language of the session or of Accept-Language'),
    action: z.string().describe('What to do, in the same language'),
    reasonHelps: z
      .boolean()
      .describe('`what` is general, because the code has no words of its own: show `reason` beside it'),
  })
  .meta({ id: 'RefusedForPeople' });

export function refusedForPeople(
  message: RefusedMessage,
  eyes: Pick<Eyes, 'content'>,
  locale: Locale,
): z.output<typeof refusedForPeopleSchema> {
  const { account: _account, ...rest } = refusedAnswer(message, eyes);
  const { what, action } = refusedWords(message.code);
  return {
    ...rest,
    id: `${message.mailboxId}-${message.oldUid}`,
    what: what[locale],
    action: action[locale],
    reasonHelps: isOtherReason(message.code),
  };
}
