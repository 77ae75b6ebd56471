/** Programs that operators have told when an account changes its phase. */
import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { Secret } from '../../base/secret.ts';
import { addEntries } from '../../state/database/outbox.ts';
import { addWebhook, removeWebhook, webhooks, webhookTarget } from '../../state/database/webhooks.ts';
import { MailferryError } from '../../base/errors.ts';
import { type Api, actorOf, type ControlContext } from '../control-context.ts';
import { timeSchema, timeText } from '../presenters/time.ts';

const all = { config: { scope: 'admin' } } as const;
const params = z.object({ id: z.string().max(64) });
const webhookSchema = z
  .object({ id: z.string(), url: z.string(), createdBy: z.string(), createdAt: timeSchema })
  .meta({ id: 'Webhook' });
const secretBytes = 32;

export function webhookRoutes(api: Api, { database: { db }, key, clock }: ControlContext): void {
  api.get(
    '/webhooks',
    {
      ...all,
      schema: {
        summary: 'List webhooks',
        tags: ['webhooks'],
        response: { 200: z.object({ webhooks: z.array(webhookSchema) }) },
      },
    },
    async () => ({
      webhooks: (await webhooks(db)).map(({ createdAtMs, ...rest }) => ({
        ...rest,
        createdAt: timeText(createdAtMs),
      })),
    }),
  );

  api.post(
    '/webhooks',
    {
      ...all,
      schema: {
        summary: 'Have a program told; the secret that signs is in this answer only',
        tags: ['webhooks'],
        body: z.strictObject({ url: z.url({ protocol: /^https?$/ }).max(2_000) }),
        response: { 201: z.object({ id: z.string(), secret: z.string() }) },
      },
    },
    async (request, reply) => {
      const { url } = request.body;
      const { username, password } = new URL(url);
      if (username + password !== '') {
        throw new MailferryError('request-invalid', 'url: has a login in it, which would be logged');
      }
      const secret = new Secret(randomBytes(secretBytes).toString('base64url'));
      const id = await addWebhook(db, key, { url, secret }, actorOf(request), clock.now());
      return reply.code(201).send({ id, secret: secret.reveal() });
    },
  );

  api.delete(
    '/webhooks/:id',
    {
      ...all,
      schema: { summary: 'Remove a webhook', tags: ['webhooks'], params, response: { 204: z.null() } },
    },
    async (request, reply) => {
      await removeWebhook(db, request.params.id, actorOf(request));
      return reply.code(204).send(null);
    },
  );

  api.post(
    '/webhooks/:id/test',
    {
      ...all,
      schema: {
        summary: 'Send a webhook of the type `test`, with the next look at the outbox',
        tags: ['webhooks'],
        params,
        response: { 202: z.null() },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      if ((await webhookTarget(db, key, id)) === null) {
        throw new MailferryError('webhook-unknown', `there is no webhook ${id}`);
      }
      const cause = `webhook:${id}:test:${randomBytes(8).toString('hex')}`;
      const body = { type: 'test', at: timeText(clock.now()) };
      await addEntries(db, [{ cause, kind: 'webhook', target: id, body }], clock.now());
      return reply.code(202).send(null);
    },
  );
}
