/** What every route is given. */
import type {
  FastifyInstance,
  FastifyBaseLogger,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Clock } from '../base/clock.ts';
import type { Database } from '../state/database/open-database.ts';
import type { EnvelopeKey } from '../state/database/envelope.ts';
import type { LiveEvents } from './live-events.ts';
import type { Principal, Scope } from './policies/scopes.ts';

/** Of the daemon's log, as much as the API needs. */
export interface ControlLog {
  info(fields: object, text: string): void;
  warn(fields: object, text: string): void;
  error(fields: object, text: string): void;
}

export interface ControlContext {
  readonly database: Database;
  readonly key: EnvelopeKey;
  readonly clock: Clock;
  readonly log: ControlLog;
  readonly live: LiveEvents;
}

export type Api = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  ZodTypeProvider
>;

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What a caller must be allowed; null for routes that need no token. Every route names one. */
    readonly scope?: Scope | null;
  }
  interface FastifyRequest {
    /** Null on routes that need no token. */
    principal: Principal | null;
  }
}

export function actorOf(request: { readonly principal: Principal | null }): string {
  return request.principal?.actor ?? 'nobody';
}
