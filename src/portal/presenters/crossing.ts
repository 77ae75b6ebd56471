/** One account on its way, as its owner sees it: where it is, what is across, how long the rest takes. Pure. */
import { z } from 'zod';
import { type ErrorCode, errorTable } from '../../base/errors.ts';
import { phases } from '../../domain/phase.ts';
import { type SignIn, signIns } from '../../domain/sign-in.ts';
import { operatorAction, troubleClassOf, troubleTable } from '../../domain/trouble.ts';
import { type AccountDetail, bytesOnOld, type CopyEffort } from '../../state/database/account-detail.ts';
import type { AccountView } from '../../state/database/account-list.ts';
import type { AccountPlan } from '../../state/database/plans.ts';
import type { Locale } from '../../state/database/sessions.ts';
import type { Eyes } from '../policies/horizon.ts';
import { timeSchema, timeText, timeTextOrNull } from './time.ts';

const attentionSchema = z
  .object({
    code: z.string(),
    reason: z.string().describe('In the language of the session or of Accept-Language'),
    action: z.string().describe('What to do, in the same language'),
    detail: z.string().nullable().describe('The server’s own words; for operators'),
    asks: z.boolean().describe('Nothing is tried again before a person has acted'),
    since: timeSchema,
  })
  .nullable();

export const crossingSchema = z
  .object({
    account: z.object({
      id: z.string(),
      address: z.string(),
      phase: z.enum(phases),
      paused: z.object({ by: z.string(), why: z.string() }).nullable(),
      attention: attentionSchema,
      scheduledFor: timeSchema.nullable(),
      team: z.object({ id: z.string(), name: z.string() }).nullable(),
      activity: z.string().nullable().describe('What a worker does right now'),
    }),
    where: z.enum(['old', 'new']).describe('The server that is in charge of the mailbox'),
    choice: z.enum(['none', 'copy', 'move']),
    plan: z
      .object({ kind: z.enum(['copy', 'move']), at: timeSchema })
      .nullable()
      .describe('Has not begun yet'),
    old: z
      .object({
        messages: z.int(),
        bytes: z.int().nullable(),
        mailboxes: z.int(),
        countedAt: timeSchema,
      })
      .nullable(),
    done: z
      .object({ messages: z.int(), bytes: z.int() })
      .describe('`bytes`: sent, at most what lies on old; all of that once all messages are there'),
    refused: z.int(),
    rate: z.object({ messagesPerSecond: z.number(), bytesPerSecond: z.number() }).nullable(),
    secondsLeft: z.int().nullable(),
    estimate: z
      .object({
        seconds: z.int(),
        basis: z.enum(['measured-here', 'measured-elsewhere']).describe('What it was worked out from'),
      })
      .nullable()
      .describe('Of the whole copy'),
    lagMs: z.int().nullable(),
    heardBy: z.string().nullable(),
    askedEveryMs: z
      .int()
      .nullable()
      .describe(
        'How often old is asked for what it does not tell by itself; null where it tells all, or nobody knows yet',
      ),
    mailboxes: z.array(
      z.object({
        name: z.string(),
        role: z.string().nullable(),
        messages: z.int(),
        done: z.int(),
        bytes: z.int().nullable(),
        refused: z.int(),
        complete: z.boolean(),
      }),
    ),
    more: z.int().describe('Mailboxes that are not in the list'),
    lastCarried: z
      .array(z.object({ mailbox: z.string(), subject: z.string().nullable(), at: timeSchema }))
      .describe('Newest first; subjects for the owner alone'),
    capabilities: z.object({
      switch: z.boolean(),
      why: z.string().nullable(),
      mailPrograms: z.boolean().describe('There are settings of new to show, at `mail-programs`'),
      keepPassword: z
        .boolean()
        .describe('The account on new has no password; its owner, who asks, may give theirs at `password`'),
    }),
    signsInWith: z
      .enum([...signIns, 'nothing'])
      .nullable()
      .describe(
        'What the sync signs in with at old; `nothing` once all is done, null where it has nothing yet',
      ),
    startedAt: timeSchema.nullable(),
    inStepSince: timeSchema.nullable(),
    updatedAt: timeSchema.nullable(),
  })
  .meta({ id: 'Crossing' });
export type CrossingAnswer = z.output<typeof crossingSchema>;

export interface CrossingRows {
  readonly view: AccountView;
  readonly team: { readonly id: string; readonly name: string } | null;
  readonly plan: AccountPlan;
  readonly detail: AccountDetail | null;
  /** Messages not on new, by the mailbox's name as people read it. */
  readonly refused: ReadonlyMap<string, number>;
  /** What copies took elsewhere. */
  readonly effort: CopyEffort | null;
  /** The operator names hosts of new, and this mailbox is far enough for them. */
  readonly mailPrograms: boolean;
  /** Of servers that tell nothing by themselves. */
  readonly pollMs: number;
  /** At old. */
  readonly signIn: SignIn | null;
  /** The account on new has no password yet, and its owner asks. */
  readonly keepPassword: boolean;
  readonly startedMs: number | null;
  readonly inStepMs: number | null;
}

/** A speed that nobody wrote for so long is none of now. */
const staleMs = 30_000;
/** Slower than this a time left would only frighten. */
const leastRate = 0.01;

const noSwitch = {
  de: 'Das Umschalten gibt es noch nicht: bis dahin wird kopiert und auf gleichem Stand gehalten.',
  en: 'Switching is not there yet: until then mail is copied and kept in step.',
};

