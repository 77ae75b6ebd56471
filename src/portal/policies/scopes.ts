/** What a token may do. A route names the one scope that it needs; `admin` has all. Pure. */
import { MailferryError } from '../../base/errors.ts';

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
  /** As the audit log names it: `operator`, `token:NAME`. */
  readonly actor: string;
  readonly scopes: readonly Scope[];
}

/** Throws `scope-missing`. */
export function requireScope(principal: Principal, scope: Scope): void {
  if (may(principal, scope)) return;
  throw new MailferryError('scope-missing', `this token has not the scope ${scope}`);
}

export function may({ scopes: own }: Principal, scope: Scope): boolean {
  return own.includes('admin') || own.includes(scope);
}

/** Words that a newer release may have written are left out. */
export function knownScopes(words: readonly string[]): readonly Scope[] {
  return scopes.filter((scope) => words.includes(scope));
}
