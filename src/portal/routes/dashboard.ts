/** What operators watch and turn: the fleet over time, and what each server may be asked for. */
import { z } from 'zod';
import { MailferryError } from '../../base/errors.ts';
import { fleetByTeam } from '../../state/database/fleet-by-team.ts';
import { type Sample, samplesBetween } from '../../state/database/samples.ts';
import { type ServerLoad, serverLoads } from '../../state/database/server-load.ts';
import { budgetChanges, changeBudget } from '../../state/database/server-budgets.ts';
import { allServers, type Side } from '../../state/database/servers.ts';
import { syncStatus } from '../../state/database/sync-status.ts';
import { type Api, actorOf, type ControlContext } from '../control-context.ts';
import { timeSchema, timeText } from '../presenters/time.ts';
import { spared } from '../spared.ts';

/** A screen has no more points side by side. */
const maxPoints = 2_000;
/** A picture has no room for more. */
const drawnTeams = 50;
const day = 24 * 3_600_000;
const time = z.iso.datetime({ offset: true }).optional();

const loadSchema = z
  .object({
    connections: z.int().describe('Open now, by all workers'),
    allowed: z.int(),
    waiting: z.int().describe('Passes that wait for a connection'),
    messagesPerSecond: z.number(),
    bytesPerSecond: z.number(),
    latencyMs: z.number().nullable().describe('Median of short commands; of several workers the highest'),
    bytesToday: z.number(),
  })
  .meta({ id: 'ServerLoad' });
const sidesOf = <Shape extends z.ZodType>(shape: Shape) =>
  z.object({ old: shape.nullable(), new: shape.nullable() });
const pointLoadSchema = loadSchema.pick({ connections: true, latencyMs: true });
const loadNowSchema = loadSchema.extend({
  latencyBrakeMs: z.number().nullable().describe('Above it first copies are slowed down'),
});

const pointSchema = z.object({
  at: timeSchema,
  phases: z.record(z.string(), z.int()),
  messagesPerSecond: z.number().describe('Since the point before'),
  bytesPerSecond: z.number(),
  lagMs: z.int().nullable(),
  refused: z.int(),
  servers: sidesOf(pointLoadSchema).describe('Null where no worker told of the server'),
});

const fleetSchema = z.object({
  teams: z
    .array(
      z.object({
        id: z.string().nullable(),
        name: z.string().nullable(),
        accounts: z.int(),
        messagesTotal: z.number(),
        messagesDone: z.number(),
      }),
    )
    .describe('By size; the last one without a name is what all others have together'),
});

const bound = z.number().int().min(1).max(Number.MAX_SAFE_INTEGER).nullable().optional();
const budgetBody = z.strictObject({
  connections: z.number().int().min(1).max(10_000).nullable().optional(),
  messagesPerSecond: bound,
  bytesPerSecond: bound,
  bytesPerDay: bound,
});
const budgetSchema = z
  .object({
    side: z.enum(['old', 'new']),
    connections: z.int(),
    messagesPerSecond: z.number().nullable().describe('Null: no bound of ours'),
    bytesPerSecond: z.number().nullable(),
    bytesPerDay: z.number().nullable(),
    changed: z.array(z.string()).describe('Which of them were set here, and not by the configuration'),
  })
  .meta({ id: 'ServerBudget' });
const params = z.object({ side: z.enum(['old', 'new']) });

