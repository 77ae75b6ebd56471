/**
 * What edges call: once with their code, then for rows, and to say what is in force.
 */
import { z } from 'zod';
import { Secret } from '../../base/secret.ts';
import { edgeRowsWhenThere } from '../../state/database/edge-row-stream.ts';
import type { EdgeRow } from '../../state/database/edge-rows.ts';
import { enrolEdge, noteEdge, noteReport } from '../../state/database/edges.ts';
import { type Api, callerOf, type ControlContext } from '../control-context.ts';
import type { EdgePrincipal } from '../policies/scopes.ts';
import { edgeTokenOf, hashOf, newSecretPart } from '../policies/token-text.ts';
import { edgeRowsSchema, findingSchema, reportSchema, sideSchema } from '../presenters/edges.ts';

const edges = { config: { scope: null, access: { to: 'edge' } } } as const;
const versionSchema = z.string().min(1).max(64);
/** Below what proxies in between take for a dead connection. */
const longestWaitMs = 55_000;

export function edgeStreamRoutes(api: Api, { database, clock, key }: ControlContext): void {
  const { db } = database;
  api.post(
    '/edge/enrol',
    {
      config: { scope: null },
      schema: {
        summary: 'Exchange a code for a token, once; the token is in this answer only',
        tags: ['edges'],
        body: z.strictObject({ code: z.string().min(1).max(64), version: versionSchema }),
        response: {
          201: z.object({ id: z.string(), name: z.string(), side: sideSchema, token: z.string() }),
        },
      },
    },
    async (request, reply) => {
      const { code, version } = request.body;
      const codeHash = hashOf(new Secret(code.trim().toUpperCase()));
      const secret = newSecretPart();
      const edge = await enrolEdge(db, { codeHash, version }, (id) => hashOf(edgeTokenOf(id, secret)));
      const { id, name, side } = edge;
      return reply.code(201).send({ id, name, side, token: edgeTokenOf(id, secret).reveal() });
    },
  );

  api.get(
    '/edge/rows',
    {
      ...edges,
      schema: {
        summary: 'Accounts that changed after an epoch; waits while there are none',
        tags: ['edges'],
        querystring: z.strictObject({
          after: z.coerce.number().int().min(0),
          limit: z.coerce.number().int().min(1).max(5_000).default(1_000),
          waitMs: z.coerce.number().int().min(0).max(longestWaitMs).default(0),
        }),
        response: { 200: edgeRowsSchema },
      },
    },
    async (request) => {
      const { after, limit, waitMs } = request.query;
      const { side } = edgeOf(request);
      const over = new AbortController();
      request.raw.once('close', () => over.abort());
      const question = { side, after, limit, waitMs, key };
      const page = await edgeRowsWhenThere(database, clock, question, over.signal);
      return { ...page, rows: page.rows.map(copyOf) };
    },
  );

  api.post(
    '/edge/state',
    {
      ...edges,
      schema: {
        summary: 'Say which epoch is in force, and what is wrong',
        tags: ['edges'],
        body: z.strictObject({
          epoch: z.number().int().min(0),
          version: versionSchema,
          findings: z.array(findingSchema).max(20),
        }),
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      const { epoch, version, findings } = request.body;
      await noteEdge(db, edgeOf(request).id, { epoch, version, health: findings });
      return reply.code(204).send(null);
    },
  );

  api.post(
    '/edge/report',
    {
      ...edges,
      schema: {
        summary: 'Tell what the doctor found on the mail host',
        tags: ['edges'],
        body: reportSchema,
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      const { lookedAt, ...report } = request.body;
      await noteReport(db, edgeOf(request).id, { ...report, lookedAtMs: Date.parse(lookedAt) });
      return reply.code(204).send(null);
    },
  );
}

function edgeOf(request: Parameters<typeof callerOf>[0]): EdgePrincipal {
  const { edge } = callerOf(request);
  if (edge === undefined) throw new Error('a route that is not for edges asks which one calls');
  return edge;
}

/** The schema's types are mutable. */
function copyOf(row: EdgeRow) {
  const { addresses, appPasswords, ...rest } = row;
  return {
    ...rest,
    addresses: [...addresses],
    appPasswords: appPasswords.map((one) => ({ ...one, protocols: [...one.protocols], nets: [...one.nets] })),
  };
}
