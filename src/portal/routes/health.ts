/** For supervisors and load balancers; without a token, and without telling anything else. */
import { sql } from 'kysely';
import { z } from 'zod';
import type { Api, ControlContext } from '../control-context.ts';

const answer = z.object({ status: z.literal('ok') });

export function healthRoutes(api: Api, { database: { db } }: ControlContext): void {
  const open = { config: { scope: null } } as const;
  api.get(
    '/health/live',
    {
      ...open,
      schema: { summary: 'The process answers', tags: ['health'], security: [], response: { 200: answer } },
    },
    async () => ({ status: 'ok' as const }),
  );
  api.get(
    '/health/ready',
    {
      ...open,
      schema: {
        summary: 'The database answers too; 503 where it does not',
        tags: ['health'],
        security: [],
        response: { 200: answer },
      },
    },
    async () => {
      await sql`select 1`.execute(db);
      return { status: 'ok' as const };
    },
  );
}
