/** The new server's settings for the owner's mail programs: to read and copy, and as a profile for Apple's devices. */
import { z } from 'zod';
import { MailferryError } from '../../base/errors.ts';
import { accountView } from '../../state/database/account-list.ts';
import type { Api, ControlContext } from '../control-context.ts';
import { newServerUsable } from '../mail-programs.ts';
import { mobileConfiguration } from '../mobileconfig.ts';
import { mailProgramsAnswer, mailProgramsSchema } from '../presenters/mail-programs.ts';

const params = z.object({ account: z.string().min(1).max(320) });
const profileType = 'application/x-apple-aspen-config';
const rules = { config: { scope: 'accounts:read', access: { to: 'account', right: 'view' } } } as const;

export function mailProgramRoutes(
  api: Api,
  { database: { db }, mailPrograms, publicUrl }: ControlContext,
): void {
  api.get(
    '/accounts/:account/mail-programs',
    {
      ...rules,
      schema: {
        summary: 'Settings of the new server for mail programs',
        tags: ['crossing'],
        params,
        response: { 200: mailProgramsSchema },
      },
    },
    async (request) =>
      mailProgramsAnswer(mailPrograms, await accountView(db, request.params.account), publicUrl),
  );

  api.get(
    '/accounts/:account/mail-programs/profile',
    {
      ...rules,
      schema: {
        summary: 'The same as a configuration profile for Apple’s devices',
        description: 'A `.mobileconfig` file: unsigned, and without a password, which the device asks for.',
        tags: ['crossing'],
        params,
        response: {
          200: {
            description: 'A property list in XML',
            content: { [profileType]: { schema: z.string() } },
          },
        },
      },
    },
    async (request, reply) => {
      const account = await accountView(db, request.params.account);
      if (mailPrograms === null) {
        throw new MailferryError('route-unknown', 'the configuration names no [mail_programs]');
      }
      if (!newServerUsable(account.phase)) {
        throw new MailferryError('phase-refused', 'the mailbox is not in step with the new server');
      }
      const { id: accountId, address, newLogin: login } = account;
      void reply
        .type(profileType)
        .header('content-disposition', 'attachment; filename="mail.mobileconfig"')
        .header('cache-control', 'no-store');
      return reply.send(mobileConfiguration(mailPrograms, { accountId, address, login }));
    },
  );
}
