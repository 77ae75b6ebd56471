/** What is asked of many accounts, what came of it, and where all stand. */
import { z } from 'zod';
import { unfitCodes, unfitWords } from '../../domain/unfit.ts';
import type { BulkResult } from '../../state/database/bulk-changes.ts';
import type { Locale } from '../../state/database/sessions.ts';

/** Of one request; whoever means more names a team, a domain or all. */
const maxNamed = 10_000;

const names = z.array(z.string().min(1).max(320)).max(maxNamed).default([]);

export const selectionSchema = z
  .strictObject({
    accounts: names.describe('Addresses or ids'),
    teams: names.describe('Names'),
    domains: names,
    all: z.boolean().default(false),
    dryRun: z.boolean().default(false).describe('Say what would change, and change nothing'),
  })
  .refine((s) => s.all || s.accounts.length + s.teams.length + s.domains.length > 0, {
    error: 'names nothing: give accounts, teams, domains, or all',
  });

const unfit = {
  code: z.enum(unfitCodes),
  why: z.string().describe('In the language of the session or of Accept-Language'),
};

export const bulkSchema = z
  .object({
    dryRun: z.boolean(),
    selected: z.int(),
    changed: z.int(),
    unchanged: z.int(),
    reasons: z
      .array(z.object({ ...unfit, accounts: z.int() }))
      .describe('Why accounts were not changed, and how many for each reason'),
    changedAccounts: z.array(z.string()).describe('Addresses; the first thousand'),
    unchangedAccounts: z.array(z.object({ account: z.string(), ...unfit })).describe('The first thousand'),
    unknown: z.array(z.string()).describe('Names in the request that nothing has'),
  })
  .meta({ id: 'BulkResult' });
export type BulkAnswer = z.output<typeof bulkSchema>;

export function bulkAnswer(
  result: BulkResult,
  dryRun: boolean,
  unknown: readonly string[],
  locale: Locale,
): BulkAnswer {
  const { selected, changed, unchanged } = result;
  return {
    dryRun,
    selected,
    changed,
    unchanged,
    reasons: result.reasons.map(({ why, accounts }) => ({
      code: why.code,
      why: unfitWords(why)[locale],
      accounts,
    })),
    unknown: [...unknown],
    changedAccounts: [...result.changedAddresses],
    unchangedAccounts: result.unchangedAddresses.map(({ address, why }) => ({
      account: address,
      code: why.code,
      why: unfitWords(why)[locale],
    })),
  };
}

const counts = z.record(z.string(), z.int());

export const statusSchema = z
  .object({
    accounts: z.int(),
    paused: z.int(),
    phases: counts.describe('Accounts by phase'),
    trouble: counts.describe('Accounts that want attention, by error code'),
    heardBy: z
      .record(z.string(), z.int())
      .describe(
        'Accounts in step by what old tells of by itself: all, inbox or nothing; the rest is asked for',
      ),
    troubleClasses: counts.describe('The same by the kind of trouble'),
    mailboxProblems: z.int().describe('Accounts with mailboxes that could not be carried over'),
    activities: counts.describe('Accounts by what the workers do right now'),
    uncounted: z.int().describe('Accounts whose messages were not counted yet; the sums leave them out'),
    messagesTotal: z.int(),
    messagesDone: z.int(),
    messagesRefused: z.int(),
    bytesCopied: z.int(),
    lagMeanMs: z.int().nullable(),
    lagMaxMs: z.int().nullable(),
    lastEvent: z.int().describe('Live events from here on tell what changes after these numbers'),
  })
  .meta({ id: 'SyncStatus' });
export type StatusAnswer = z.output<typeof statusSchema>;
