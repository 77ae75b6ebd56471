/** One account on its way, and what its owner, a team administrator or an operator may do about it. */
import { z } from 'zod';
import { MailferryError } from '../../base/errors.ts';
import { Secret } from '../../base/secret.ts';
import { accountPlace } from '../../state/database/account-list.ts';
import { type BulkAction, changeMany } from '../../state/database/bulk-changes.ts';
import { refusedPage } from '../../state/database/refused-list.ts';
import { type Api, actorOf, callerOf, type ControlContext } from '../control-context.ts';
import { maxPassword } from '../login/password-hash.ts';
import { crossingOf } from '../crossing-of.ts';
import { keepPassword as keepPasswordOf } from '../keep-password.ts';
import { cursorPlace, nextSchema, pageOf, pageQuery } from '../cursor.ts';
import { readerOf } from '../locale-of.ts';
import { unfitWords } from '../../domain/unfit.ts';
import type { TeamRight } from '../../state/database/team-people.ts';
import { eyesOf } from '../policies/horizon.ts';
import { crossingSchema } from '../presenters/crossing.ts';
import { rememberedEffort } from '../recent-effort.ts';
import { refusedForPeople, refusedForPeopleSchema } from '../presenters/refused.ts';

const params = z.object({ account: z.string().min(1).max(320) });
/** Longer plans are forgotten by people. */
const maxAheadMs = 366 * 24 * 3_600_000;

