/** What came of making accounts on new. */
import { z } from 'zod';
import type { Provisioned } from '../../provisioning/index.ts';

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
      .describe('The first hundred'),
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
