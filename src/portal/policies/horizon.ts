/** How far somebody sees: which accounts' events reach them, and how much of a mail. Pure. */
import type { LiveEvent } from '../../state/database/events.ts';
import type { ImportedTeams } from '../../state/database/import-accounts.ts';
import { may, type Principal } from './scopes.ts';

export interface Horizon {
  /** All accounts; `secrets`: also what happens to tokens, credentials and people. */
  readonly all: boolean;
  readonly secrets: boolean;
  /** What happened in detail, the servers' own words with it; others learn that something did, and read on elsewhere. */
  readonly details: boolean;
  readonly accountIds: ReadonlySet<string>;
  readonly teamIds: ReadonlySet<string>;
  readonly wantsTeams: boolean;
}

/** Tokens, passwords, people, and what runs on the mail hosts: for `admin` alone. */
const secretKinds = /^(token|credential|app-password|operator|team|webhook|edge)\./;

/** Narrowed to one account or team, where given: that they may see it was judged before. */
export function horizonOf(principal: Principal, accountId: string | null, teamId: string | null): Horizon {
  const { session } = principal;
  const narrowed = accountId !== null || teamId !== null;
  const wide = session === null || may(principal, 'admin');
  const own = session?.accountId ?? null;
  const viewed = session?.teams.filter(({ rights }) => rights.includes('view')).map(({ id }) => id) ?? [];
  const accountIds = new Set(narrowed ? [accountId ?? ''] : own === null ? [] : [own]);
  const teamIds = new Set(narrowed ? (teamId === null ? [] : [teamId]) : viewed);
  return {
    all: wide && !narrowed,
    secrets: may(principal, 'admin') && !narrowed,
    details: wide,
    accountIds,
    teamIds,
    wantsTeams: teamIds.size > 0,
  };
}

/** `teamId` of the account that the event is about. */
export function sees(horizon: Horizon, { kind, subject, detail }: LiveEvent, teamId: string | null): boolean {
  if (horizon.all) return horizon.secrets || !secretKinds.test(kind);
  if (kind === 'accounts.import') {
    const teams = detail.teams as ImportedTeams | undefined;
    if (teams === 'many') return horizon.wantsTeams;
    return teams?.some((id) => horizon.teamIds.has(id)) === true;
  }
  return kind.startsWith('account.') && seesAccount(horizon, subject, teamId);
}

/** Whether two see the same. */
export function sameHorizon(one: Horizon, other: Horizon): boolean {
  const text = (horizon: Horizon) =>
    JSON.stringify({
      ...horizon,
      accountIds: [...horizon.accountIds],
      teamIds: [...horizon.teamIds].toSorted(),
    });
  return text(one) === text(other);
}

export function seesAccount(horizon: Horizon, accountId: string, teamId: string | null): boolean {
  if (horizon.all || horizon.accountIds.has(accountId)) return true;
  return teamId !== null && horizon.teamIds.has(teamId);
}

/** What of a mail and of an account's history somebody sees. */
export interface Eyes {
  readonly operator: boolean;
  /** Who showed the password of this mailbox. */
  readonly owner: boolean;
  /** Subjects and senders of messages that were refused. */
  readonly content: boolean;
}

export function eyesOf(principal: Principal, accountId: string): Eyes {
  const operator = principal.session === null || may(principal, 'admin');
  const owner = principal.session?.accountId === accountId;
  return { operator, owner, content: operator || owner };
}
