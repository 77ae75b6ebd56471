/** A team as its administrator sees and steers it. */
import { z } from 'zod';
import type { ErrorCode } from '../../base/errors.ts';
import { phases } from '../../domain/phase.ts';
import { askingCodes } from '../../domain/trouble.ts';
import { type BulkAction, changeMany } from '../../state/database/bulk-changes.ts';
import {
  accountsInTeam,
  accountStates,
  teamAccounts,
  type TeamFilter,
  teamSorts,
  teamSummary,
} from '../../state/database/team-accounts.ts';
import { teamById } from '../../state/database/teams.ts';
import type { TeamRight } from '../../state/database/team-people.ts';
import { type Api, actorOf, type ControlContext } from '../control-context.ts';
import { cursorPlace, cursorText, nextSchema } from '../cursor.ts';
import { readerOf } from '../locale-of.ts';
import type { Locale } from '../../state/database/sessions.ts';
import { type BulkAnswer, bulkAnswer, bulkSchema } from '../presenters/sync.ts';
import {
  csvHead,
  csvRow,
  teamAccountAnswer,
  teamAccountSchema,
  teamSummaryAnswer,
  teamSummarySchema,
} from '../presenters/team.ts';

const params = z.object({ team: z.string().max(64) });
/** A row has some 300 octets: a page of all is a megabyte and a half. */
const maxRows = 5_000;
const namedAtMost = 1_000;
const asking: readonly ErrorCode[] = askingCodes();

const filterQuery = {
  search: z.string().min(1).max(320).optional().describe('Part of the address'),
  phase: z.enum(phases).optional(),
  state: z.enum(accountStates).optional(),
  sort: z
    .enum([...teamSorts, ...teamSorts.map((sort) => `-${sort}` as const)])
    .default('address')
    .describe('With - before it: from the other end'),
};
const accounts = z
  .union([z.literal('all'), z.array(z.string().min(1).max(320)).min(1).max(10_000)])
  .describe('Ids or addresses of the team’s accounts');
const many = z.strictObject({ accounts, dryRun: z.boolean().default(false) });
const plan = many.extend({
  kind: z.enum(['copy', 'move']),
  at: z.iso.datetime({ offset: true }).nullable().default(null),
});

export function teamRoutes(api: Api, { database: { db }, clock }: ControlContext): void {
  const rules = (scope: 'accounts:read' | 'sync:write', right: TeamRight) =>
    ({ config: { scope, access: { to: 'team', right } } }) as const;
  const view = rules('accounts:read', 'view');

  api.get(
    '/teams/:team/summary',
    {
      ...view,
      schema: { summary: 'A team in numbers', tags: ['teams'], params, response: { 200: teamSummarySchema } },
    },
    async ({ params: { team } }) =>
      teamSummaryAnswer(await teamById(db, team), await teamSummary(db, team, asking)),
  );

  api.get(
    '/teams/:team/accounts',
    {
      ...view,
      schema: {
        summary: 'List the accounts of a team',
        tags: ['teams'],
        params,
        querystring: z.strictObject({
          ...filterQuery,
          cursor: z.string().max(200).optional(),
          limit: z.coerce.number().int().min(1).max(maxRows).default(200),
        }),
        response: {
          200: z.object({ accounts: z.array(teamAccountSchema), total: z.int(), next: nextSchema }),
        },
      },
    },
    async ({ params: { team }, query }) => {
      await teamById(db, team);
      const offset = cursorPlace(query.cursor, z.int().min(0)) ?? 0;
      const { rows, total } = await teamAccounts(db, filterOf(team, query), asking, {
        offset,
        limit: query.limit,
      });
      const end = offset + rows.length;
      return {
        accounts: rows.map(teamAccountAnswer),
        total,
        next: rows.length > 0 && end < total ? cursorText(end) : null,
      };
    },
  );

  api.get(
    '/teams/:team/accounts.csv',
    {
      ...view,
      schema: {
        summary: 'The accounts of a team as CSV',
        tags: ['teams'],
        params,
        querystring: z.strictObject(filterQuery),
        response: { 200: { description: 'CSV', content: { 'text/csv': { schema: z.string() } } } },
      },
    },
    async ({ params: { team }, query }, reply) => {
      await teamById(db, team);
      const filter = filterOf(team, query);
      const parts = [csvHead];
      for (let offset = 0; ; offset += maxRows) {
        const { rows } = await teamAccounts(db, filter, asking, { offset, limit: maxRows });
        parts.push(...rows.map((row) => csvRow(teamAccountAnswer(row))));
        if (rows.length < maxRows) break;
      }
      return reply
        .type('text/csv; charset=utf-8')
        .header('content-disposition', 'attachment; filename="accounts.csv"')
        .send(parts.join(''));
    },
  );

  const post = <S extends typeof many | typeof plan>(
    path: string,
    summary: string,
    right: TeamRight,
    body: S,
    action: (body: z.output<S>) => BulkAction,
  ) =>
    api.post(
      `/teams/:team/${path}`,
      {
        ...rules('sync:write', right),
        schema: { summary, tags: ['teams'], params, body, response: { 200: bulkSchema } },
      },
      async (request) => {
        const wanted = request.body as z.output<S>;
        const by = { actor: actorOf(request), locale: readerOf(request).locale };
        return apply(request.params.team, wanted, action(wanted), by);
      },
    );
  post(
    'plan',
    'Choose copy or move for accounts of the team, now or at a time',
    'plan',
    plan,
    ({ kind, at }) => {
      const atMs = at === null ? null : Date.parse(at);
      return {
        kind: 'plan',
        plan: { choice: kind, atMs: atMs !== null && atMs > clock.now() ? atMs : null },
      };
    },
  );
  post('unplan', 'Take plans back that have not begun', 'plan', many, () => ({ kind: 'unplan' }));
  post('pause', 'Do nothing for accounts of the team until they are resumed', 'move', many, () => ({
    kind: 'pause',
    why: 'asked for',
  }));
  post('resume', 'Go on with paused accounts of the team', 'move', many, () => ({ kind: 'resume' }));
  post('retry', 'Try accounts of the team again that want attention', 'move', many, () => ({
    kind: 'retry',
    confirmDeletions: false,
  }));

  async function apply(
    team: string,
    wanted: z.output<typeof many>,
    action: BulkAction,
    { actor, locale }: { readonly actor: string; readonly locale: Locale },
  ): Promise<BulkAnswer> {
    await teamById(db, team);
    const { ids, unknown } =
      wanted.accounts === 'all' ? { ids: [], unknown: [] } : await accountsInTeam(db, team, wanted.accounts);
    const teamIds = wanted.accounts === 'all' ? [team] : [];
    const options = { actor, dryRun: wanted.dryRun, named: namedAtMost };
    const result = await changeMany(db, { ids, teamIds, domains: [], all: false }, action, options);
    return bulkAnswer(result, wanted.dryRun, unknown, locale);
  }
}

function filterOf(
  teamId: string,
  query: {
    readonly search?: string | undefined;
    readonly phase?: string | undefined;
    readonly state?: TeamFilter['state'] | undefined;
    readonly sort: string;
  },
): TeamFilter {
  const { search, phase, state, sort } = query;
  return {
    teamId,
    contains: search?.toLowerCase() ?? null,
    phase: phase ?? null,
    state: state ?? null,
    sort: teamSorts.find((one) => sort.endsWith(one)) ?? 'address',
    descending: sort.startsWith('-'),
  };
}
