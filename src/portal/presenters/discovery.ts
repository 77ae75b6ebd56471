/** What the list of old's addresses told. */
import { z } from 'zod';
import type { DiscoveryResult } from '../../provisioning/index.ts';
import type { Discovered, DiscoveryLook } from '../../state/database/discovered.ts';
import { nextSchema } from '../cursor.ts';
import { timeSchema, timeText, timeTextOrNull } from './time.ts';

/** Addresses that are named of each kind. */
const namedAtMost = 1_000;
const named = z.array(z.string());

export const discoverySchema = z
  .object({
    dryRun: z.boolean(),
    listed: z.int().describe('Addresses in the list'),
    adopted: z.int().describe('New accounts, on `old`'),
    aliases: z.int().describe('Further addresses of accounts that were there already'),
    missing: z
      .int()
      .describe('Not in the list for the first time; told when they are not in the next one either'),
    vanished: z.int().describe('Not in it for the second time: told, and nothing is changed'),
    returned: z.int().describe('Were missing, and are in it again'),
    adoptedAddresses: named.describe('The first thousand'),
    adoptedAliases: named,
    missingAddresses: named,
    vanishedAddresses: named,
    skipped: z
      .array(z.object({ address: z.string(), why: z.string() }))
      .describe('Not to be taken in as they stand'),
  })
  .meta({ id: 'DiscoveryResult' });
export type DiscoveryAnswer = z.output<typeof discoverySchema>;

export function discoveryAnswer(found: DiscoveryResult, dryRun: boolean): DiscoveryAnswer {
  const { listed, adopted, aliases, missing, vanished, returned, skipped } = found;
  const first = (all: readonly string[]) => all.slice(0, namedAtMost);
  return {
    dryRun,
    listed,
    returned,
    adopted: adopted.length,
    aliases: aliases.length,
    missing: missing.length,
    vanished: vanished.length,
    adoptedAddresses: first(adopted),
    adoptedAliases: first(aliases),
    missingAddresses: first(missing),
    vanishedAddresses: first(vanished),
    skipped: skipped.slice(0, namedAtMost).map((one) => ({ ...one })),
  };
}

export const discoveredSchema = z
  .object({
    source: z.string().nullable().describe('Null: no list of old’s addresses is configured'),
    look: z
      .object({
        at: timeSchema,
        goodAt: timeSchema.nullable().describe('The last one that came to its end'),
        listed: z.int(),
        code: z.string().nullable().describe('What kept the last one from it'),
        reason: z.string().nullable(),
      })
      .nullable()
      .describe('Null before the first'),
    counts: z.object({ adopted: z.int(), missing: z.int(), vanished: z.int() }),
    addresses: z.array(z.object({ id: z.string(), address: z.string(), at: timeSchema })),
    next: nextSchema,
  })
  .meta({ id: 'Discovered' });

export function lookAnswer(look: DiscoveryLook | null): z.output<typeof discoveredSchema>['look'] {
  if (look === null) return null;
  const { atMs, goodAtMs, listed, code, reason } = look;
  return { at: timeText(atMs), goodAt: timeTextOrNull(goodAtMs), listed, code, reason };
}

export function discoveredAnswer({ accountId, address, atMs }: Discovered) {
  return { id: accountId, address, at: timeText(atMs) };
}