export function crossingAnswer(
  rows: CrossingRows,
  eyes: Eyes,
  locale: Locale,
  nowMs: number,
): CrossingAnswer {
  const { view, team, plan, detail, refused } = rows;
  const { progress } = view;
  const boxes = detail?.mailboxes ?? [];
  const counted = old(detail, view);
  const done = doneOf(progress, counted);
  const copies = progress?.activity === 'copying' && nowMs - progress.updatedMs < staleMs;
  const rate = copies ? (detail?.rate ?? null) : null;
  const left = Math.max(0, (counted?.messages ?? 0) - done.messages);
  const running = rate !== null && rate.messagesPerSecond > leastRate;
  return {
    account: {
      id: view.id,
      address: view.address,
      phase: view.phase,
      paused: view.paused,
      attention: attention(view, eyes, locale),
      scheduledFor: timeTextOrNull(plan.scheduledForMs),
      team,
      activity: progress?.activity ?? null,
    },
    where: view.phase === 'switched' || view.phase === 'done' ? 'new' : 'old',
    choice: plan.choice ?? (view.phase === 'old' ? 'none' : 'copy'),
    plan:
      plan.scheduledForMs === null || view.phase !== 'old'
        ? null
        : { kind: plan.choice ?? 'copy', at: timeText(plan.scheduledForMs) },
    old: counted,
    done,
    refused: progress?.messagesRefused ?? 0,
    rate,
    secondsLeft: running ? Math.ceil(left / rate.messagesPerSecond) : null,
    estimate: estimate(rows, counted, running ? rate : null),
    lagMs: progress?.lagMs ?? null,
    heardBy: progress?.heardBy ?? null,
    // Before an account is followed nobody has found out what its server tells.
    askedEveryMs: progress?.activity === 'following' && progress.heardBy !== 'all' ? rows.pollMs : null,
    mailboxes: boxes.map(({ name, role, messages, bytes, done: there, complete }) => {
      const here = refused.get(name) ?? 0;
      return { name, role, messages, bytes, done: there, refused: here, complete };
    }),
    more: Math.max(0, (progress?.mailboxes ?? 0) - boxes.length),
    lastCarried: (detail?.carried ?? []).map(({ mailbox, subject, atMs }) => ({
      mailbox,
      subject: eyes.owner ? subject : null,
      at: timeText(atMs),
    })),
    capabilities: {
      switch: false,
      why: noSwitch[locale],
      mailPrograms: rows.mailPrograms,
      keepPassword: rows.keepPassword,
    },
    signsInWith: view.phase === 'done' ? 'nothing' : rows.signIn,
    startedAt: timeTextOrNull(rows.startedMs),
    inStepSince: view.phase === 'in-step' ? timeTextOrNull(rows.inStepMs) : null,
    updatedAt: timeTextOrNull(progress?.updatedMs ?? null),
  };
}

function old(detail: AccountDetail | null, { progress }: AccountView): CrossingAnswer['old'] {
  if (detail === null || detail.countedMs === 0) return null;
  const { mailboxes } = detail;
  const listed = mailboxes.reduce((sum, one) => sum + one.messages, 0);
  return {
    messages: Math.max(listed, progress?.messagesTotal ?? 0),
    bytes: bytesOnOld(detail),
    mailboxes: Math.max(mailboxes.length, progress?.mailboxes ?? 0),
    countedAt: timeText(detail.countedMs),
  };
}

/**
 * What was sent is not all that is there: another copy was on new before us, and some messages are sent twice. Once all
 * is across that is all of old; until then never more than lies there.
 */
function doneOf(progress: AccountView['progress'], counted: CrossingAnswer['old']): CrossingAnswer['done'] {
  const { messagesDone: messages = 0, bytesCopied = 0 } = progress ?? {};
  if (progress === null || counted?.bytes == null) return { messages, bytes: bytesCopied };
  const across = messages >= counted.messages;
  return { messages, bytes: across ? counted.bytes : Math.min(bytesCopied, counted.bytes) };
}

function estimate(
  { effort }: CrossingRows,
  counted: CrossingAnswer['old'],
  rate: AccountDetail['rate'],
): CrossingAnswer['estimate'] {
  if (counted === null) return null;
  const { messages, bytes } = counted;
  if (rate !== null) {
    return { seconds: Math.ceil(messages / rate.messagesPerSecond), basis: 'measured-here' };
  }
  if (effort === null) return null;
  const byMessages = (messages * effort.ms) / effort.messages;
  // Whichever was the brake elsewhere will be it here.
  const byBytes = bytes === null || effort.bytes === 0 ? 0 : (bytes * effort.ms) / effort.bytes;
  return { seconds: Math.ceil(Math.max(byMessages, byBytes) / 1000), basis: 'measured-elsewhere' };
}

function attention(
  { attention: note }: AccountView,
  { operator }: Eyes,
  locale: Locale,
): CrossingAnswer['account']['attention'] {
  if (note === null) return null;
  const { asks, what, action } = troubleTable[troubleClassOf(note.code)];
  return {
    code: note.code,
    reason: what[locale],
    action: operator ? forOperator(note.code, locale) : action[locale],
    detail: operator ? note.reason : null,
    asks,
    since: timeText(note.sinceMs),
  };
}

/** The table of errors is in English only, and the more exact one: it names commands for each code. */
function forOperator(code: ErrorCode, locale: Locale): string {
  return locale === 'en' ? errorTable[code].action : operatorAction(code)[locale];
}
