/**
 * The HTTP API: who may, what comes in and what leaves are checked here for every route, so that a route cannot forget
 * it. Listens on nothing yet.
 *
 *   headers -> token -> scope -> body and parameters -> route -> answer held to its form -> log
 */
import Fastify, { type FastifyContextConfig } from 'fastify';
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { MailferryError } from '../base/errors.ts';
import { type Api, actorOf, type ControlContext } from './control-context.ts';
import { letIn } from './guard.ts';
import { describeApi } from './openapi.ts';
import type { Pages } from './pages.ts';
import type { Authenticator } from './policies/authenticate.ts';
import { knownError, sendProblem, statusOf } from './problem.ts';
import { accountRoutes } from './routes/accounts.ts';
import { appPasswordRoutes } from './routes/app-passwords.ts';
import { crossingRoutes } from './routes/crossing.ts';
import { dashboardRoutes } from './routes/dashboard.ts';
import { discoveryRoutes } from './routes/discovery.ts';
import { edgeRoutes } from './routes/edges.ts';
import { edgeStreamRoutes } from './routes/edge-stream.ts';
import { eventRoutes } from './routes/events.ts';
import { healthRoutes } from './routes/health.ts';
import { importRoutes } from './routes/import-accounts.ts';
import { listRoutes } from './routes/lists.ts';
import { refusedMessageRoutes } from './routes/refused-message.ts';
import { mailProgramRoutes } from './routes/mail-programs.ts';
import { operatorRoutes } from './routes/operators.ts';
import { provisioningRoutes } from './routes/provisioning.ts';
import { sessionRoutes } from './routes/session.ts';
import { summaryMailRoutes } from './routes/summary-mail.ts';
import { syncRoutes } from './routes/sync.ts';
import { teamRoutes } from './routes/teams.ts';
import { teamPeopleRoutes } from './routes/team-people.ts';
import { tokenRoutes } from './routes/tokens.ts';
import { totpRoutes } from './routes/totp.ts';
import { waveRoutes } from './routes/waves.ts';
import { masterUserRoutes } from './routes/master-users.ts';
import { serverTestRoutes } from './routes/server-test.ts';
import { webhookRoutes } from './routes/webhooks.ts';
import { securityHeaders } from './security-headers.ts';

/** Ten thousand addresses in a selection; lists of accounts have a limit of their own. */
const bodyLimitBytes = 4 * 1024 * 1024;
/** A request that takes longer to arrive is no honest one. */
const requestTimeoutMs = 60_000;
/** Silent connections; streams of events have a heartbeat. */
const connectionTimeoutMs = 120_000;

export interface ApiOptions extends ControlContext {
  readonly authenticate: Authenticator;
  /** Of Mailferry. */
  readonly version: string;
  readonly pages: Pages;
  /** Addresses and networks whose word is taken for where a request comes from. */
  readonly trustedProxies: readonly string[];
}

export async function buildApi(options: ApiOptions): Promise<Api> {
  const { authenticate, log, database, version, publicUrl, pages, trustedProxies } = options;
  const api: Api = Fastify({
    logger: false,
    bodyLimit: bodyLimitBytes,
    trustProxy: trustedProxies.length === 0 ? false : [...trustedProxies],
    requestTimeout: requestTimeoutMs,
    connectionTimeout: connectionTimeoutMs,
    // Streams are ended by us; what is left after that is cut by the service.
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: 320 },
  }).withTypeProvider<ZodTypeProvider>();
  api.setValidatorCompiler(validatorCompiler);
  api.setSerializerCompiler(serializerCompiler);
  api.decorateRequest('principal', null);

  api.addHook('onRoute', ({ config, url, schema }) => {
    if (config?.scope === undefined) throw new Error(`the route ${url} does not say who may use it`);
    if (schema !== undefined) {
      const words = [schema.description, needs(config)];
      schema.description = words.filter((text) => text !== undefined).join(' ');
      // A question that is passed over looks answered. Those who ask whether it lives may add what they like.
      if (!url.includes('/health/')) schema.querystring ??= z.strictObject({});
    }
  });
  api.addHook('onRequest', async (request, reply) => {
    reply.headers(securityHeaders);
    const { scope, access } = request.routeOptions.config;
    // What is not there needs no token either, and tells nothing.
    if (scope === undefined) return;
    request.principal = await letIn({ db: database.db, authenticate, publicUrl }, request, { scope, access });
  });
  api.addHook('onResponse', async (request, reply) => {
    const fields = {
      method: request.method,
      // Never the address that was asked for: it may hold people's names.
      route: request.routeOptions.url ?? 'unknown',
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime),
      actor: actorOf(request),
    };
    log.info(fields, 'request');
  });
  api.setErrorHandler((error, request, reply) => {
    const known = knownError(error, database.name);
    if (known.code === 'old-unreachable') {
      log.warn({ route: request.routeOptions.url }, 'a login could not be checked: old does not answer');
    } else if (statusOf(known.code) >= 500) {
      log.error({ err: error, code: known.code, route: request.routeOptions.url }, 'a request failed');
    }
    return sendProblem(reply, known);
  });
  const https = publicUrl?.startsWith('https:') === true;
  api.setNotFoundHandler(async (request, reply) => {
    if (await pages.answer(request, reply, https)) return reply;
    return sendProblem(reply, new MailferryError('route-unknown', 'there is nothing at this path'));
  });

  await describeApi(api, version);
  await api.register(
    async (v1) => {
      healthRoutes(v1, options);
      sessionRoutes(v1, options);
      totpRoutes(v1, options);
      operatorRoutes(v1, options);
      accountRoutes(v1, options);
      await importRoutes(v1, options);
      crossingRoutes(v1, options);
      refusedMessageRoutes(v1, options);
      mailProgramRoutes(v1, options);
      syncRoutes(v1, options);
      provisioningRoutes(v1, options);
      discoveryRoutes(v1, options);
      listRoutes(v1, options);
      teamRoutes(v1, options);
      teamPeopleRoutes(v1, options);
      summaryMailRoutes(v1, options);
      dashboardRoutes(v1, options);
      serverTestRoutes(v1, options);
      masterUserRoutes(v1, options);
      waveRoutes(v1, options);
      webhookRoutes(v1, options);
      tokenRoutes(v1, options);
      appPasswordRoutes(v1, options);
      edgeRoutes(v1, options);
      edgeStreamRoutes(v1, options);
      eventRoutes(v1, options);
    },
    { prefix: '/api/v1' },
  );
  return api;
}

/** For the description of the API. */
function needs({ scope, access }: FastifyContextConfig): string | undefined {
  const token = scope === null ? [] : [`Needs the scope ${scope}.`];
  switch (access?.to) {
    case 'session':
      return 'For people who are logged in.';
    case 'edge':
      return 'For edges, with the token that they enrolled for.';
    case 'everybody':
      return [...token, 'Open to sessions: each sees what is theirs.'].join(' ');
    case 'account':
      return [...token, `Open to the owner, and to who may ${access.right} for the team.`].join(' ');
    case 'owner':
      return [...token, 'Open to the owner.'].join(' ');
    case 'team':
      return [...token, `Open to who may ${access.right} for the team.`].join(' ');
    default:
      return token[0];
  }
}
