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
import type { AppPasswordKeeper } from '../app-passwords/index.ts';
import type { Discovery, Provisioning } from '../provisioning/index.ts';
import type { LiveEvents } from './live-events.ts';
import type { LogIn } from './login/log-in.ts';
import type { MailPrograms } from './mail-programs.ts';
import type { ReadOldMessage } from './old-message.ts';
import type { ServerProbe } from './server-probe.ts';
import type { Access } from './policies/access.ts';
import type { Principal, Scope, SessionPrincipal } from './policies/scopes.ts';

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
  readonly logIn: LogIn;
  readonly appPasswords: Pick<AppPasswordKeeper, 'offers' | 'renew'>;
  readonly provisioning: Provisioning;
  readonly discovery: Discovery;
  readonly probe: ServerProbe;
  readonly readOldMessage: ReadOldMessage;
  /** Master users that the configuration names, by their logins; null where it names none. */
  readonly configuredMasters: Readonly<Record<'old' | 'new', string | null>>;
  /** How TLS begins with each server, by the configuration. */
  readonly tls: Readonly<Record<'old' | 'new', 'implicit' | 'starttls' | 'none'>>;
  /** Sides whose accounts are opened by tokens. */
  readonly tokensOn: Readonly<Record<'old' | 'new', boolean>>;
  /** As people reach the portal; null where nobody said. */
  readonly publicUrl: string | null;
  /** Mails are sent to people. */
  readonly mailsOn: boolean;
  /** How many mails ask the owner of an account without a password on new; the second comes after so many days. */
  readonly passwordMails: { readonly most: number; readonly days: number };
  /** How often workers ask a server that tells nothing by itself. */
  readonly pollMs: number;
  /** How often a stream of events says that it is there. */
  readonly heartbeatMs: number;
  /** The new server as mail programs reach it; null where the operator offers it to none. */
  readonly mailPrograms: MailPrograms | null;
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
    /** What a token must be allowed; null for routes that need none. Every route names one. */
    readonly scope?: Scope | null;
    /** What people in browsers may do beside operators; without it the route is for operators only. */
    readonly access?: Access;
  }
  interface FastifyRequest {
    /** Null on routes that need no token. */
    principal: Principal | null;
  }
}

export function actorOf(request: { readonly principal: Principal | null }): string {
  return request.principal?.actor ?? 'nobody';
}

/** Whoever got in. Only on routes that are not open to all. */
export function callerOf(request: { readonly principal: Principal | null }): Principal {
  if (request.principal === null) throw new Error('a route that is open to all asks who calls');
  return request.principal;
}

/** The person in the browser. Only on routes for people. */
export function sessionOf(request: { readonly principal: Principal | null }): SessionPrincipal {
  const { session } = callerOf(request);
  if (session === null) throw new Error('a route that tokens may use asks for a session');
  return session;
}
