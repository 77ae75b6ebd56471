/** What an import changes on one account, or why it may not. Values in, values out. */
import type { Secret } from '../../base/secret.ts';
import { allowedText, faultText } from '../../domain/import-words.ts';
import type { Words } from '../../domain/trouble.ts';
import type { Side } from './servers.ts';
import { type TeamRight, teamRights } from './team-people.ts';

/** One account as an import names it; null where the import says nothing about it. */
export interface ImportRow {
  /** In the file, from 1; for messages. */
  readonly line: number;
  readonly address: string;
  readonly team: string | null;
  readonly oldLogin: string | null;
  readonly newLogin: string | null;
  readonly quotaBytes: number | null;
  /** Further addresses; empty where nothing is said. */
  readonly aliases: readonly string[];
  readonly oldPassword: Secret | null;
  readonly newPassword: Secret | null;
  /** What its owner may do for the team. */
  readonly teamAdmin: readonly TeamRight[] | null;
}

export interface ImportFault {
  readonly line: number;
  /** As in the file's first line. */
  readonly column: string;
  /** What is wrong. */
  readonly text: Words;
  readonly allowed: Words;
}

/** The account as it is before the import. */
export interface ImportedAccount {
  readonly id: string;
  readonly phase: string;
  readonly oldLogin: string;
  readonly newLogin: string;
  readonly team: string | null;
  readonly quotaBytes: number | null;
  readonly aliases: readonly string[];
  /** Secrets that are known and can be read. */
  readonly secrets: ReadonlyMap<Side, Secret>;
  /** What its owner may do, by the team's name. */
  readonly rights: ReadonlyMap<string, readonly TeamRight[]>;
}

export interface AccountChange {
  readonly row: ImportRow;
  readonly oldLogin: string;
  readonly newLogin: string;
  readonly team: string | null;
  readonly quotaBytes: number | null;
  readonly addAliases: readonly string[];
  readonly removeAliases: readonly string[];
  readonly secrets: readonly { readonly side: Side; readonly login: string; readonly secret: Secret }[];
  /** Names of the columns that differ; empty where nothing does. */
  readonly changed: readonly string[];
}

/** `account` null: there is none yet. */
export function decideImport(
  row: ImportRow,
  account: ImportedAccount | null,
): AccountChange | readonly ImportFault[] {
  const oldLogin = row.oldLogin ?? account?.oldLogin ?? row.address;
  const newLogin = row.newLogin ?? account?.newLogin ?? row.address;
  const faults = account === null ? [] : loginFaults(row, account, { oldLogin, newLogin });
  if (faults.length > 0) return faults;

  const team = row.team ?? account?.team ?? null;
  if (row.teamAdmin !== null && team === null) {
    const { line } = row;
    const text = faultText.noTeam(row.address);
    return [{ line, column: 'team_admin', text, allowed: allowedText.team }];
  }
  const quotaBytes = row.quotaBytes ?? account?.quotaBytes ?? null;
  const there = account?.aliases ?? [];
  const wanted = row.aliases.length === 0 ? there : row.aliases;
  const addAliases = wanted.filter((alias) => !there.includes(alias));
  const removeAliases = there.filter((alias) => !wanted.includes(alias));
  const secrets = [
    ...newSecret('old', oldLogin, row.oldPassword, account),
    ...newSecret('new', newLogin, row.newPassword, account),
  ];
  const differs: readonly (readonly [string, boolean])[] = [
    ['team', team !== (account?.team ?? null)],
    ['old_login', oldLogin !== account?.oldLogin],
    ['new_login', newLogin !== account?.newLogin],
    ['quota', quotaBytes !== (account?.quotaBytes ?? null)],
    ['aliases', addAliases.length + removeAliases.length > 0],
    ['old_password', secrets.some(({ side }) => side === 'old')],
    ['new_password', secrets.some(({ side }) => side === 'new')],
    ['team_admin', givesRights(row, team, account)],
  ];
  const changed = differs.filter(([, does]) => does).map(([name]) => name);
  return { row, oldLogin, newLogin, team, quotaBytes, addAliases, removeAliases, secrets, changed };
}

/** What was copied belongs to this pair of logins: another pair would be another account. */
function loginFaults(
  { line, address }: ImportRow,
  account: ImportedAccount,
  wanted: { readonly oldLogin: string; readonly newLogin: string },
): ImportFault[] {
  if (account.phase === 'old') return [];
  const pairs = [
    ['old_login', wanted.oldLogin, account.oldLogin],
    ['new_login', wanted.newLogin, account.newLogin],
  ] as const;
  return pairs
    .filter(([, now, before]) => now !== before)
    .map(([column, now, before]) => ({
      line,
      column,
      text: faultText.loginFixed(address, account.phase, now),
      allowed: allowedText.login(before),
    }));
}

function givesRights(
  { teamAdmin }: ImportRow,
  team: string | null,
  account: ImportedAccount | null,
): boolean {
  if (teamAdmin === null || team === null) return false;
  // Whoever may do anything may see.
  const wanted = teamRights.filter((right) => right === 'view' || teamAdmin.includes(right));
  return wanted.join() !== (account?.rights.get(team) ?? []).join();
}

function newSecret(side: Side, login: string, secret: Secret | null, account: ImportedAccount | null) {
  if (secret === null) return [];
  return account?.secrets.get(side)?.reveal() === secret.reveal() ? [] : [{ side, login, secret }];
}
