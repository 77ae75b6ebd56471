/** The one place where a request is let in: token or cookie, origin, scope and access. A route cannot forget it. */
import type { FastifyRequest } from 'fastify';
import type { Kysely } from 'kysely';
import { MailferryError } from '../base/errors.ts';
import { accountPlace } from '../state/database/account-list.ts';
import type { Tables } from '../state/database/tables.ts';
import { type Access, type Named, requireAccess } from './policies/access.ts';
import type { Authenticator } from './policies/authenticate.ts';
import { isSameOrigin } from './policies/same-origin.ts';
import { sessionToken } from './policies/session-cookie.ts';
import { sessionPrincipal } from './policies/session-principal.ts';
import type { Principal, Scope } from './policies/scopes.ts';

export interface GuardOptions {
  readonly db: Kysely<Tables>;
  readonly authenticate: Authenticator;
  /** `control.public_url`. */
  readonly publicUrl: string | null;
}

export interface RouteRules {
  readonly scope: Scope | null;
  readonly access: Access | undefined;
}

/** Null for routes that are open to all. Throws what the policies say. */
export async function letIn(
  options: GuardOptions,
  request: FastifyRequest,
  { scope, access }: RouteRules,
): Promise<Principal | null> {
  const token = request.headers.authorization === undefined ? sessionToken(request.headers.cookie) : null;
  if (scope === null && access === undefined) return null;
  if (token !== null) requireOwnPage(options, request, true);
  const principal =
    token !== null
      ? await sessionPrincipal(options.db, token)
      : access?.to === 'session' && request.headers.authorization === undefined
        ? missing()
        : await options.authenticate(request.headers.authorization, request.ip);
  requireAccess(principal, scope, access, await named(options.db, request, access));
  return principal;
}

/** Throws `request-foreign`. Not `strict`: programs that send neither header are no browsers. */
export function requireOwnPage(
  { publicUrl }: Pick<GuardOptions, 'publicUrl'>,
  request: FastifyRequest,
  strict: boolean,
): void {
  const { method, host, headers } = request;
  const fetchSite = headers['sec-fetch-site'];
  const origin = {
    method,
    host,
    origin: headers.origin,
    fetchSite: Array.isArray(fetchSite) ? fetchSite[0] : fetchSite,
    publicUrl,
  };
  if (isSameOrigin(origin, strict)) return;
  throw new MailferryError('request-foreign', 'the request does not come from a page of this portal');
}

function missing(): never {
  throw new MailferryError('session-missing', 'nobody is logged in');
}

async function named(
  db: Kysely<Tables>,
  request: FastifyRequest,
  access: Access | undefined,
): Promise<Named> {
  const { account, team } = request.params as Readonly<Record<string, string | undefined>>;
  const aboutAccount = access?.to === 'account' || access?.to === 'owner';
  const text = (aboutAccount ? account : team) ?? '';
  return {
    account: aboutAccount ? await accountPlace(db, text) : null,
    team: access?.to === 'team' ? { id: text } : null,
    text,
  };
}
