/** What a token may do. A route names the one scope that it needs; `admin` has all. Pure. */
import { MailferryError } from '../../base/errors.ts';
import type { Side } from '../../state/database/servers.ts';
import type { Locale } from '../../state/database/sessions.ts';
import type { TeamRole } from '../../state/database/team-people.ts';

export const scopes = [
  /** Accounts, teams, domains, servers, status, refused messages and live events. */
  'accounts:read',
  /** Importing accounts. */
  'accounts:write',
  /** Starting, pausing, resuming and retrying. */
  'sync:write',
  'audit:read',
  /** Tokens, of no more than the scopes of who makes them. */
  'tokens:write',
  'admin',
] as const;
export type Scope = (typeof scopes)[number];

/** Who calls. */
export interface Principal {
  /** As the audit log names it: `operator`, `token:NAME`, `operator:LOGIN`, `customer:LOGIN`. */
  readonly actor: string;
  readonly scopes: readonly Scope[];
  /** Of a person in a browser; null for a token. */
  readonly session: SessionPrincipal | null;
  /** Of an edge on a mail host, which may do what edges do and nothing else. */
  readonly edge?: EdgePrincipal;
}

export interface EdgePrincipal {
  readonly id: string;
  readonly side: Side;
  readonly name: string;
}

export interface SessionPrincipal {
  readonly id: string;
  readonly login: string;
  readonly displayName: string | null;
  readonly locale: Locale;
  /** The mailbox that they showed the password of. */
  readonly accountId: string | null;
  readonly teams: readonly TeamRole[];
  readonly operator: boolean;
  /** An operator without a second factor: may set one up, and nothing else. */
  readonly needsTotp: boolean;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
}

/** Throws `scope-missing`. */
export function requireScope(principal: Principal, scope: Scope): void {
  if (may(principal, scope)) return;
  const what =
    principal.session === null ? `this token has not the scope ${scope}` : 'this is for operators only';
  throw new MailferryError('scope-missing', what);
}

export function may({ scopes: own }: Principal, scope: Scope): boolean {
  return own.includes('admin') || own.includes(scope);
}

/** Words that a newer release may have written are left out. */
export function knownScopes(words: readonly string[]): readonly Scope[] {
  return scopes.filter((scope) => words.includes(scope));
}
