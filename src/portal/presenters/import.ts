/** What came of taking in a list, or what is wrong with it. */
import { z } from 'zod';
import { problemSchema } from './problem.ts';

export const importSchema = z
  .object({
    dryRun: z.boolean(),
    added: z.int(),
    updated: z.int(),
    unchanged: z.int(),
    updates: z
      .array(z.object({ account: z.string(), columns: z.array(z.string()) }))
      .describe('Accounts that were there and changed, with what did; the first thousand'),
  })
  .meta({ id: 'ImportResult' });
export type ImportAnswer = z.output<typeof importSchema>;

export const refusalSchema = problemSchema
  .extend({
    faults: z
      .array(
        z.object({
          line: z.int().describe('In CSV; of JSON the number of the entry, from 1'),
          column: z.string().describe('Empty for the row as a whole'),
          text: z.string().describe('What is wrong, in the language of the session or of Accept-Language'),
          allowed: z.string().describe('What may stand there, in the same language'),
        }),
      )
      .describe('The first thousand'),
  })
  .meta({ id: 'ImportRefusal' });
