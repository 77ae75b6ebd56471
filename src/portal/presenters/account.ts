/** What leaves of an account. Nothing that is not named here does: answers are held to these forms. */
import { z } from 'zod';
import { phases } from '../../domain/phase.ts';
import { operatorAction, troubleClassOf, troubleTable } from '../../domain/trouble.ts';
import type { AccountView } from '../../state/database/account-list.ts';
import type { ProgressRow } from '../../state/database/progress.ts';
import type { Attention } from '../../state/database/account-notes.ts';
import type { Reader } from '../locale-of.ts';
import { timeSchema, timeText, timeTextOrNull } from './time.ts';

const progressSchema = z.object({
  activity: z.string().describe('waiting, copying, checking, following or stopped'),
  heardBy: z.string().describe('What old tells of by itself: all, inbox or nothing'),
  messagesTotal: z.int().describe('On old, as far as they were counted'),
  messagesDone: z.int().describe('Of those, on new'),
  messagesRefused: z.int(),
  mailboxes: z.int(),
  bytesCopied: z.int().describe('Sent to new for this account, ever'),
  lagMs: z.int().nullable().describe('From news of old to the end of the pass that carried it over'),
  lastPassAt: timeSchema.nullable(),
  updatedAt: timeSchema,
});

export const accountSchema = z
  .object({
    id: z.string(),
    address: z.string(),
    addresses: z.array(z.string()).describe('All that it is reached by, its own included'),
    team: z.string().nullable(),
    domain: z.string().nullable(),
    phase: z.enum(phases),
    epoch: z.int(),
    oldLogin: z.string(),
    newLogin: z.string(),
    secrets: z.array(z.enum(['old', 'new'])).describe('Sides that it has a password of its own for'),
    quotaBytes: z.int().nullable(),
    createdAt: timeSchema,
    paused: z.object({ by: z.string(), why: z.string() }).nullable(),
    attention: z
      .object({
        code: z.string(),
        reason: z.string().describe('For operators in the server’s own words'),
        action: z.string().describe('What to do, in the language of the session or of Accept-Language'),
        since: timeSchema,
      })
      .nullable()
      .describe('What a person has to do something about'),
    scheduledFor: timeSchema.nullable(),
    progress: progressSchema.nullable().describe('Null before a worker reported'),
  })
  .meta({ id: 'Account' });
export type AccountAnswer = z.output<typeof accountSchema>;

export function accountAnswer(view: AccountView, reader: Reader): AccountAnswer {
  const { id, address, addresses, team, domain, phase, epoch, oldLogin, newLogin, quotaBytes } = view;
  return {
    id,
    address,
    team,
    domain,
    phase,
    epoch,
    oldLogin,
    newLogin,
    quotaBytes,
    addresses: [...addresses],
    secrets: (['old', 'new'] as const).filter((side) => view.secrets.has(side)),
    createdAt: timeText(view.createdAtMs),
    paused: view.paused,
    attention:
      view.attention === null
        ? null
        : {
            code: view.attention.code,
            ...wordsFor(view.attention, reader),
            since: timeText(view.attention.sinceMs),
          },
    scheduledFor: timeTextOrNull(view.scheduledForMs),
    progress: view.progress === null ? null : progressAnswer(view.progress),
  };
}

/** What was noted is in English and for the operator; the server's own words are for nobody else. */
function wordsFor({ code, reason, action }: Attention, { operator, locale }: Reader) {
  const { what, action: forOthers } = troubleTable[troubleClassOf(code)];
  if (!operator) return { reason: what[locale], action: forOthers[locale] };
  return { reason, action: locale === 'en' ? action : operatorAction(code)[locale] };
}

function progressAnswer(row: ProgressRow): z.output<typeof progressSchema> {
  const { activity, heardBy, messagesTotal, messagesDone, messagesRefused, mailboxes, bytesCopied, lagMs } =
    row;
  return {
    activity,
    heardBy,
    messagesTotal,
    messagesDone,
    messagesRefused,
    mailboxes,
    bytesCopied,
    lagMs,
    lastPassAt: timeTextOrNull(row.lastPassMs),
    updatedAt: timeText(row.updatedMs),
  };
}
