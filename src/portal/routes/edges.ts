/** Edges on the mail hosts, as operators see them: a code to enrol with, how far each is, and the end of one. */
import { randomInt } from 'node:crypto';
import { z } from 'zod';
import { Secret } from '../../base/secret.ts';
import { latestEpoch } from '../../state/database/edge-rows.ts';
import { addEdge, allEdges, removeEdge } from '../../state/database/edges.ts';
import { type Api, actorOf, type ControlContext } from '../control-context.ts';
import { readerOf } from '../locale-of.ts';
import { hashOf } from '../policies/token-text.ts';
import { edgeAnswer, edgeSchema, sideSchema } from '../presenters/edges.ts';
import { timeSchema, timeText } from '../presenters/time.ts';

const all = { config: { scope: 'admin' } } as const;
/** Long enough to walk to the machine, short enough that a forgotten one is worth nothing. */
const codeForMs = 24 * 3_600_000;
/** 98 random bits: nobody guesses one within a day. */
const codeLength = 20;
/** Without 0, O, 1, I, L and U: it is read aloud and typed. */
const codeLetters = 'ABCDEFGHJKMNPQRSTVWXYZ23456789';

export function edgeRoutes(api: Api, { database: { db }, clock }: ControlContext): void {
  api.get(
    '/edges',
    {
      config: { scope: 'accounts:read' },
      schema: {
        summary: 'List edges: how far each is, what it says is wrong, and what the doctor found on its host',
        tags: ['edges'],
        response: {
          200: z.object({
            edges: z.array(edgeSchema),
            epoch: z.number().int().describe('The newest change; an edge with this epoch has all'),
          }),
        },
      },
    },
    async (request) => {
      const { locale } = readerOf(request);
      const edges = (await allEdges(db)).map((edge) => edgeAnswer(edge, locale));
      return { edges, epoch: await latestEpoch(db) };
    },
  );

  api.post(
    '/edges',
    {
      ...all,
      schema: {
        summary: 'Prepare an edge; the code that it enrols with is in this answer only',
        tags: ['edges'],
        body: z.strictObject({
          side: sideSchema,
          name: z
            .string()
            .regex(/^[\w.-]{1,100}$/)
            .describe('As pages and the audit log name it: that of its host'),
        }),
        response: { 201: z.object({ id: z.string(), code: z.string(), codeUntil: timeSchema }) },
      },
    },
    async (request, reply) => {
      const code = newCode();
      const edge = { ...request.body, codeHash: hashOf(code), codeForMs };
      const id = await addEdge(db, edge, actorOf(request), clock.now());
      const codeUntil = timeText(clock.now() + codeForMs);
      return reply.code(201).send({ id, code: code.reveal(), codeUntil });
    },
  );

  api.delete(
    '/edges/:id',
    {
      ...all,
      schema: {
        summary: 'Remove an edge; what it has stays in force on its host, and it learns nothing more',
        tags: ['edges'],
        params: z.object({ id: z.string().max(64) }),
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      await removeEdge(db, request.params.id, actorOf(request));
      return reply.code(204).send(null);
    },
  );
}

/** Five letters four times. */
function newCode(): Secret {
  const letters = Array.from({ length: codeLength }, () => codeLetters.charAt(randomInt(codeLetters.length)));
  const groups = [0, 5, 10, 15].map((from) => letters.slice(from, from + 5).join(''));
  return new Secret(groups.join('-'));
}
