/** Logging in and out, and the sessions that a person has. */
import { z } from 'zod';
import { Secret } from '../../base/secret.ts';
import { saveFirstCount } from '../../state/database/account-detail.ts';
import { accountOf } from '../../state/database/accounts.ts';
import {
  addSession,
  endSession,
  type Locale,
  type SessionRow,
  sessionsOfLogin,
  setSessionLocale,
} from '../../state/database/sessions.ts';
import { type Api, actorOf, type ControlContext, sessionOf } from '../control-context.ts';
import { maxPassword } from '../login/password-hash.ts';
import { acceptedLocale } from '../locale-of.ts';
import { requireOwnPage } from '../guard.ts';
import type { LoggedIn } from '../login/log-in.ts';
import { firstDetail } from '../login/mailbox-check.ts';
import { cookieLine, cookieRemoval, newSessionToken } from '../policies/session-cookie.ts';
import { principalOfSession } from '../policies/session-principal.ts';
import type { SessionPrincipal } from '../policies/scopes.ts';
import { hashOf } from '../policies/token-text.ts';
import {
  localeSchema,
  type SessionAnswer,
  sessionAnswer,
  sessionRowAnswer,
  sessionRowSchema,
  sessionSchema,
} from '../presenters/session.ts';

const hour = 3_600_000;
/** Who may act on everybody's mail logs in every day; others look in now and then while they move. */
const lifeMs = { operator: 12 * hour, other: 7 * 24 * hour };
const maxUserAgent = 200;

const own = { config: { scope: null, access: { to: 'session' } } } as const;

export function sessionRoutes(api: Api, context: ControlContext): void {
  const { database, clock, logIn, log } = context;
  const { db } = database;

  api.post(
    '/session',
    {
      config: { scope: null },
      schema: {
        summary: 'Log in; the answer sets the cookie of the session',
        description: 'The password of the mailbox on old, or that of an operator with a code.',
        tags: ['session'],
        security: [],
        body: z.strictObject({
          login: z.string().min(1).max(320).describe('The mail address'),
          password: z.string().min(1).max(maxPassword),
          code: z.string().max(20).optional().describe('Of an operator’s authenticator'),
          locale: localeSchema.optional(),
        }),
        response: { 200: sessionSchema },
      },
    },
    async (request, reply) => {
      requireOwnPage(context, request, false);
      const { login, code, locale } = request.body;
      const password = new Secret(request.body.password);
      // From here on only what checks it has it.
      request.body.password = '';
      const attempt = {
        login,
        password,
        code: code?.replaceAll(' ', '') ?? null,
        address: request.ip,
      };
      const who = await logIn.logIn(attempt);
      if (who.accountId !== null && who.count !== null) {
        await saveFirstCount(db, who.accountId, firstDetail(who.count, clock.now()));
      }
      const token = newSessionToken();
      const life = who.operator ? lifeMs.operator : lifeMs.other;
      const row = await addSession(
        db,
        {
          login: who.login,
          accountId: who.accountId,
          operator: who.operator,
          locale: locale ?? localeOf(who, request.headers['accept-language']),
          address: request.ip,
          userAgent: printable(request.headers['user-agent'] ?? ''),
        },
        { hash: hashOf(token), lifeMs: life },
        clock.now(),
      );
      log.info({ session: row.id, operator: who.operator }, 'logged in');
      void reply.header('set-cookie', cookieLine(token, life));
      return answerOfRow(row);
    },
  );

  api.get(
    '/session',
    {
      ...own,
      schema: { summary: 'Who is logged in', tags: ['session'], response: { 200: sessionSchema } },
    },
    async (request) => answerOf(sessionOf(request)),
  );

  api.patch(
    '/session',
    {
      ...own,
      schema: {
        summary: 'Change the language of the session',
        tags: ['session'],
        body: z.strictObject({ locale: localeSchema }),
        response: { 200: sessionSchema },
      },
    },
    async (request) => {
      const { locale } = request.body;
      const session = sessionOf(request);
      await setSessionLocale(db, session.id, locale);
      return answerOf({ ...session, locale });
    },
  );

  api.delete(
    '/session',
    { ...own, schema: { summary: 'Log out', tags: ['session'], response: { 204: z.null() } } },
    async (request, reply) => {
      await endSession(db, sessionOf(request), actorOf(request));
      return reply.header('set-cookie', cookieRemoval).code(204).send(null);
    },
  );

  api.get(
    '/sessions',
    {
      ...own,
      schema: {
        summary: 'One’s own sessions in force, newest first',
        tags: ['session'],
        response: { 200: z.object({ sessions: z.array(sessionRowSchema) }) },
      },
    },
    async (request) => {
      const { login, id } = sessionOf(request);
      return { sessions: (await sessionsOfLogin(db, login)).map((row) => sessionRowAnswer(row, id)) };
    },
  );

  api.delete(
    '/sessions/:id',
    {
      ...own,
      schema: {
        summary: 'End one of one’s own sessions',
        tags: ['session'],
        params: z.object({ id: z.string().max(64) }),
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      const { login } = sessionOf(request);
      await endSession(db, { id: request.params.id, login }, actorOf(request));
      return reply.code(204).send(null);
    },
  );

  async function answerOf(session: SessionPrincipal): Promise<SessionAnswer> {
    return sessionAnswer(session, session.accountId === null ? null : await accountOf(db, session.accountId));
  }

  async function answerOfRow(row: SessionRow): Promise<SessionAnswer> {
    const { session } = await principalOfSession(db, row);
    if (session === null) throw new Error('a session has no session');
    return answerOf(session);
  }
}

function localeOf({ locale }: LoggedIn, accepted: string | undefined): Locale {
  if (locale === 'de' || locale === 'en') return locale;
  return acceptedLocale(accepted);
}

/** What a program says of itself may be anything. */
function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?').slice(0, maxUserAgent);
}
