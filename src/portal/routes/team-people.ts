/** Who may do what for a team. Who may give rights gives no more than their own. */
import { z } from 'zod';
import { MailferryError } from '../../base/errors.ts';
import { loginForm } from '../../state/database/address-form.ts';
import { peopleOfTeam, putTeamPerson, removeTeamPerson } from '../../state/database/team-people.ts';
import { teamById } from '../../state/database/teams.ts';
import { type Api, actorOf, callerOf, type ControlContext } from '../control-context.ts';
import { hasRight } from '../policies/access.ts';
import { may } from '../policies/scopes.ts';
import { rightsSchema } from '../presenters/session.ts';

const rules = {
  config: { scope: 'accounts:write', access: { to: 'team', right: 'people' } },
} as const;
const params = z.object({ team: z.string().max(64) });
const personParams = params.extend({ login: z.string().min(3).max(320) });
const personSchema = z.object({ login: z.string(), rights: rightsSchema });

export function teamPeopleRoutes(api: Api, { database: { db } }: ControlContext): void {
  api.get(
    '/teams/:team/people',
    {
      ...rules,
      schema: {
        summary: 'Who may do what for a team',
        tags: ['teams'],
        params,
        response: { 200: z.object({ people: z.array(personSchema) }) },
      },
    },
    async ({ params: { team } }) => {
      await teamById(db, team);
      return { people: (await peopleOfTeam(db, team)).map((one) => ({ ...one, rights: [...one.rights] })) };
    },
  );

  api.put(
    '/teams/:team/people/:login',
    {
      ...rules,
      schema: {
        summary: 'Give somebody rights for a team; they log in with the password of their mailbox',
        tags: ['teams'],
        params: personParams,
        body: z.strictObject({ rights: rightsSchema.min(1) }),
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      const { team, login } = request.params;
      await teamById(db, team);
      const caller = callerOf(request);
      for (const right of request.body.rights) {
        if (may(caller, 'accounts:write') || hasRight(caller.session, team, right)) continue;
        throw new MailferryError('scope-missing', `who has not the right "${right}" cannot give it`);
      }
      const one = { login: loginForm(login), rights: request.body.rights };
      await putTeamPerson(db, team, one, actorOf(request));
      return reply.code(204).send(null);
    },
  );

  api.delete(
    '/teams/:team/people/:login',
    {
      ...rules,
      schema: {
        summary: 'Take all rights for a team from somebody',
        tags: ['teams'],
        params: personParams,
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      const { team, login } = request.params;
      // Before there was one form for both, rights were kept as they had been written.
      for (const one of new Set([loginForm(login), login.toLowerCase()]))
        await removeTeamPerson(db, team, one, actorOf(request));
      return reply.code(204).send(null);
    },
  );
}
