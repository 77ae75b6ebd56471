/** Waves: plans for many accounts that begin together, at a pace. A team sees and plans its own. */
import { z } from 'zod';
import { MailferryError } from '../../base/errors.ts';
import { askingCodes } from '../../domain/trouble.ts';
import { waveStates } from '../../domain/wave.ts';
import { resolveSelection } from '../../state/database/selection.ts';
import { accountsInTeam } from '../../state/database/team-accounts.ts';
import { addWave, changeWave, removeWave, type Wave, waves } from '../../state/database/waves.ts';
import { type Api, actorOf, callerOf, type ControlContext } from '../control-context.ts';
import { hasRight, requireTeamRight } from '../policies/access.ts';
import { may, type Principal } from '../policies/scopes.ts';
import { timeSchema, timeText } from '../presenters/time.ts';

const name = z.string().min(1).max(200);
const time = z.iso.datetime({ offset: true });
const rate = z.number().int().min(1).max(1_000_000).nullable();
const percent = z.number().int().min(1).max(100).nullable();
const params = z.object({ id: z.string().max(64) });

const waveSchema = z
  .object({
    id: z.string(),
    team: z.string().nullable().describe('Its id; null for a wave of the operators'),
    name: z.string(),
    at: timeSchema,
    ratePerHour: z.int().nullable(),
    accounts: z.int(),
    started: z.int(),
    failed: z.int().describe('Of the started ones, those that a person has to do something about'),
    kind: z.enum(['copy', 'move']),
    state: z.enum(waveStates),
    stopOnFailurePercent: z.int().nullable(),
    createdBy: z.string(),
  })
  .meta({ id: 'Wave' });

export function waveRoutes(api: Api, { database: { db }, clock }: ControlContext): void {
  const rules = (scope: 'accounts:read' | 'sync:write') =>
    ({ config: { scope, access: { to: 'everybody' } } }) as const;
  const asking = askingCodes();

  api.get(
    '/waves',
    {
      ...rules('accounts:read'),
      schema: {
        summary: 'List waves, newest first: all, or those of one’s teams',
        description: 'Of those that are done the newest 500.',
        tags: ['waves'],
        response: { 200: z.object({ waves: z.array(waveSchema) }) },
      },
    },
    async (request) => {
      const caller = callerOf(request);
      const teams = isWide(caller) ? {} : { teams: viewedTeams(caller) };
      return { waves: (await waves(db, teams, asking)).map(answer) };
    },
  );

  api.post(
    '/waves',
    {
      ...rules('sync:write'),
      schema: {
        summary: 'Plan a wave; an account that waits in another one moves to this',
        tags: ['waves'],
        body: z.strictObject({
          team: z.string().max(64).nullable().default(null),
          name,
          at: time,
          ratePerHour: rate.default(null),
          kind: z.enum(['copy', 'move']),
          stopOnFailurePercent: percent.default(null),
          accounts: z.array(z.string().min(1).max(320)).min(1).max(10_000).describe('Ids or addresses'),
        }),
        response: { 201: waveSchema.extend({ unknown: z.array(z.string()) }) },
      },
    },
    async (request, reply) => {
      const { team, at, accounts, ...rest } = request.body;
      const caller = callerOf(request);
      if (team === null && !isWide(caller)) {
        throw new MailferryError('request-invalid', 'team: which of your teams is it for?');
      }
      if (team !== null && !isWide(caller)) requireTeamRight(caller, team, 'plan');
      const { ids, unknown } =
        team === null ? await ofAll(accounts) : await accountsInTeam(db, team, accounts);
      if (ids.length === 0) throw new MailferryError('request-invalid', 'accounts: none of them is there');
      const wave = { ...rest, teamId: team, atMs: Date.parse(at) };
      const id = await addWave(db, wave, ids, actorOf(request), clock.now());
      return reply.code(201).send({ ...answer(await waveOf(caller, id)), unknown: [...unknown] });
    },
  );

  api.get(
    '/waves/:id',
    {
      ...rules('accounts:read'),
      schema: { summary: 'One wave', tags: ['waves'], params, response: { 200: waveSchema } },
    },
    async (request) => answer(await waveOf(callerOf(request), request.params.id)),
  );

  api.patch(
    '/waves/:id',
    {
      ...rules('sync:write'),
      schema: {
        summary: 'Change a wave; `stopped` holds it, `running` lets it go on',
        tags: ['waves'],
        params,
        body: z.strictObject({
          name: name.optional(),
          at: time.optional(),
          ratePerHour: rate.optional(),
          stopOnFailurePercent: percent.optional(),
          state: z.enum(['running', 'stopped']).optional(),
        }),
        response: { 200: waveSchema },
      },
    },
    async (request) => {
      const caller = callerOf(request);
      const { id } = request.params;
      const wave = await plannable(caller, id);
      const { at, state, ...rest } = request.body;
      if (state !== undefined && wave.state === 'done') {
        throw new MailferryError('phase-refused', 'all accounts of the wave were started');
      }
      const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
      const atMs = at === undefined ? {} : { atMs: Date.parse(at) };
      await changeWave(db, id, { ...given, ...atMs, ...(state && { state }) }, actorOf(request));
      return answer(await waveOf(caller, id));
    },
  );

  api.delete(
    '/waves/:id',
    {
      ...rules('sync:write'),
      schema: {
        summary: 'Remove a wave; accounts that it started go on',
        tags: ['waves'],
        params,
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      await plannable(callerOf(request), request.params.id);
      await removeWave(db, request.params.id, actorOf(request));
      return reply.code(204).send(null);
    },
  );

  async function ofAll(names: readonly string[]) {
    const wanted = { accounts: names, teams: [], domains: [], all: false };
    const { selection, unknown } = await resolveSelection(db, wanted);
    return { ids: selection.ids, unknown };
  }

  /** Throws `wave-unknown`, also where it is not for these eyes. */
  async function waveOf(caller: Principal, id: string): Promise<Wave> {
    const [wave] = await waves(db, { id }, asking);
    if (wave === undefined || !seesWave(caller, wave)) {
      throw new MailferryError('wave-unknown', `there is no wave ${id}`);
    }
    return wave;
  }

  async function plannable(caller: Principal, id: string): Promise<Wave> {
    const wave = await waveOf(caller, id);
    if (!isWide(caller) && !hasRight(caller.session, wave.teamId, 'plan')) {
      throw new MailferryError('scope-missing', 'this is for who may plan for the team');
    }
    return wave;
  }
}

/** Tokens, by their scopes, and operators. */
function isWide(caller: Principal): boolean {
  return caller.session === null || may(caller, 'admin');
}

function viewedTeams({ session }: Principal): string[] {
  return (session?.teams ?? []).filter(({ rights }) => rights.includes('view')).map(({ id }) => id);
}

function seesWave(caller: Principal, { teamId }: Wave): boolean {
  return isWide(caller) || hasRight(caller.session, teamId, 'view');
}

function answer(wave: Wave): z.output<typeof waveSchema> {
  const { teamId, atMs, lastStartMs: _lastStartMs, ...rest } = wave;
  return { ...rest, team: teamId, at: timeText(atMs) };
}
