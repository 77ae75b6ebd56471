/**
 * Live events as a stream (Server-Sent Events). A viewer that comes back says in Last-Event-ID what it has seen, and
 * gets the rest; where that has been pruned it is told to look anew.
 */
import { z } from 'zod';
import { MailferryError } from '../../base/errors.ts';
import { type LiveEventRow, lastEventId, oldestEventId } from '../../state/database/events.ts';
import type { Api, ControlContext } from '../control-context.ts';
import { may, type Principal } from '../policies/scopes.ts';
import { timeText } from '../presenters/time.ts';

/** Proxies cut a connection that is silent for a minute. */
const heartbeatMs = 15_000;
/** A viewer that has so much unread is cut off; it comes back with Last-Event-ID. */
const maxUnreadBytes = 1_000_000;

export function eventRoutes(api: Api, { database: { db }, live }: ControlContext): void {
  api.get(
    '/events',
    {
      config: { scope: 'accounts:read' },
      schema: {
        summary: 'What changes, live',
        description:
          'Each event has an id, a name (`account.phase`, ...) and JSON data: at, subject, detail. `reset` says that events were missed.',
        tags: ['events'],
        headers: z.object({
          'last-event-id': z
            .string()
            .regex(/^\d{1,15}$/)
            .optional(),
        }),
        querystring: z.strictObject({
          since: z.coerce.number().int().min(0).optional().describe('As Last-Event-ID, for the first time'),
        }),
        response: {
          200: { description: 'A stream', content: { 'text/event-stream': { schema: z.string() } } },
        },
      },
    },
    async (request, reply) => {
      if (live.full) throw new MailferryError('too-many-attempts', 'too many streams are open');
      const { principal } = request;
      const header = request.headers['last-event-id'];
      const since = header === undefined ? request.query.since : Number(header);
      const lastId = since ?? (await lastEventId(db));
      const missed = since !== undefined && since + 1 < (await oldestEventId(db));
      reply.hijack();
      const { raw } = reply;
      raw.writeHead(200, {
        ...Object.fromEntries(Object.entries(reply.getHeaders()).map(([k, v]) => [k, String(v)])),
        'content-type': 'text/event-stream',
        'x-accel-buffering': 'no',
      });
      raw.write(`retry: 1000\n\n${missed ? 'event: reset\ndata: {}\n\n' : ''}`);
      const heartbeat = setInterval(() => raw.write(':\n\n'), heartbeatMs);
      const remove = live.add({
        lastId,
        take: (events) => {
          const text = events
            .filter((event) => visible(event, principal))
            .map(eventText)
            .join('');
          if (text !== '') raw.write(text);
          if (raw.writableLength > maxUnreadBytes) raw.destroy();
        },
        end: () => raw.end(),
      });
      raw.on('close', () => {
        clearInterval(heartbeat);
        remove();
      });
    },
  );
}

/** Tokens and credentials are for who may do all. */
function visible({ kind }: LiveEventRow, principal: Principal | null): boolean {
  return !/^(token|credential)\./.test(kind) || (principal !== null && may(principal, 'admin'));
}

/** JSON has no line ends of its own. */
function eventText({ id, kind, atMs, subject, detail }: LiveEventRow): string {
  return `id: ${id}\nevent: ${kind}\ndata: ${JSON.stringify({ at: timeText(atMs), subject, detail })}\n\n`;
}
