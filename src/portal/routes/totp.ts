/** The second factor of an operator: set up by themselves, once; who loses it has it reset by another operator. */
import { z } from 'zod';
import { MailferryError } from '../../base/errors.ts';
import { beginTotp, confirmTotp, personOf, totpSecretOf, useTotpStep } from '../../state/database/people.ts';
import { type Api, actorOf, type ControlContext, sessionOf } from '../control-context.ts';
import { newTotpSecret, totpStepOf, totpUri } from '../login/one-time-code.ts';

const own = { config: { scope: null, access: { to: 'session' } } } as const;

export function totpRoutes(api: Api, { database: { db }, key, clock }: ControlContext): void {
  api.get(
    '/operator/totp',
    {
      ...own,
      schema: {
        summary: 'Whether one’s own second factor is set up',
        tags: ['session'],
        response: { 200: z.object({ enrolled: z.boolean() }) },
      },
    },
    async (request) => {
      const { login } = sessionOf(request);
      return { enrolled: (await personOf(db, login))?.totp === 'confirmed' };
    },
  );

  api.post(
    '/operator/totp',
    {
      ...own,
      schema: {
        summary: 'Begin to set up one’s own second factor; the secret is in this answer only',
        tags: ['session'],
        response: { 200: z.object({ secret: z.string().describe('Base32'), uri: z.string() }) },
      },
    },
    async (request) => {
      const { login } = operatorOf(request);
      const secret = newTotpSecret();
      if (!(await beginTotp(db, key, login, secret))) {
        throw new MailferryError('request-invalid', 'a second factor is set up already');
      }
      return { secret: secret.reveal(), uri: totpUri(secret, login).reveal() };
    },
  );

  api.put(
    '/operator/totp',
    {
      ...own,
      schema: {
        summary: 'Put the second factor in force by a first code',
        tags: ['session'],
        body: z.strictObject({ code: z.string().max(20) }),
        response: { 200: z.object({ enrolled: z.literal(true) }) },
      },
    },
    async (request) => {
      const { login } = operatorOf(request);
      const secret = await totpSecretOf(db, key, login);
      const code = request.body.code.replaceAll(' ', '');
      const step = secret === null ? null : totpStepOf(secret, code, clock.now());
      if (step === null || !(await useTotpStep(db, login, step))) {
        throw new MailferryError('code-refused', 'this is not the code of now');
      }
      await confirmTotp(db, login, actorOf(request));
      return { enrolled: true as const };
    },
  );

  function operatorOf(request: Parameters<typeof sessionOf>[0]) {
    const session = sessionOf(request);
    if (session.operator) return session;
    throw new MailferryError('scope-missing', 'this is for operators only');
  }
}