export function dashboardRoutes(api: Api, { database: { db }, clock }: ControlContext): void {
  const status = spared(() => syncStatus(db), clock);
  const fleet = spared(() => fleetByTeam(db, drawnTeams), clock);
  api.get(
    '/dashboard',
    {
      config: { scope: 'accounts:read' },
      schema: {
        summary: 'The fleet over time, and its trouble now',
        tags: ['dashboard'],
        querystring: z.strictObject({ from: time.describe('A day ago without it'), to: time }),
        response: {
          200: z.object({ points: z.array(pointSchema), trouble: z.record(z.string(), z.int()) }),
        },
      },
    },
    async ({ query: { from, to } }) => {
      const toMs = to === undefined ? clock.now() : Date.parse(to);
      const fromMs = from === undefined ? toMs - day : Date.parse(from);
      const samples = await samplesBetween(db, { fromMs, toMs, limit: maxPoints });
      const { trouble } = await status();
      return { points: samples.map((one, i) => pointOf(one, samples[i - 1])), trouble };
    },
  );

  api.get(
    '/dashboard/fleet',
    {
      config: { scope: 'accounts:read' },
      schema: {
        summary: 'How far each of the largest teams is',
        tags: ['dashboard'],
        response: { 200: fleetSchema },
      },
    },
    async () => ({ teams: await fleet() }),
  );

  api.get(
    '/servers/load',
    {
      config: { scope: 'accounts:read' },
      schema: {
        summary: 'What all workers together ask of each server now',
        description: 'Workers tell it every five seconds. Null for a server that none told of lately.',
        tags: ['servers'],
        response: { 200: sidesOf(loadNowSchema) },
      },
    },
    loads,
  );

  api.get(
    '/servers/:side/budget',
    {
      config: { scope: 'accounts:read' },
      schema: {
        summary: 'What a server may be asked for',
        tags: ['servers'],
        params,
        response: { 200: budgetSchema },
      },
    },
    ({ params: { side } }) => budgetOf(side),
  );

  api.patch(
    '/servers/:side/budget',
    {
      config: { scope: 'admin' },
      schema: {
        summary: 'Change what a server may be asked for; workers follow within a second',
        description: 'What is left out stays; null is no bound, for connections the configured number.',
        tags: ['servers'],
        params,
        body: budgetBody,
        response: { 200: budgetSchema },
      },
    },
    async (request) => {
      const { side } = request.params;
      await changeBudget(db, side, request.body, actorOf(request));
      return budgetOf(side);
    },
  );

  async function loads(): Promise<Record<Side, z.output<typeof loadNowSchema> | null>> {
    const [now, servers] = [await serverLoads(db), await allServers(db)];
    const of = (side: Side) => {
      const load = now[side];
      if (load === null) return null;
      const limits = servers.find((one) => one.side === side)?.limits as
        | { latency_brake_ms?: number }
        | undefined;
      return { ...load, latencyBrakeMs: limits?.latency_brake_ms ?? null };
    };
    return { old: of('old'), new: of('new') };
  }

  async function budgetOf(side: Side): Promise<z.output<typeof budgetSchema>> {
    const server = (await allServers(db)).find((one) => one.side === side);
    if (server === undefined) throw new MailferryError('internal', `the server ${side} was never entered`);
    const { limits } = server as { limits: Readonly<Record<string, number | undefined>> };
    const changes = (await budgetChanges(db))[side];
    const value = (set: number | null | undefined, configured: number | undefined) =>
      set === undefined ? (configured ?? null) : set;
    return {
      side,
      connections: changes.connections ?? limits.connections ?? 1,
      messagesPerSecond: value(changes.messagesPerSecond, limits.messages_per_second),
      bytesPerSecond: value(changes.bytesPerSecond, limits.bytes_per_second),
      bytesPerDay: value(changes.bytesPerDay, limits.bytes_per_day),
      changed: Object.keys(changes),
    };
  }
}

function pointOf(sample: Sample, before: Sample | undefined): z.output<typeof pointSchema> {
  const seconds = before === undefined ? 0 : (sample.atMs - before.atMs) / 1000;
  // Accounts that are removed take their numbers with them.
  const rate = (now: number, then: number) => (seconds <= 0 ? 0 : Math.max(0, now - then) / seconds);
  return {
    at: timeText(sample.atMs),
    phases: { ...sample.phases },
    messagesPerSecond: rate(sample.messagesDone, before?.messagesDone ?? 0),
    bytesPerSecond: rate(sample.bytesCopied, before?.bytesCopied ?? 0),
    lagMs: sample.lagMs,
    refused: sample.refused,
    servers: { old: pointLoad(sample.servers?.old), new: pointLoad(sample.servers?.new) },
  };
}

function pointLoad(load: ServerLoad | null | undefined): z.output<typeof pointLoadSchema> | null {
  return load == null ? null : { connections: load.connections, latencyMs: load.latencyMs };
}
