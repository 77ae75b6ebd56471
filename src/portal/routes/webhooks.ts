/** Programs that operators have told when an account changes its phase. */
import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { Secret } from '../../base/secret.ts';
import { addEntries, callsOf } from '../../state/database/outbox.ts';
import {
  addWebhook,
  removeWebhook,
  replaceWebhookSecret,
  switchWebhook,
  webhooks,
  webhookTarget,
} from '../../state/database/webhooks.ts';
import { MailferryError } from '../../base/errors.ts';
import { type Api, actorOf, type ControlContext } from '../control-context.ts';
import { cursorPlace, nextSchema, pageOf, pageQuery } from '../cursor.ts';
import { readerOf } from '../locale-of.ts';
import { webhookCallAnswer, webhookCallSchema, webhookSchema } from '../presenters/webhook.ts';
import { timeText } from '../presenters/time.ts';

const all = { config: { scope: 'admin' } } as const;
const params = z.object({ id: z.string().max(64) });
const secretBytes = 32;
const newSecret = () => new Secret(randomBytes(secretBytes).toString('base64url'));

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
      const secret = newSecret();
      const id = await addWebhook(db, key, { url, secret }, actorOf(request), clock.now());
      return reply.code(201).send({ id, secret: secret.reveal() });
    },
  );

  api.patch(
    '/webhooks/:id',
    {
      ...all,
      schema: {
        summary: 'Switch a webhook off or on again',
        description:
          'While it is off nothing is sent: calls that wait go on waiting, and what happens meanwhile is not told later.',
        tags: ['webhooks'],
        params,
        body: z.strictObject({ on: z.boolean() }),
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      await switchWebhook(db, request.params.id, request.body.on, actorOf(request));
      return reply.code(204).send(null);
    },
  );

  api.post(
    '/webhooks/:id/secret',
    {
      ...all,
      schema: {
        summary: 'Have a webhook signed with another secret, which is in this answer only',
        description: 'In force at once, for calls that wait too: have the receiver know both for a while.',
        tags: ['webhooks'],
        params,
        response: { 200: z.object({ secret: z.string() }) },
      },
    },
    async (request) => {
      const secret = newSecret();
      await replaceWebhookSecret(db, key, request.params.id, secret, actorOf(request));
      return { secret: secret.reveal() };
    },
  );

  api.get(
    '/webhooks/:id/calls',
    {
      ...all,
      schema: {
        summary: 'What came of the calls of a webhook, newest first',
        tags: ['webhooks'],
        params,
        querystring: z.strictObject(pageQuery),
        response: { 200: z.object({ calls: z.array(webhookCallSchema), next: nextSchema }) },
      },
    },
    async (request) => {
      const { id } = request.params;
      const { cursor, limit } = request.query;
      await target(id);
      const before = cursorPlace(cursor, z.string());
      const found = await callsOf(db, id, { before, limit: limit + 1 });
      const { rows, next } = pageOf(found, limit, (call) => call.id);
      return { calls: rows.map((row) => webhookCallAnswer(row, readerOf(request).locale)), next };
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
      if (!(await target(id)).on) throw new MailferryError('request-invalid', 'the webhook is off');
      const cause = `webhook:${id}:test:${randomBytes(8).toString('hex')}`;
      const body = { type: 'test', at: timeText(clock.now()) };
      await addEntries(db, [{ cause, kind: 'webhook', target: id, body }], clock.now());
      return reply.code(202).send(null);
    },
  );

  async function target(id: string) {
    const found = await webhookTarget(db, key, id);
    if (found === null) throw new MailferryError('webhook-unknown', `there is no webhook ${id}`);
    return found;
  }
}
