/** Lists: refused messages, servers, teams, domains, the audit log; and a team without accounts. */
import { z } from 'zod';
import { accountView } from '../../state/database/account-list.ts';
import { auditPage } from '../../state/database/audit.ts';
import { domainsPage } from '../../state/database/domains.ts';
import { refusedPage } from '../../state/database/refused-list.ts';
import { resolveSelection } from '../../state/database/selection.ts';
import { allServers } from '../../state/database/servers.ts';
import { addTeam, teamsPage } from '../../state/database/teams.ts';
import { type Api, actorOf, type ControlContext } from '../control-context.ts';
import { maxTeamLength } from '../import/limits.ts';
import { cursorPlace, nextSchema, pageOf, pageQuery } from '../cursor.ts';
import {
  auditAnswer,
  auditSchema,
  domainAnswer,
  domainSchema,
  serverAnswer,
  serverSchema,
  teamSchema,
} from '../presenters/lists.ts';
import { refusedAnswer, refusedSchema } from '../presenters/refused.ts';

const read = { config: { scope: 'accounts:read' } } as const;
const name = z.string().min(1).max(320);
const refusedPlace = z.tuple([z.string(), z.int(), z.int()]);

/** As in a list of accounts. */
const teamName = z
  .string()
  .trim()
  .min(1)
  .max(maxTeamLength)
  .regex(/^\P{Cc}*$/u);

export function listRoutes(api: Api, { database: { db }, clock, tls }: ControlContext): void {
  api.get(
    '/refused',
    {
      ...read,
      schema: {
        summary: 'List messages that are not on new, with the reason of each',
        tags: ['sync'],
        querystring: z.strictObject({
          account: name.optional(),
          team: name.optional(),
          domain: name.optional(),
          ...pageQuery,
        }),
        response: { 200: z.object({ refused: z.array(refusedSchema), next: nextSchema }) },
      },
    },
    async ({ query: { account, team, domain, cursor, limit } }) => {
      const place = cursorPlace(cursor, refusedPlace);
      const all = account === undefined && team === undefined && domain === undefined;
      const { selection } = await resolveSelection(db, {
        accounts: account === undefined ? [] : [(await accountView(db, account)).id],
        teams: team === undefined ? [] : [team],
        domains: domain === undefined ? [] : [domain],
        all,
      });
      const after = place === null ? null : { accountId: place[0], mailboxId: place[1], oldUid: place[2] };
      const found = await refusedPage(db, selection, { after, limit: limit + 1 });
      const { rows, next } = pageOf(found, limit, (r) => [r.accountId, r.mailboxId, r.oldUid]);
      return { refused: rows.map((one) => refusedAnswer(one, { content: true })), next };
    },
  );

  api.get(
    '/servers',
    {
      ...read,
      schema: {
        summary: 'Both servers',
        tags: ['servers'],
        response: { 200: z.object({ servers: z.array(serverSchema) }) },
      },
    },
    async () => ({ servers: (await allServers(db)).map((row) => serverAnswer(row, tls[row.side])) }),
  );

  api.get(
    '/teams',
    {
      ...read,
      schema: {
        summary: 'List teams by name',
        tags: ['accounts'],
        querystring: z.strictObject(pageQuery),
        response: { 200: z.object({ teams: z.array(teamSchema), next: nextSchema }) },
      },
    },
    async ({ query: { cursor, limit } }) => {
      const after = cursorPlace(cursor, z.string());
      const { rows, next } = pageOf(await teamsPage(db, { after, limit: limit + 1 }), limit, (t) => t.name);
      return { teams: [...rows], next };
    },
  );

  api.post(
    '/teams',
    {
      config: { scope: 'accounts:write' },
      schema: {
        summary: 'Make a team that has no accounts yet',
        description: 'A list of accounts makes teams by itself; this is for giving rights before.',
        tags: ['accounts'],
        body: z.strictObject({ name: teamName }),
        response: { 201: teamSchema },
      },
    },
    async (request, reply) => {
      const id = await addTeam(db, request.body.name, actorOf(request), clock.now());
      return reply.code(201).send({ id, name: request.body.name, accounts: 0 });
    },
  );

  api.get(
    '/domains',
    {
      ...read,
      schema: {
        summary: 'List domains by name',
        tags: ['accounts'],
        querystring: z.strictObject(pageQuery),
        response: { 200: z.object({ domains: z.array(domainSchema), next: nextSchema }) },
      },
    },
    async ({ query: { cursor, limit } }) => {
      const after = cursorPlace(cursor, z.string());
      const { rows, next } = pageOf(await domainsPage(db, { after, limit: limit + 1 }), limit, (d) => d.name);
      return { domains: rows.map(domainAnswer), next };
    },
  );

  api.get(
    '/audit',
    {
      config: { scope: 'audit:read' },
      schema: {
        summary: 'Who did what, newest first',
        tags: ['audit'],
        querystring: z.strictObject({
          subject: name.optional().describe('An id, a side or an address of an account'),
          actor: name.optional().describe('Who acted, whole, such as operator:anna@example.org'),
          since: z.iso.datetime({ offset: true }).optional().describe('Nothing older'),
          ...pageQuery,
        }),
        response: { 200: z.object({ audit: z.array(auditSchema), next: nextSchema }) },
      },
    },
    async ({ query: { subject, actor = null, since, cursor, limit } }) => {
      const before = cursorPlace(cursor, z.int());
      const sinceMs = since === undefined ? null : Date.parse(since);
      const page = { subject: await subjectOf(subject), actor, sinceMs, before, limit: limit + 1 };
      const { rows, next } = pageOf(await auditPage(db, page), limit, (a) => a.id);
      return { audit: rows.map(auditAnswer), next };
    },
  );

  async function subjectOf(text: string | undefined): Promise<string | null> {
    if (text === undefined) return null;
    return text.includes('@') ? (await accountView(db, text)).id : text;
  }
}
