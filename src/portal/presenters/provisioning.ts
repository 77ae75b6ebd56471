/** What came of making accounts on new. */
import { z } from 'zod';
import type { Provisioned } from '../../provisioning/index.ts';
import type { ProvisionCounts, ProvisionEntry } from '../../state/database/provision-lists.ts';
import { provisionStates } from '../../state/database/provisions.ts';
import { nextSchema } from '../cursor.ts';
import { timeSchema, timeText, timeTextOrNull } from './time.ts';

const outcomes = ['made', 'unchanged', 'later', 'refused'] as const;
const passwords = ['copied', 'captured', 'none', 'locked'] as const;

export const provisionedSchema = z
  .object({
    dryRun: z.boolean(),
    selected: z.int(),
    queued: z.int().describe('Of a large selection: they are made one after another from now on'),
    accounts: z
      .array(
        z.object({
          account: z.string(),
          outcome: z
            .enum(outcomes)
            .describe(
              'unchanged: all is so already; later: it is tried again by itself; refused: somebody has to act',
            ),
          changes: z
            .array(z.string())
            .describe('create, quota, password, alias ADDRESS; with dryRun what would be done'),
          password: z
            .enum(passwords)
            .describe(
              'Where it comes from: copied from old, captured in the portal, none, or locked: old lets nobody log in',
            ),
          code: z.string().nullable(),
          reason: z.string().nullable().describe('The answer of the new side'),
        }),
      )
      .describe('The first hundred, as far as a minute reached'),
    unknown: z.array(z.string()).describe('Names in the request that nothing has'),
  })
  .meta({ id: 'ProvisionResult' });
export type ProvisionAnswer = z.output<typeof provisionedSchema>;

export function provisionedAnswer(one: Provisioned): ProvisionAnswer['accounts'][number] {
  return { ...one, changes: [...one.changes] };
}

export const provisioningTestSchema = z
  .object({
    adapter: z.string().nullable().describe('Null: Mailferry makes no accounts on new here'),
    works: z.boolean(),
    text: z.string().nullable().describe('What the new side says of itself'),
    code: z.string().nullable(),
    reason: z.string().nullable(),
    action: z.string().nullable(),
  })
  .meta({ id: 'ProvisioningTest' });

export const provisioningSchema = z
  .object({
    adapter: z.string().nullable().describe('Null: Mailferry makes no accounts on new here'),
    passwords: z.array(z.enum(['copied', 'captured'])).describe('Where they come from, in this order'),
    hashesFrom: z.string().nullable().describe('The kind of old.passwords; null where none are copied'),
    mails: z
      .object({ most: z.int(), days: z.int() })
      .describe(
        'So many mails ask the owner of an account without a password, the second after so many days',
      ),
    counts: z.object({
      made: z.int(),
      waiting: z.int(),
      failed: z.int().describe('Somebody has to act'),
      withoutPassword: z.int().describe('Made, and nobody can log in there by a password'),
      asked: z.int().describe('Of these, whose owners were written to'),
      trouble: z.int().describe('The last try did not go well, whether it is tried again or not'),
    }),
    accounts: z.array(
      z.object({
        id: z.string(),
        address: z.string(),
        state: z.enum(provisionStates),
        adapter: z.string().nullable(),
        password: z.enum(passwords),
        code: z.string().nullable(),
        reason: z.string().nullable().describe('The answer of the new side'),
        failures: z.int().describe('Tries in a row that did not go well'),
        nextAt: timeSchema.nullable().describe('The next try; null where none is due'),
        changedAt: timeSchema,
        mails: z.int().describe('That asked its owner for the password'),
        lastMailAt: timeSchema.nullable(),
      }),
    ),
    next: nextSchema,
  })
  .meta({ id: 'Provisioning' });
export type ProvisioningAnswer = z.output<typeof provisioningSchema>;

export function provisionCountsAnswer(counts: ProvisionCounts): ProvisioningAnswer['counts'] {
  return { ...counts };
}

export function provisionEntryAnswer(one: ProvisionEntry): ProvisioningAnswer['accounts'][number] {
  const { accountId: id, address, state, adapter, origin: password, code, reason, failures, asked } = one;
  return {
    id,
    address,
    state,
    adapter,
    password,
    code,
    reason,
    failures,
    nextAt: timeTextOrNull(one.nextMs),
    changedAt: timeText(one.changedMs),
    mails: asked,
    lastMailAt: timeTextOrNull(one.askedMs),
  };
}
