/** A mail about a team now and then, for each of its administrators who wants it. */
import { z } from 'zod';
import { MailferryError } from '../../base/errors.ts';
import { setWantsSummary, wantsSummary } from '../../state/database/summary-mails.ts';
import { teamById } from '../../state/database/teams.ts';
import { type Api, actorOf, callerOf, type ControlContext } from '../control-context.ts';
import { hasRight } from '../policies/access.ts';
import type { SessionPrincipal } from '../policies/scopes.ts';

const params = z.object({ team: z.string().max(64) });
const rules = { config: { scope: 'accounts:read', access: { to: 'team', right: 'view' } } } as const;
const answer = z.object({
  offered: z
    .boolean()
    .describe('Mails are sent at all, and whoever asks has a mailbox and a right of their own'),
  on: z.boolean(),
});

export function summaryMailRoutes(api: Api, { database: { db }, mailsOn }: ControlContext): void {
  const schema = (summary: string) =>
    ({ summary, tags: ['teams'], params, response: { 200: answer } }) as const;

  api.get(
    '/teams/:team/summary-mail',
    { ...rules, schema: schema('Whether who asks is mailed a summary of the team') },
    async (request) => {
      const { team } = request.params;
      await teamById(db, team);
      const person = reachable(callerOf(request).session, team);
      return {
        offered: mailsOn && person !== null,
        on: person !== null && (await wantsSummary(db, team, person.login)),
      };
    },
  );

  api.put(
    '/teams/:team/summary-mail',
    {
      ...rules,
      schema: {
        ...schema('Turn the summary on or off, for oneself'),
        description:
          'It comes at the end of each wave of the team, and in the morning of a day on which something needs a person; never twice with the same.',
        body: z.strictObject({ on: z.boolean() }),
      },
    },
    async (request) => {
      const { team } = request.params;
      await teamById(db, team);
      const person = reachable(callerOf(request).session, team);
      if (person === null) {
        throw new MailferryError(
          'request-invalid',
          'this is for people with a mailbox and a right for the team',
        );
      }
      const { on } = request.body;
      await setWantsSummary(db, { teamId: team, login: person.login, wants: on }, actorOf(request));
      return { offered: mailsOn, on };
    },
  );
}

/** Who may be written to about the team: operators have the console, and programs webhooks. */
function reachable(session: SessionPrincipal | null, team: string): SessionPrincipal | null {
  return session !== null && session.accountId !== null && hasRight(session, team, 'view') ? session : null;
}
