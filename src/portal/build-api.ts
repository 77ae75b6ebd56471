/**
 * The HTTP API: who may, what comes in and what leaves are checked here for every route, so that a route cannot forget
 * it. Listens on nothing yet.
 *
 *   headers -> token -> scope -> body and parameters -> route -> answer held to its form -> log
 */
import Fastify from 'fastify';
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { MailferryError } from '../base/errors.ts';
import { type Api, actorOf, type ControlContext } from './control-context.ts';
import { describeApi } from './openapi.ts';
import type { Authenticator } from './policies/authenticate.ts';
import { requireScope } from './policies/scopes.ts';
import { knownError, sendProblem, statusOf } from './problem.ts';
import { accountRoutes } from './routes/accounts.ts';
import { eventRoutes } from './routes/events.ts';
import { healthRoutes } from './routes/health.ts';
import { importRoutes } from './routes/import-accounts.ts';
import { listRoutes } from './routes/lists.ts';
import { syncRoutes } from './routes/sync.ts';
import { tokenRoutes } from './routes/tokens.ts';
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
}

export async function buildApi(options: ApiOptions): Promise<Api> {
  const { authenticate, log, database, version } = options;
  const api: Api = Fastify({
    logger: false,
    bodyLimit: bodyLimitBytes,
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
    if (schema !== undefined && config.scope !== null)
      schema.description ??= `Needs the scope ${config.scope}.`;
  });
  api.addHook('onRequest', async (request, reply) => {
    reply.headers(securityHeaders);
    const scope = request.routeOptions.config.scope;
    // What is not there needs no token either, and tells nothing.
    if (scope === null || scope === undefined) return;
    request.principal = await authenticate(request.headers.authorization, request.ip);
    requireScope(request.principal, scope);
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
    if (statusOf(known.code) >= 500) {
      log.error({ err: error, code: known.code, route: request.routeOptions.url }, 'a request failed');
    }
    return sendProblem(reply, known);
  });
  api.setNotFoundHandler((_request, reply) =>
    sendProblem(reply, new MailferryError('route-unknown', 'there is nothing at this path')),
  );

  await describeApi(api, version);
  await api.register(
    async (v1) => {
      healthRoutes(v1, options);
      accountRoutes(v1, options);
      await importRoutes(v1, options);
      syncRoutes(v1, options);
      listRoutes(v1, options);
      tokenRoutes(v1, options);
      eventRoutes(v1, options);
    },
    { prefix: '/api/v1' },
  );
  return api;
}
