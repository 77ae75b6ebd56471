/**
 * What a person in a browser may do. An operator's session may do what the scope `admin` may; everybody else only what a
 * route opens to them here. Who may not see something is told that it is not there. Decisions only: what a request
 * names was looked up before.
 */
import { MailferryError } from '../../base/errors.ts';
import type { TeamRight } from '../../state/database/team-people.ts';
import { may, type Principal, requireScope, type Scope, type SessionPrincipal } from './scopes.ts';

export type Access =
  /** Everybody who is logged in, about themselves; tokens are nobody. */
  | { readonly to: 'session' }
  /** Everybody who is logged in; the route gives each only what is theirs. */
  | { readonly to: 'everybody' }
  /** The owner of the account in the path, and who has this right for its team. */
  | { readonly to: 'account'; readonly right: TeamRight }
  /** The owner of the account in the path, and operators: what is inside a mail is for nobody else. */
  | { readonly to: 'owner' }
  /** Edges on the mail hosts, about themselves. */
  | { readonly to: 'edge' }
  /** Who has this right for the team in the path. */
  | { readonly to: 'team'; readonly right: TeamRight };

/** What a path names, as the database has it; null where that is not there. */
export interface Named {
  readonly account: { readonly id: string; readonly teamId: string | null } | null;
  readonly team: { readonly id: string } | null;
  /** As it was written. */
  readonly text: string;
}

/** Throws `session-missing`, `scope-missing`, `account-unknown`, `team-unknown`, `code-enrolment-required`. */
export function requireAccess(
  principal: Principal,
  scope: Scope | null,
  access: Access | undefined,
  named: Named,
): void {
  const { session } = principal;
  if (access?.to === 'edge' || principal.edge !== undefined) {
    if (access?.to === 'edge' && principal.edge !== undefined) return;
    throw new MailferryError(
      'scope-missing',
      access?.to === 'edge' ? 'this is for edges' : 'an edge may not do this',
    );
  }
  if (access?.to === 'session') {
    if (session === null) throw new MailferryError('session-missing', 'this is for people who are logged in');
    return;
  }
  if (session?.needsTotp === true) {
    throw new MailferryError('code-enrolment-required', 'this login has no second factor yet');
  }
  if (session === null || access === undefined) {
    if (scope !== null) requireScope(principal, scope);
    return;
  }
  if (may(principal, 'admin') || access.to === 'everybody') return;
  if (access.to === 'account' || access.to === 'owner') {
    const { account } = named;
    const right = access.to === 'account' ? access.right : null;
    if (account !== null && ownsOrHas(session, account, right)) return;
    throw new MailferryError('account-unknown', `there is no account ${named.text}`);
  }
  requireTeamRight(principal, named.team?.id ?? named.text, access.right);
}

/** Throws `team-unknown`. */
export function requireTeamRight(principal: Principal, teamId: string, right: TeamRight): void {
  if (may(principal, 'admin') || hasRight(principal.session, teamId, right)) return;
  throw new MailferryError('team-unknown', `there is no team ${teamId}`);
}

export function hasRight(session: SessionPrincipal | null, teamId: string | null, right: TeamRight): boolean {
  return (
    teamId !== null &&
    session?.teams.some(({ id, rights }) => id === teamId && rights.includes(right)) === true
  );
}

function ownsOrHas(
  session: SessionPrincipal,
  account: { readonly id: string; readonly teamId: string | null },
  right: TeamRight | null,
): boolean {
  return session.accountId === account.id || (right !== null && hasRight(session, account.teamId, right));
}
