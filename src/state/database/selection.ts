/** Which accounts are meant: some by name, all of teams or domains, or all. One condition for lists and changes. */
import type { Expression, ExpressionBuilder, Kysely, SqlBool } from 'kysely';
import type { Phase } from '../../domain/phase.ts';
import { domainForm, idOrAddressForm } from './address-form.ts';
import { ownersOf } from './addresses.ts';
import type { Tables } from './tables.ts';
import { teamIds } from './teams.ts';

/** As people write it; what is in any of the lists is meant. */
export interface NamedSelection {
  /** Ids or addresses however they are written, also further addresses of an account. */
  readonly accounts: readonly string[];
  /** Names. */
  readonly teams: readonly string[];
  readonly domains: readonly string[];
  readonly all: boolean;
}

/** As the tables know it. */
export interface Selection {
  readonly ids: readonly string[];
  readonly teamIds: readonly string[];
  readonly domains: readonly string[];
  readonly all: boolean;
}

export interface ResolvedSelection {
  readonly selection: Selection;
  /** Names that nothing has, as they were written. */
  readonly unknown: readonly string[];
}

/** SQLite takes 32,766 values in a statement, PostgreSQL 65,535. */
export const valuesAtOnce = 1_000;

export async function resolveSelection(
  db: Kysely<Tables>,
  { accounts, teams, domains, all }: NamedSelection,
): Promise<ResolvedSelection> {
  const ids = new Map<string, string>();
  const wanted = accounts.map(idOrAddressForm);
  for (let at = 0; at < wanted.length; at += valuesAtOnce) {
    const some = wanted.slice(at, at + valuesAtOnce);
    for (const [address, id] of await ownersOf(db, some)) ids.set(address, id);
    const rows = await db.selectFrom('account').select('id').where('id', 'in', some).execute();
    for (const { id } of rows) ids.set(id, id);
  }
  const byName = await teamIds(db, teams);
  const forms = domains.map(domainForm);
  const known = new Set(
    domains.length === 0
      ? []
      : (await db.selectFrom('domain').select('name').where('name', 'in', forms).execute()).map(
          ({ name }) => name,
        ),
  );
  return {
    selection: {
      ids: [...new Set(ids.values())],
      teamIds: [...byName.values()],
      domains: forms.filter((name) => known.has(name)),
      all,
    },
    unknown: [
      ...accounts.filter((_, i) => !ids.has(wanted[i] ?? '')),
      ...teams.filter((name) => !byName.has(name)),
      ...domains.filter((_, i) => !known.has(forms[i] ?? '')),
    ],
  };
}

/** The condition on `account`. */
export function selected(
  eb: ExpressionBuilder<Tables, 'account'>,
  { ids, teamIds: teams, domains, all }: Selection,
): Expression<SqlBool> {
  if (all) return eb.lit(true);
  const any: Expression<SqlBool>[] = [];
  if (ids.length > 0) any.push(eb('account.id', 'in', ids));
  if (teams.length > 0) any.push(eb('account.team_id', 'in', teams));
  if (domains.length > 0) any.push(eb('account.domain', 'in', domains));
  return any.length === 0 ? eb.lit(false) : eb.or(any);
}

/** What a list is narrowed to; null for no condition. */
export interface AccountFilter {
  readonly teamId: string | null;
  readonly domain: string | null;
  readonly phase: Phase | null;
  /** A code of `attention`, or `any`. */
  readonly trouble: string | null;
  /** One of these codes. */
  readonly troubles?: readonly string[] | null;
  readonly paused: boolean | null;
  /** How the address begins. */
  readonly begins: string | null;
}

/** Comes after every character that an address can hold. */
const lastCharacter = '\u{10ffff}';

export function filtered(
  eb: ExpressionBuilder<Tables, 'account'>,
  filter: AccountFilter,
): Expression<SqlBool> {
  const all: Expression<SqlBool>[] = [];
  if (filter.teamId !== null) all.push(eb('account.team_id', '=', filter.teamId));
  if (filter.domain !== null) all.push(eb('account.domain', '=', filter.domain));
  if (filter.phase !== null) all.push(eb('account.phase', '=', filter.phase));
  if (filter.trouble === 'any') all.push(eb('account.attention_code', 'is not', null));
  else if (filter.trouble !== null) all.push(eb('account.attention_code', '=', filter.trouble));
  if (filter.troubles != null) all.push(eb('account.attention_code', 'in', filter.troubles));
  if (filter.paused !== null) all.push(eb('account.paused', filter.paused ? 'is not' : 'is', null));
  if (filter.begins !== null) {
    all.push(eb('account.address', '>=', filter.begins));
    all.push(eb('account.address', '<', filter.begins + lastCharacter));
  }
  return eb.and(all);
}
