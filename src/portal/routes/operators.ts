/** Who the operators of the portal are. */
import { z } from 'zod';
import { Secret } from '../../base/secret.ts';
import { loginForm } from '../../state/database/address-form.ts';
import {
  addOperator,
  beginTotp,
  confirmTotp,
  operators,
  removeOperator,
  resetTotp,
  setOperatorPassword,
} from '../../state/database/people.ts';
import { type Api, actorOf, type ControlContext } from '../control-context.ts';
import { maxPassword } from '../login/password-hash.ts';
import { newTotpSecret, totpUri } from '../login/one-time-code.ts';
import { operatorAnswer, operatorSchema } from '../presenters/session.ts';

const all = { config: { scope: 'admin' } } as const;
const login = z
  .string()
  .max(320)
  .regex(/^[\w.!#$%&'*+/=?^`{|}~-]+(@[\w.-]+)?$/, 'a name or a mail address')
  .transform(loginForm);
/** A second factor stands beside it; a guess over the net is stopped after five. */
const password = z.string().min(12, 'at least 12 characters').max(maxPassword);
const params = z.object({ login: z.string().max(320) });

export function operatorRoutes(api: Api, { database: { db }, key, logIn }: ControlContext): void {
  api.get(
    '/operators',
    {
      ...all,
      schema: {
        summary: 'List operators',
        tags: ['operators'],
        response: { 200: z.object({ operators: z.array(operatorSchema) }) },
      },
    },
    async () => ({ operators: (await operators(db)).map(operatorAnswer) }),
  );

  api.post(
    '/operators',
    {
      ...all,
      schema: {
        summary: 'Make an operator',
        description: 'With `enrol` the secret of the second factor is in this answer, and only here.',
        tags: ['operators'],
        body: z.strictObject({
          login,
          password,
          displayName: z.string().min(1).max(200).nullable().default(null),
          enrol: z.boolean().default(false),
        }),
        response: {
          201: z.object({
            login: z.string(),
            totp: z.object({ secret: z.string(), uri: z.string() }).nullable(),
          }),
        },
      },
    },
    async (request, reply) => {
      const { login: name, displayName, enrol } = request.body;
      const passwordHash = await logIn.hash(new Secret(request.body.password));
      const actor = actorOf(request);
      await addOperator(db, { login: name, displayName, passwordHash }, actor);
      if (!enrol) return reply.code(201).send({ login: name, totp: null });
      const secret = newTotpSecret();
      await beginTotp(db, key, name, secret);
      await confirmTotp(db, name, actor);
      const totp = { secret: secret.reveal(), uri: totpUri(secret, name).reveal() };
      return reply.code(201).send({ login: name, totp });
    },
  );

  api.delete(
    '/operators/:login',
    {
      ...all,
      schema: {
        summary: 'Take the right of an operator away; the sessions end',
        tags: ['operators'],
        params,
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      await removeOperator(db, loginForm(request.params.login), actorOf(request));
      return reply.code(204).send(null);
    },
  );

  api.put(
    '/operators/:login/password',
    {
      ...all,
      schema: {
        summary: 'Give an operator another password; the sessions end',
        tags: ['operators'],
        params,
        body: z.strictObject({ password }),
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      const hash = await logIn.hash(new Secret(request.body.password));
      await setOperatorPassword(db, loginForm(request.params.login), hash, actorOf(request));
      return reply.code(204).send(null);
    },
  );

  api.delete(
    '/operators/:login/totp',
    {
      ...all,
      schema: {
        summary: 'Have an operator set up another second factor at the next login; the sessions end',
        tags: ['operators'],
        params,
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      await resetTotp(db, loginForm(request.params.login), actorOf(request));
      return reply.code(204).send(null);
    },
  );
}
