/**
 * Live events as a stream (Server-Sent Events). A viewer that comes back says in Last-Event-ID what it has seen, and
 * gets the rest; where that has been pruned it is told to look anew.
 */
import { z } from 'zod';
import { MailferryError } from '../../base/errors.ts';
import { type LiveEventRow, lastEventId, oldestEventId } from '../../state/database/events.ts';
import { type Api, callerOf, type ControlContext } from '../control-context.ts';
import type { ChangedProgress } from '../../state/database/progress-feed.ts';
import { accountPlace } from '../../state/database/account-list.ts';
import { requireAccess } from '../policies/access.ts';
import { letIn } from '../guard.ts';
import type { Authenticator } from '../policies/authenticate.ts';
import { type Horizon, horizonOf, sameHorizon, sees, seesAccount } from '../policies/horizon.ts';
import type { Principal } from '../policies/scopes.ts';
import { timeText } from '../presenters/time.ts';

/** A viewer that has so much unread is cut off; it comes back with Last-Event-ID. */
const maxUnreadBytes = 1_000_000;
/** Whether the viewer may still see what it sees is asked at each fourth heartbeat. */
const askEvery = 4;
/** Of one look at the progress of many accounts; who shows more asks for the list anew. */
const maxProgress = 200;

const rules = { scope: 'accounts:read', access: { to: 'everybody' } } as const;

export function eventRoutes(
  api: Api,
  context: ControlContext & { readonly authenticate: Authenticator },
): void {
  const { live, heartbeatMs, authenticate, publicUrl } = context;
  const { db } = context.database;
  const name = z.string().min(1).max(320).optional();
  api.get(
    '/events',
    {
      config: rules,
      schema: {
        summary: 'What changes, live',
        description:
          'Each event has an id, a name (`account.phase`, ...) and JSON data: at, subject, detail, which is empty for who is no operator. `reset` says that events were missed. `progress` comes once a second at most, has no id, and tells how far accounts are.',
        tags: ['events'],
        headers: z.object({
          'last-event-id': z
            .string()
            .regex(/^\d{1,15}$/)
            .optional(),
        }),
        querystring: z.strictObject({
          since: z.coerce.number().int().min(0).optional().describe('As Last-Event-ID, for the first time'),
          account: name.describe('Only of this account, by id or address'),
          team: name.describe('Only of the accounts of this team, by id'),
        }),
        response: {
          200: { description: 'A stream', content: { 'text/event-stream': { schema: z.string() } } },
        },
      },
    },
    async (request, reply) => {
      if (live.full) throw new MailferryError('too-many-attempts', 'too many streams are open');
      const horizon = await horizonAsked(callerOf(request), request.query);
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
      let beats = 0;
      const heartbeat = setInterval(() => {
        raw.write(':\n\n');
        if (++beats % askEvery !== 0) return;
        seesAsBefore().then(
          (yes) => yes || end(),
          () => end(),
        );
      }, heartbeatMs);
      const remove = live.add({
        lastId,
        login: callerOf(request).session?.login ?? null,
        wantsTeams: horizon.wantsTeams,
        take: (events, teams) =>
          send(
            events
              .filter((one) => sees(horizon, one, teams.get(one.subject) ?? null))
              .map((one) => eventText(one, horizon))
              .join(''),
          ),
        progress: (changed) => send(progressText(changed, horizon)),
        end,
      });
      raw.on('close', forget);
      /** What was taken from somebody is gone at once, or nearly: the session, the token, a right, the account's team. */
      async function seesAsBefore(): Promise<boolean> {
        const principal = await letIn({ db, authenticate, publicUrl }, request, rules);
        return sameHorizon(horizon, await horizonAsked(callerOf({ principal }), request.query));
      }
      function send(lines: string): void {
        if (lines !== '') raw.write(lines);
        if (raw.writableLength > maxUnreadBytes) raw.destroy();
      }
      function end(): void {
        forget();
        raw.end();
      }
      function forget(): void {
        clearInterval(heartbeat);
        remove();
      }
    },
  );

  /** Throws `account-unknown`, `team-unknown`, `scope-missing`. */
  async function horizonAsked(
    principal: Principal,
    { account, team }: { readonly account?: string | undefined; readonly team?: string | undefined },
  ): Promise<Horizon> {
    const place = account === undefined ? null : await accountPlace(db, account);
    const text = account ?? team ?? '';
    const named = { account: place, team: team === undefined ? null : { id: team }, text };
    const right = 'view' as const;
    if (account !== undefined) requireAccess(principal, 'accounts:read', { to: 'account', right }, named);
    if (team !== undefined) requireAccess(principal, 'accounts:read', { to: 'team', right }, named);
    if (account !== undefined && place === null) {
      throw new MailferryError('account-unknown', `there is no account ${account}`);
    }
    return horizonOf(principal, place?.id ?? null, team ?? null);
  }
}

/** Empty where nothing of it is for this viewer. */
function progressText(changed: readonly ChangedProgress[], horizon: Horizon): string {
  const own = changed.filter(({ accountId, teamId }) => seesAccount(horizon, accountId, teamId));
  if (own.length === 0) return '';
  const accounts = own.slice(0, maxProgress).map(({ accountId: id, ...numbers }) => ({ id, ...numbers }));
  return `event: progress\ndata: ${JSON.stringify({ accounts, more: own.length > maxProgress })}\n\n`;
}

/** JSON has no line ends of its own. */
function eventText({ id, kind, atMs, subject, ...event }: LiveEventRow, { details }: Horizon): string {
  const detail = details ? event.detail : {};
  return `id: ${id}\nevent: ${kind}\ndata: ${JSON.stringify({ at: timeText(atMs), subject, detail })}\n\n`;
}