export function crossingRoutes(
  api: Api,
  {
    database: { db },
    key,
    clock,
    logIn,
    mailPrograms,
    pollMs,
    appPasswords,
    configuredMasters,
    tokensOn,
    provisioning,
  }: ControlContext,
): void {
  const keeping = { db, key, logIn };
  const effort = rememberedEffort(db, clock);
  const rules = (scope: 'accounts:read' | 'sync:write', right: TeamRight) =>
    ({ config: { scope, access: { to: 'account', right } } }) as const;
  const schema = (summary: string) =>
    ({ summary, tags: ['crossing'], params, response: { 200: crossingSchema } }) as const;

  api.get(
    '/accounts/:account/crossing',
    { ...rules('accounts:read', 'view'), schema: schema('All that is shown of an account on its way') },
    (request) => crossing(request),
  );

  api.post(
    '/accounts/:account/plan',
    {
      ...rules('sync:write', 'plan'),
      schema: {
        ...schema('Choose copy or move, now or at a time'),
        description:
          'With `keepPassword` the owner agrees that a hash of the password is made for new; the password is given once more and forgotten.',
        body: z.strictObject({
          kind: z.enum(['copy', 'move']),
          at: z.iso.datetime({ offset: true }).nullable().default(null),
          keepPassword: z.boolean().default(false),
          password: z.string().min(1).max(maxPassword).optional(),
        }),
      },
    },
    async (request) => {
      const { kind, at, keepPassword } = request.body;
      const password = request.body.password === undefined ? null : new Secret(request.body.password);
      request.body.password = '';
      const atMs = at === null ? null : Date.parse(at);
      if (atMs !== null && atMs > clock.now() + maxAheadMs) {
        throw new MailferryError('request-invalid', 'at: is more than a year ahead');
      }
      if (keepPassword) await keepPasswordOf(keeping, await ownerOf(request), password);
      // What lies in the past is now.
      const plan = { choice: kind, atMs: atMs !== null && atMs > clock.now() ? atMs : null };
      return change(request, { kind: 'plan', plan }, { orAsItIs: true });
    },
  );

  api.delete(
    '/accounts/:account/plan',
    { ...rules('sync:write', 'plan'), schema: schema('Take a plan back that has not begun') },
    (request) => change(request, { kind: 'unplan' }),
  );

  api.post(
    '/accounts/:account/password',
    {
      config: { scope: 'sync:write', access: { to: 'owner' } },
      schema: {
        ...schema('Give the password of the mailbox for its account on new'),
        description:
          'The owner agrees that it is good there too. It is checked on old, a hash of it is made for new, and it is forgotten.',
        body: z.strictObject({ password: z.string().min(1).max(maxPassword) }),
      },
    },
    async (request) => {
      const password = new Secret(request.body.password);
      request.body.password = '';
      if (!provisioning.takesPasswords)
        throw new MailferryError('provisioning-off', 'Mailferry puts no passwords of owners on new here');
      await keepPasswordOf(keeping, await ownerOf(request), password);
      return crossing(request);
    },
  );

  api.post(
    '/accounts/:account/pause',
    { ...rules('sync:write', 'move'), schema: schema('Do nothing for the account until it is resumed') },
    (request) => change(request, { kind: 'pause', why: 'asked for' }, { orAsItIs: true }),
  );

  api.post(
    '/accounts/:account/resume',
    { ...rules('sync:write', 'move'), schema: schema('Go on with a paused account') },
    (request) => change(request, { kind: 'resume' }, { orAsItIs: true }),
  );

  api.post(
    '/accounts/:account/retry',
    { ...rules('sync:write', 'move'), schema: schema('Try again what wants attention') },
    (request) => change(request, { kind: 'retry', confirmDeletions: false }, { orAsItIs: true }),
  );

  api.get(
    '/accounts/:account/refused',
    {
      ...rules('accounts:read', 'view'),
      schema: {
        summary: 'Messages of the account that are not on new',
        description: 'Reason and action in the language of the session or of Accept-Language.',
        tags: ['crossing'],
        params,
        querystring: z.strictObject(pageQuery),
        response: { 200: z.object({ refused: z.array(refusedForPeopleSchema), next: nextSchema }) },
      },
    },
    async (request) => {
      const { cursor, limit } = request.query;
      const id = await idOf(request.params.account);
      const place = cursorPlace(cursor, z.tuple([z.int(), z.int()]));
      const after = place === null ? null : { accountId: id, mailboxId: place[0], oldUid: place[1] };
      const only = { ids: [id], teamIds: [], domains: [], all: false };
      const found = await refusedPage(db, only, { after, limit: limit + 1 });
      const { rows, next } = pageOf(found, limit, (one) => [one.mailboxId, one.oldUid]);
      const caller = callerOf(request);
      const eyes = eyesOf(caller, id);
      const { locale } = readerOf(request);
      return { refused: rows.map((one) => refusedForPeople(one, eyes, locale)), next };
    },
  );

  api.post(
    '/accounts/:account/refused/retry',
    { ...rules('sync:write', 'move'), schema: schema('Try refused messages again') },
    (request) => change(request, { kind: 'retry-refused' }, { orAsItIs: true }),
  );

  type Request = Parameters<typeof readerOf>[0] & {
    readonly params: z.output<typeof params>;
    readonly ip: string;
  };

  async function idOf(account: string): Promise<string> {
    const place = await accountPlace(db, account);
    if (place === null) throw new MailferryError('account-unknown', `there is no account ${account}`);
    return place.id;
  }

  function crossing(request: Request) {
    const { locale } = readerOf(request);
    return crossingOf(db, request.params.account, callerOf(request), {
      locale,
      nowMs: clock.now(),
      mailPrograms,
      pollMs,
      takesPasswords: provisioning.takesPasswords,
      effort,
      old: {
        appPasswords: appPasswords.offers('old'),
        tokens: tokensOn.old,
        master: configuredMasters.old !== null,
      },
    });
  }

  /** `orAsItIs`: asking for what is so already is no error. Throws `phase-refused`. */
  async function change(request: Request, action: BulkAction, { orAsItIs = false } = {}) {
    const id = await idOf(request.params.account);
    const only = { ids: [id], teamIds: [], domains: [], all: false };
    const options = { actor: actorOf(request), dryRun: false, named: 1, waits: true };
    const { unchangedAddresses } = await changeMany(db, only, action, options);
    const why = unchangedAddresses[0]?.why;
    if (why !== undefined && !orAsItIs) {
      throw new MailferryError('phase-refused', unfitWords(why)[readerOf(request).locale]);
    }
    return crossing(request);
  }

  async function ownerOf(request: Request) {
    const caller = callerOf(request);
    return {
      id: await idOf(request.params.account),
      session: caller.session,
      actor: caller.actor,
      ip: request.ip,
    };
  }
}
