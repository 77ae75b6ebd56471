/** The form of an error (RFC 9457). */
import { z } from 'zod';

export const problemSchema = z
  .object({
    type: z.literal('about:blank'),
    title: z.string(),
    status: z.int(),
    code: z.string().describe('Stable; docs/reference/errors.md lists all'),
    detail: z.string().describe('What happened, for people'),
    action: z.string().describe('What to do, for people'),
  })
  .meta({ id: 'Problem' });
export type Problem = z.output<typeof problemSchema>;
