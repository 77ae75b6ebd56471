/** Tokens of the API: made here once in clear text, listed without it, revoked for good. */
import { z } from 'zod';
import { MailferryError } from '../../base/errors.ts';
import { addToken, revokeToken, tokensPage } from '../../state/database/api-tokens.ts';
import { type Api, actorOf, type ControlContext } from '../control-context.ts';
import { cursorPlace, nextSchema, pageOf, pageQuery } from '../cursor.ts';
import { requireScope, scopes } from '../policies/scopes.ts';
import { hashOf, newSecretPart, tokenOf } from '../policies/token-text.ts';
import { tokenAnswer, tokenSchema } from '../presenters/lists.ts';

const write = { config: { scope: 'tokens:write' } } as const;

export function tokenRoutes(api: Api, { database: { db }, clock }: ControlContext): void {
  api.post(
    '/tokens',
    {
      ...write,
      schema: {
        summary: 'Make a token; its text is in this answer only',
        tags: ['tokens'],
        body: z.strictObject({
          name: z
            .string()
            .regex(/^[\w.@ -]{1,100}$/)
            .describe('As the audit log will name who used it'),
          scopes: z.array(z.enum(scopes)).min(1).max(scopes.length),
          expiresAt: z.iso.datetime({ offset: true }).nullable().default(null),
        }),
        response: { 201: z.object({ id: z.string(), token: z.string() }) },
      },
    },
    async (request, reply) => {
      const { name, scopes: wanted, expiresAt } = request.body;
      // Nobody gives what he has not.
      for (const scope of wanted) if (request.principal !== null) requireScope(request.principal, scope);
      const expiresAtMs = expiresAt === null ? null : Date.parse(expiresAt);
      if (expiresAtMs !== null && expiresAtMs <= clock.now()) {
        throw new MailferryError('request-invalid', 'expiresAt: lies in the past');
      }
      const secret = newSecretPart();
      const id = await addToken(
        db,
        { name, scopes: [...new Set(wanted)], expiresAtMs },
        (newId) => hashOf(tokenOf(newId, secret)),
        actorOf(request),
        clock.now(),
      );
      return reply.code(201).send({ id, token: tokenOf(id, secret).reveal() });
    },
  );

  api.get(
    '/tokens',
    {
      ...write,
      schema: {
        summary: 'List tokens, newest first, revoked ones too',
        tags: ['tokens'],
        querystring: z.strictObject(pageQuery),
        response: { 200: z.object({ tokens: z.array(tokenSchema), next: nextSchema }) },
      },
    },
    async ({ query: { cursor, limit } }) => {
      const before = cursorPlace(cursor, z.string());
      const { rows, next } = pageOf(await tokensPage(db, { before, limit: limit + 1 }), limit, (t) => t.id);
      return { tokens: rows.map(tokenAnswer), next };
    },
  );

  api.delete(
    '/tokens/:id',
    {
      ...write,
      schema: {
        summary: 'Revoke a token for good',
        tags: ['tokens'],
        params: z.object({ id: z.string().max(64) }),
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      await revokeToken(db, request.params.id, actorOf(request));
      return reply.code(204).send(null);
    },
  );
}
