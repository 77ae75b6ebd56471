/** What leaves of a team and its accounts. */
import { z } from 'zod';
import { phases } from '../../domain/phase.ts';
import { accountStates, type TeamAccount, type TeamSummary } from '../../state/database/team-accounts.ts';
import { timeSchema, timeTextOrNull } from './time.ts';

export const teamAccountSchema = z
  .object({
    id: z.string(),
    address: z.string(),
    phase: z.enum(phases),
    state: z.enum(accountStates),
    messagesTotal: z.int(),
    messagesDone: z.int(),
    bytes: z.int().describe('On old; where nobody counted or old says no sizes, what was sent to new'),
    refused: z.int(),
    attentionCode: z.string().nullable(),
    scheduledFor: timeSchema.nullable(),
    lastActivityAt: timeSchema.nullable(),
  })
  .meta({ id: 'TeamAccount' });
export type TeamAccountAnswer = z.output<typeof teamAccountSchema>;

export function teamAccountAnswer(row: TeamAccount): TeamAccountAnswer {
  const { scheduledForMs, lastActivityMs, phase, ...rest } = row;
  return {
    ...rest,
    phase: phase as TeamAccountAnswer['phase'],
    scheduledFor: timeTextOrNull(scheduledForMs),
    lastActivityAt: timeTextOrNull(lastActivityMs),
  };
}

export const teamSummarySchema = z
  .object({
    id: z.string(),
    name: z.string(),
    accounts: z.int(),
    states: z.record(z.enum(accountStates), z.int()),
    messagesTotal: z.int(),
    messagesDone: z.int(),
    bytes: z.int().describe('As of its accounts'),
    bytesCopied: z.int().describe('Sent to new'),
    refused: z.int(),
  })
  .meta({ id: 'TeamSummary' });

export function teamSummaryAnswer(
  team: { readonly id: string; readonly name: string },
  summary: TeamSummary,
): z.output<typeof teamSummarySchema> {
  const none = Object.fromEntries(accountStates.map((state) => [state, 0])) as Record<
    (typeof accountStates)[number],
    number
  >;
  return { ...team, ...summary, states: { ...none, ...summary.states } };
}

const csvColumns = [
  'address',
  'phase',
  'state',
  'messagesTotal',
  'messagesDone',
  'bytes',
  'refused',
  'attentionCode',
  'scheduledFor',
  'lastActivityAt',
] as const;

export const csvHead = `${csvColumns.join(',')}\r\n`;

export function csvRow(row: TeamAccountAnswer): string {
  return `${csvColumns.map((column) => csvField(row[column])).join(',')}\r\n`;
}

/** A spreadsheet takes what begins with one of these for a formula. */
function csvField(value: string | number | null): string {
  const text = String(value ?? '');
  const harmless = /^[=+\-@\t\r]/.test(text) && typeof value === 'string' ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
