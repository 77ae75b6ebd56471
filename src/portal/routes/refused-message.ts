/** A message that new does not take, straight from old: for its owner, and for operators who may do all. */
import { z } from 'zod';
import { MailferryError } from '../../base/errors.ts';
import { accountView } from '../../state/database/account-list.ts';
import { appendAudit } from '../../state/database/audit.ts';
import { refusedPlace } from '../../state/database/refused-list.ts';
import { type Api, actorOf, type ControlContext } from '../control-context.ts';
import { attachment, fileName } from '../file-name.ts';

/** Larger than what providers take, so that whoever was refused for size gets it; a control is no file server beyond. */
const mostBytes = 200_000_000;

export function refusedMessageRoutes(
  api: Api,
  { database: { db }, log, readOldMessage }: ControlContext,
): void {
  api.get(
    '/accounts/:account/refused/:message/content',
    {
      // Reading mail is more than seeing accounts: a token needs all.
      config: { scope: 'admin', access: { to: 'owner' } },
      schema: {
        summary: 'A refused message as it lies on old',
        description: `An \`.eml\` file of at most ${mostBytes / 1_000_000} MB, streamed from the old server; it is not marked as read there. Each download is in the audit log.`,
        tags: ['crossing'],
        params: z.object({
          account: z.string().min(1).max(320),
          message: z
            .string()
            .regex(/^\d{1,10}-\d{1,10}$/)
            .describe('`id` of the list'),
        }),
        response: {
          200: { description: 'The message', content: { 'message/rfc822': { schema: z.string() } } },
        },
      },
    },
    async (request, reply) => {
      const account = await accountView(db, request.params.account);
      const [mailboxId = 0, uid = 0] = request.params.message.split('-').map(Number);
      const place = await refusedPlace(db, account.id, { mailboxId, oldUid: uid });
      if (place === null) throw new MailferryError('refused-unknown', 'there is no such refused message');
      const { mailbox, uidValidity, subject } = place;
      const message = await readOldMessage({ account, mailbox, uidValidity, uid }, mostBytes).catch(
        (error: unknown) => {
          log.warn({ err: error, account: account.id, uid }, 'a refused message could not be read from old');
          throw error;
        },
      );
      const { sizeBytes, body } = message;
      try {
        const detail = { mailboxId, uid, sizeBytes };
        await appendAudit(db, {
          actor: actorOf(request),
          action: 'message.downloaded',
          subject: account.id,
          detail,
        });
      } catch (error) {
        // What is not in the log is not given out.
        body.destroy();
        throw error;
      }
      void reply
        .type('message/rfc822')
        .header('content-length', sizeBytes)
        .header('content-disposition', attachment(fileName(subject ?? '', 'eml', `message-${uid}`)));
      // The description knows it as text; what goes out is a stream of octets.
      return reply.send(body as unknown as string);
    },
  );
}
