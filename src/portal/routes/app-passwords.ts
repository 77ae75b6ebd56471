/** Passwords that the sync alone logs in with, account by account: who has them, when they were used, and their end. */
import { z } from 'zod';
import { accountView } from '../../state/database/account-list.ts';
import { type AppPassword, appPasswordsOf, revokeAppPassword } from '../../state/database/app-passwords.ts';
import { type Api, actorOf, type ControlContext } from '../control-context.ts';
import { sideSchema } from '../presenters/edges.ts';
import { timeSchema, timeText, timeTextOrNull } from '../presenters/time.ts';

const account = z.string().min(1).max(320);
const appPasswordSchema = z
  .object({
    id: z.string(),
    side: sideSchema,
    protocols: z.array(z.string()),
    nets: z.array(z.string()).describe('Where it is good from'),
    createdAt: timeSchema,
    expiresAt: timeSchema,
    revokedAt: timeSchema.nullable(),
    lastUsedAt: timeSchema.nullable().describe('By the sync; within a minute'),
  })
  .meta({ id: 'AppPassword' });

export function appPasswordRoutes(api: Api, { database: { db } }: ControlContext): void {
  api.get(
    '/accounts/:account/app-passwords',
    {
      config: { scope: 'accounts:read' },
      schema: {
        summary:
          'List the passwords that the sync logs in with for an account; none of them is in the answer',
        tags: ['accounts'],
        params: z.object({ account }),
        response: { 200: z.object({ appPasswords: z.array(appPasswordSchema) }) },
      },
    },
    async ({ params }) => {
      const { id } = await accountView(db, params.account);
      return { appPasswords: (await appPasswordsOf(db, id)).map(answer) };
    },
  );

  api.delete(
    '/accounts/:account/app-passwords/:id',
    {
      config: { scope: 'admin' },
      schema: {
        summary:
          'Revoke one; the edges take it out within seconds, and the sync gets another when it needs one',
        tags: ['accounts'],
        params: z.object({ account, id: z.string().max(64) }),
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      const { id } = await accountView(db, request.params.account);
      await revokeAppPassword(db, id, request.params.id, actorOf(request));
      return reply.code(204).send(null);
    },
  );
}

function answer(one: AppPassword): z.output<typeof appPasswordSchema> {
  return {
    id: one.id,
    side: one.side,
    protocols: [...one.protocols],
    nets: [...one.nets],
    createdAt: timeText(one.createdAtMs),
    expiresAt: timeText(one.expiresAtMs),
    revokedAt: timeTextOrNull(one.revokedAtMs),
    lastUsedAt: timeTextOrNull(one.lastUsedMs),
  };
}
