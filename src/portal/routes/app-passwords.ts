/** Passwords that the sync alone logs in with, account by account: who made them, who used them, and their end. */
import { z } from 'zod';
import { accountView } from '../../state/database/account-list.ts';
import { type AppPassword, appPasswordsOf } from '../../state/database/app-passwords.ts';
import { revokeAppPassword } from '../../state/database/end-of-access.ts';
import { type Api, actorOf, type ControlContext } from '../control-context.ts';
import { sideSchema } from '../presenters/edges.ts';
import { timeSchema, timeText, timeTextOrNull } from '../presenters/time.ts';

const sides = ['old', 'new'] as const;
const account = z.string().min(1).max(320);
const who = z.string().nullable().describe('As the audit log names them; null where it was not noted');
const appPasswordSchema = z
  .object({
    id: z.string(),
    side: sideSchema,
    state: z.enum(['in-force', 'expired', 'revoked']),
    protocols: z.array(z.string()),
    nets: z.array(z.string()).describe('Where it is good from'),
    createdAt: timeSchema,
    createdBy: who,
    expiresAt: timeSchema,
    revokedAt: timeSchema.nullable(),
    revokedBy: who,
    lastUsedAt: timeSchema.nullable().describe('By the sync; within a minute'),
    lastUsedBy: who.describe('The worker'),
  })
  .meta({ id: 'AppPassword' });
const listSchema = z.object({
  appPasswords: z.array(appPasswordSchema).describe('Newest first'),
  offered: z.array(sideSchema).describe('Sides on which accounts have such passwords'),
});

export function appPasswordRoutes(api: Api, { database: { db }, clock, appPasswords }: ControlContext): void {
  const path = '/accounts/:account/app-passwords';
  const listOf = async (id: string) => ({
    appPasswords: (await appPasswordsOf(db, id)).map((one) => answer(one, clock.now())),
    offered: sides.filter((side) => appPasswords.offers(side)),
  });

  api.get(
    path,
    {
      config: { scope: 'accounts:read' },
      schema: {
        summary:
          'List the passwords that the sync logs in with for an account; none of them is in the answer',
        tags: ['accounts'],
        params: z.object({ account }),
        response: { 200: listSchema },
      },
    },
    async ({ params }) => await listOf((await accountView(db, params.account)).id),
  );

  api.post(
    path,
    {
      config: { scope: 'admin' },
      schema: {
        summary: 'Make another one for a side; those before run out within a minute',
        tags: ['accounts'],
        params: z.object({ account }),
        body: z.strictObject({ side: sideSchema }),
        response: { 201: listSchema.extend({ id: z.string() }) },
      },
    },
    async (request, reply) => {
      const { id: accountId } = await accountView(db, request.params.account);
      const id = await appPasswords.renew(accountId, request.body.side, actorOf(request));
      return reply.code(201).send({ id, ...(await listOf(accountId)) });
    },
  );

  api.delete(
    `${path}/:id`,
    {
      config: { scope: 'admin' },
      schema: {
        summary:
          'Revoke one: the edges take it out within seconds and cut what is open; the sync gets another when it needs one',
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

function answer(one: AppPassword, nowMs: number): z.output<typeof appPasswordSchema> {
  const { id, side, createdBy, revokedBy, lastUsedBy } = one;
  return {
    id,
    side,
    state: one.revokedAtMs !== null ? 'revoked' : one.expiresAtMs <= nowMs ? 'expired' : 'in-force',
    protocols: [...one.protocols],
    nets: [...one.nets],
    createdAt: timeText(one.createdAtMs),
    createdBy,
    expiresAt: timeText(one.expiresAtMs),
    revokedAt: timeTextOrNull(one.revokedAtMs),
    revokedBy,
    lastUsedAt: timeTextOrNull(one.lastUsedMs),
    lastUsedBy,
  };
}
