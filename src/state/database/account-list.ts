/** Accounts with all that people want to see of them: lists of up to a million, read on by address. */
import type { Kysely } from 'kysely';
import { MailferryError } from '../../base/errors.ts';
import { type Account, accountOfRow } from './accounts.ts';
import { type AccountNotes, notesOfRow } from './account-notes.ts';
import { idOrAddressForm } from './address-form.ts';
import { addressesOf } from './addresses.ts';
import { sidesWithSecret } from './credentials.ts';
import { type ProgressRow, progressOf } from './progress.ts';
import { type AccountFilter, filtered } from './selection.ts';
import type { Side } from './servers.ts';
import type { Tables } from './tables.ts';

export interface AccountView extends Account, AccountNotes {
  readonly team: string | null;
  readonly domain: string | null;
  /** All addresses, its own included. */
  readonly addresses: readonly string[];
  readonly quotaBytes: number | null;
  readonly createdAtMs: number;
  /** Sides that it has a secret of its own for. */
  readonly secrets: ReadonlySet<Side>;
  /** Null before a worker reported. */
  readonly progress: ProgressRow | null;
}

/** In the order of addresses, those after the address `after`. */
export async function accountsPage(
  db: Kysely<Tables>,
  filter: AccountFilter,
  { after, limit }: { readonly after: string | null; readonly limit: number },
): Promise<AccountView[]> {
  let question = db
    .selectFrom('account')
    .leftJoin('team', 'team.id', 'account.team_id')
    .selectAll('account')
    .select('team.name as team')
    .where((eb) => filtered(eb, filter))
    .orderBy('account.address')
    .limit(limit);
  if (after !== null) question = question.where('account.address', '>', after);
  const rows = await question.execute();
  const ids = rows.map(({ id }) => id);
  const [addresses, secrets, progress] = [
    await addressesOf(db, ids),
    await sidesWithSecret(db, ids),
    await progressOf(db, ids),
  ];
  return rows.map((row) => ({
    ...accountOfRow(row),
    ...notesOfRow(row),
    team: row.team,
    domain: row.domain,
    addresses: addresses.get(row.id) ?? [],
    quotaBytes: row.quota_bytes,
    createdAtMs: row.created_at_ms,
    secrets: secrets.get(row.id) ?? new Set(),
    progress: progress.get(row.id) ?? null,
  }));
}

/**
 * Which account this is, by its id or any of its addresses however they are written (`Anna@Example.ORG`), and whose; null
 * where there is none.
 */
export async function accountPlace(
  db: Kysely<Tables>,
  idOrAddress: string,
): Promise<{ readonly id: string; readonly teamId: string | null } | null> {
  const row = await named(db, idOrAddress);
  return row === undefined ? null : { id: row.id, teamId: row.team_id };
}

/** By its id or any of its addresses, as `accountPlace`. Throws `account-unknown`. */
export async function accountView(db: Kysely<Tables>, idOrAddress: string): Promise<AccountView> {
  const row = await named(db, idOrAddress);
  const none = { teamId: null, domain: null, phase: null, trouble: null, paused: null };
  const [view] =
    row === undefined
      ? []
      : await accountsPage(db, { ...none, begins: row.address }, { after: null, limit: 1 });
  if (view === undefined) throw new MailferryError('account-unknown', `there is no account ${idOrAddress}`);
  return view;
}

function named(db: Kysely<Tables>, idOrAddress: string) {
  const wanted = idOrAddressForm(idOrAddress);
  return db
    .selectFrom('account')
    .select(['id', 'team_id', 'address'])
    .where((eb) =>
      eb.or([
        eb('id', '=', wanted),
        eb('id', 'in', eb.selectFrom('address').select('account_id').where('address.address', '=', wanted)),
      ]),
    )
    .executeTakeFirst();
}
