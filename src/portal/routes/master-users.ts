/** Who logs in on behalf of all accounts of a side, where the configuration names nobody: kept sealed, never shown. */
import { z } from 'zod';
import { MailferryError } from '../../base/errors.ts';
import { Secret } from '../../base/secret.ts';
import { loginOf, masterOwner, removeCredential, setCredential } from '../../state/database/credentials.ts';
import { type Api, actorOf, type ControlContext } from '../control-context.ts';
import { maxPassword } from '../login/password-hash.ts';
import { type MasterUserAnswer, masterUserSchema } from '../presenters/lists.ts';

const params = z.object({ side: z.enum(['old', 'new']) });
const admin = { config: { scope: 'admin' } } as const;
const sides = ['old', 'new'] as const;

export function masterUserRoutes(
  api: Api,
  { database: { db }, key, configuredMasters }: ControlContext,
): void {
  api.get(
    '/servers/master-users',
    {
      ...admin,
      schema: {
        summary: 'Who logs in on behalf of all accounts of a side',
        tags: ['servers'],
        response: { 200: z.object({ masterUsers: z.array(masterUserSchema) }) },
      },
    },
    async () => ({ masterUsers: await Promise.all(sides.map(answerOf)) }),
  );

  api.put(
    '/servers/:side/master-user',
    {
      ...admin,
      schema: {
        summary: 'Name the master user of a side',
        description:
          'Accounts with a secret of their own go on using that. Not where the configuration names one.',
        tags: ['servers'],
        params,
        body: z.strictObject({
          login: z.string().min(1).max(320),
          password: z.string().min(1).max(maxPassword),
        }),
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      const { side } = request.params;
      const { login, password } = request.body;
      if (configuredMasters[side] !== null) {
        throw new MailferryError(
          'request-invalid',
          `side: the configuration names a master user for ${side}; change ${side}.master_user there`,
        );
      }
      const place = { owner: masterOwner, side };
      await setCredential(db, key, { ...place, login, secret: new Secret(password) }, actorOf(request));
      return reply.code(204).send(null);
    },
  );

  api.delete(
    '/servers/:side/master-user',
    {
      ...admin,
      schema: {
        summary: 'Forget the master user of a side',
        tags: ['servers'],
        params,
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      await removeCredential(db, { owner: masterOwner, side: request.params.side }, actorOf(request));
      return reply.code(204).send(null);
    },
  );

  async function answerOf(side: 'old' | 'new'): Promise<MasterUserAnswer> {
    const configured = configuredMasters[side];
    if (configured !== null) return { side, login: configured, from: 'configuration' };
    const login = await loginOf(db, { owner: masterOwner, side });
    return { side, login, from: login === null ? null : 'database' };
  }
}
