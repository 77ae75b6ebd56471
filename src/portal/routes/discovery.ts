/** Addresses of old: looked for at once, and what became of them. For operators. */
import { z } from 'zod';
import {
  discoveredCounts,
  discoveredPage,
  discoveredStates,
  lastLook,
} from '../../state/database/discovered.ts';
import { type Api, actorOf, type ControlContext } from '../control-context.ts';
import { cursorPlace, pageOf, pageQuery } from '../cursor.ts';
import {
  discoveredAnswer,
  discoveredSchema,
  discoveryAnswer,
  discoverySchema,
  lookAnswer,
} from '../presenters/discovery.ts';

export function discoveryRoutes(api: Api, { database: { db }, discovery }: ControlContext): void {
  api.post(
    '/discover',
    {
      config: { scope: 'sync:write' },
      schema: {
        summary: 'Look now which addresses old has; new ones become accounts',
        description:
          'A list that is empty, cannot be read, or misses too many accounts at once changes nothing.',
        tags: ['accounts'],
        body: z.strictObject({
          dryRun: z.boolean().default(false).describe('Say what would change, and change nothing'),
        }),
        response: { 200: discoverySchema },
      },
    },
    async (request) => {
      const { dryRun } = request.body;
      return discoveryAnswer(await discovery.look({ dryRun, actor: actorOf(request) }), dryRun);
    },
  );

  api.get(
    '/discovered',
    {
      config: { scope: 'accounts:read' },
      schema: {
        summary: 'Accounts that were adopted from old’s list of addresses, or that are no longer in it',
        tags: ['accounts'],
        querystring: z.strictObject({ state: z.enum(discoveredStates).default('vanished'), ...pageQuery }),
        response: { 200: discoveredSchema },
      },
    },
    async ({ query: { state, cursor, limit } }) => {
      const { sourceName: source } = discovery;
      const after = cursorPlace(cursor, z.string()) ?? '';
      const found = await discoveredPage(db, { state, after, limit: limit + 1 });
      const { rows, next } = pageOf(found, limit, ({ address }) => address);
      return {
        source,
        look: lookAnswer(source === null ? null : await lastLook(db, source)),
        counts: await discoveredCounts(db),
        addresses: rows.map(discoveredAnswer),
        next,
      };
    },
  );
}
