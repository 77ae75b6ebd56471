/**
 * Takes in a list of accounts, all of it or nothing of it, in one transaction. The same list again changes nothing;
 * what a row says otherwise than before is updated, as far as it may change.
 *
 *   epoch (locked: no phase changes meanwhile) -> what is there -> decisions -> teams, domains, accounts, addresses,
 *   secrets -> audit, one row an account -> one event
 */
import { type Kysely, sql } from 'kysely';
import { isMailferryError } from '../../base/errors.ts';
import { allowedText, faultText } from '../../domain/import-words.ts';
import { shardOf } from '../../domain/shard.ts';
import { addAddresses, addressesOf, domainOf, ownersOf, removeAddresses } from './addresses.ts';
import { appendAudit } from './audit.ts';
import { nextOf } from './counters.ts';
import { openSealed, putCredentials } from './credentials.ts';
import { databaseNow } from './dialect.ts';
import { addDomains } from './domains.ts';
import type { EnvelopeKey } from './envelope.ts';
import { appendEvent } from './events.ts';
import {
  type AccountChange,
  decideImport,
  type ImportedAccount,
  type ImportFault,
  type ImportRow,
} from './import-decision.ts';
import { newId } from './new-id.ts';
import type { Side } from './servers.ts';
import type { Tables } from './tables.ts';
import { putRights, rightsByTeam } from './team-people.ts';
import { ensureTeams } from './teams.ts';
import { valuesAtOnce } from './selection.ts';

export interface ImportResult {
  readonly added: number;
  readonly updated: number;
  readonly unchanged: number;
  /** Accounts that were there and changed, with the columns that did; the first of them. */
  readonly updates: readonly { readonly address: string; readonly columns: readonly string[] }[];
  /** Not empty: nothing was imported. */
  readonly faults: readonly ImportFault[];
}

export interface ImportOptions {
  readonly key: EnvelopeKey;
  readonly actor: string;
  /** Orders ids only. */
  readonly nowMs: number;
  /** Says what would be done. */
  readonly dryRun: boolean;
}

/** Teams that got accounts, by id; `many` where an event is no place for all of them. */
export type ImportedTeams = readonly string[] | 'many';

/** So many new rows change how questions are best answered. */
const manyRows = 1_000;
/** How many updates and faults are told one by one. */
const toldAtMost = 1_000;
const teamsAtMost = 100;

/** `rows` name each address once, as own address or alias. */
export async function importAccounts(
  db: Kysely<Tables>,
  rows: readonly ImportRow[],
  options: ImportOptions,
): Promise<ImportResult> {
  const result = await db.transaction().execute((inside) => takeIn(inside, rows, options));
  // A database plans by what it knows of a table's size, and would take a while to notice.
  if (!options.dryRun && result.faults.length === 0 && result.added >= manyRows) {
    for (const table of ['account', 'address', 'credential'])
      await sql`analyze ${sql.table(table)}`.execute(db);
  }
  return result;
}

async function takeIn(
  inside: Kysely<Tables>,
  rows: readonly ImportRow[],
  options: ImportOptions,
): Promise<ImportResult> {
  await nextOf(inside, 'epoch', 0);
  const faults: ImportFault[] = [];
  const added: AccountChange[] = [];
  const updated: { readonly id: string; readonly change: AccountChange }[] = [];
  for (const some of pagesOf(rows)) {
    const there = await accountsThere(inside, options.key, some);
    faults.push(...(await ownerFaults(inside, some, there)));
    for (const row of some) {
      const account = there.get(row.address) ?? null;
      const decided = decideImport(row, account);
      if (!('changed' in decided)) faults.push(...decided);
      else if (account === null) added.push(decided);
      else if (decided.changed.length > 0) updated.push({ id: account.id, change: decided });
    }
  }
  const told = {
    added: added.length,
    updated: updated.length,
    unchanged: rows.length - added.length - updated.length,
    updates: updated
      .slice(0, toldAtMost)
      .map(({ change }) => ({ address: change.row.address, columns: change.changed })),
  };
  if (faults.length > 0) {
    return { ...told, faults: faults.sort((a, b) => a.line - b.line).slice(0, toldAtMost) };
  }
  const done = { added: told.added, updated: told.updated };
  if (!options.dryRun && done.added + done.updated > 0) {
    const teams = await write(inside, added, updated, options);
    const detail = { ...done, teams: teams.length > teamsAtMost ? 'many' : teams };
    await appendEvent(inside, { kind: 'accounts.import', subject: 'accounts', detail });
  }
  return { ...told, faults: [] };
}

function* pagesOf<T>(rows: readonly T[]): Iterable<readonly T[]> {
  for (let at = 0; at < rows.length; at += valuesAtOnce) yield rows.slice(at, at + valuesAtOnce);
}

async function accountsThere(
  inside: Kysely<Tables>,
  key: EnvelopeKey,
  rows: readonly ImportRow[],
): Promise<ReadonlyMap<string, ImportedAccount>> {
  const found = await inside
    .selectFrom('account')
    .leftJoin('team', 'team.id', 'account.team_id')
    .select(['account.id', 'address', 'phase', 'old_login', 'new_login', 'quota_bytes', 'team.name as team'])
    .where(
      'address',
      'in',
      rows.map(({ address }) => address),
    )
    .execute();
  const ids = found.map(({ id }) => id);
  const addresses = await addressesOf(inside, ids);
  const secrets = await secretsOf(inside, key, ids);
  const rights = await rightsByTeam(
    inside,
    rows.filter(({ teamAdmin }) => teamAdmin !== null).map(({ address }) => address),
  );
  return new Map(
    found.map((row) => [
      row.address,
      {
        id: row.id,
        phase: row.phase,
        oldLogin: row.old_login,
        newLogin: row.new_login,
        team: row.team,
        quotaBytes: row.quota_bytes,
        aliases: (addresses.get(row.id) ?? []).filter((address) => address !== row.address),
        secrets: secrets.get(row.id) ?? new Map<Side, never>(),
        rights: rights.get(row.address) ?? new Map<string, never>(),
      },
    ]),
  );
}

async function secretsOf(inside: Kysely<Tables>, key: EnvelopeKey, ids: readonly string[]) {
  const found = new Map<string, Map<Side, ReturnType<typeof openSealed>>>();
  if (ids.length === 0) return found;
  const rows = await inside
    .selectFrom('credential')
    .select(['owner', 'side', 'sealed'])
    .where('owner', 'in', ids)
    .execute();
  for (const { owner, side, sealed } of rows) {
    const own = found.get(owner) ?? new Map<Side, ReturnType<typeof openSealed>>();
    try {
      own.set(side as Side, openSealed(key, { owner, side: side as Side }, sealed));
    } catch (error) {
      // Sealed with a lost key: the import is how it comes back.
      if (!isMailferryError(error, 'secret-unreadable')) throw error;
    }
    found.set(owner, own);
  }
  return found;
}

/** Addresses that belong to another account already. */
async function ownerFaults(
  inside: Kysely<Tables>,
  rows: readonly ImportRow[],
  there: ReadonlyMap<string, ImportedAccount>,
): Promise<ImportFault[]> {
  const named = rows.flatMap((row) => [
    { row, column: 'address', address: row.address },
    ...row.aliases.map((address) => ({ row, column: 'aliases', address })),
  ]);
  const faults: ImportFault[] = [];
  for (const some of pagesOf(named)) {
    const owners = await ownersOf(
      inside,
      some.map(({ address }) => address),
    );
    for (const { row, column, address } of some) {
      const owner = owners.get(address);
      if (owner === undefined || owner === there.get(row.address)?.id) continue;
      faults.push({
        line: row.line,
        column,
        text: faultText.addressTaken(address),
        allowed: allowedText.addressFree,
      });
    }
  }
  return faults;
}

/** Gives the teams of what was written, by id. */
async function write(
  inside: Kysely<Tables>,
  added: readonly AccountChange[],
  updated: readonly { readonly id: string; readonly change: AccountChange }[],
  { key, actor, nowMs }: ImportOptions,
): Promise<string[]> {
  const all = [...added, ...updated.map(({ change }) => change)];
  const teams = new Map<string, string>();
  for (const names of pagesOf([...new Set(all.flatMap(({ team }) => (team === null ? [] : [team])))])) {
    for (const [name, id] of await ensureTeams(inside, names, nowMs)) teams.set(name, id);
  }
  const teamIdOf = ({ team }: AccountChange) => (team === null ? null : (teams.get(team) ?? null));
  const domains = new Map(
    all
      .toReversed()
      .flatMap((change) =>
        [change.row.address, ...change.addAliases].map((address) => [domainOf(address), teamIdOf(change)]),
      ),
  );
  for (const some of pagesOf([...domains])) {
    await addDomains(
      inside,
      some.map(([name, teamId]) => ({ name: name ?? null, teamId: teamId ?? null })),
    );
  }
  for (const some of pagesOf(updated.flatMap(({ change }) => change.removeAliases))) {
    await removeAddresses(inside, some);
  }
  // In their order: an index that grows at its end costs less than one that grows everywhere.
  const ids = added.map(() => newId(nowMs)).sort();
  const changed = added.length + updated.length;
  // Edges hear of each account by its number.
  let epoch = (await nextOf(inside, 'epoch', changed)) - changed;
  const withIds = added.map((change, i) => ({ id: ids[i] ?? '', change, epoch: ++epoch }));
  for (const some of pagesOf(withIds)) await insertAccounts(inside, some, teamIdOf);
  for (const { id, change } of updated) {
    await inside
      .updateTable('account')
      .set({
        old_login: change.oldLogin,
        new_login: change.newLogin,
        quota_bytes: change.quotaBytes,
        team_id: teamIdOf(change),
        epoch: ++epoch,
      })
      .where('id', '=', id)
      .execute();
    await renameLogins(inside, id, change);
  }
  const addresses = [
    ...withIds.map(({ id, change }) => ({ accountId: id, address: change.row.address })),
    ...[...withIds, ...updated].flatMap(({ id, change }) =>
      change.addAliases.map((address) => ({ accountId: id, address })),
    ),
  ];
  for (const some of pagesOf(addresses)) await addAddresses(inside, some);
  const secrets = [...withIds, ...updated].flatMap(({ id, change }) =>
    change.secrets.map((secret) => ({ ...secret, owner: id })),
  );
  for (const some of pagesOf(secrets)) await putCredentials(inside, key, some);
  for (const change of all) {
    const teamId = teamIdOf(change);
    const { teamAdmin: rights, address: login } = change.row;
    if (rights === null || teamId === null || !change.changed.includes('team_admin')) continue;
    await putRights(inside, teamId, { login, rights }, actor);
  }
  const entries = [
    ...withIds.map(({ id, change }) => ({ action: 'account.add', id, change })),
    ...updated.map(({ id, change }) => ({ action: 'account.update', id, change })),
  ];
  for (const some of pagesOf(entries)) {
    await appendAudit(
      inside,
      ...some.map(({ action, id, change }) => ({
        actor,
        action,
        subject: id,
        detail: { address: change.row.address, columns: change.changed },
      })),
    );
  }
  return [...teams.values()];
}

/** A secret goes with the login that the account has now. */
async function renameLogins(inside: Kysely<Tables>, id: string, change: AccountChange): Promise<void> {
  const logins = { old: change.oldLogin, new: change.newLogin } as const;
  for (const side of ['old', 'new'] as const) {
    if (!change.changed.includes(`${side}_login`)) continue;
    await inside
      .updateTable('credential')
      .set({ login: logins[side] })
      .where('owner', '=', id)
      .where('side', '=', side)
      .execute();
  }
}

async function insertAccounts(
  inside: Kysely<Tables>,
  accounts: readonly { readonly id: string; readonly change: AccountChange; readonly epoch: number }[],
  teamIdOf: (change: AccountChange) => string | null,
): Promise<void> {
  await inside
    .insertInto('account')
    .values(
      accounts.map(({ id, change, epoch }) => ({
        id,
        address: change.row.address,
        old_login: change.oldLogin,
        new_login: change.newLogin,
        phase: 'old',
        epoch,
        shard: shardOf(id),
        team_id: teamIdOf(change),
        domain: domainOf(change.row.address),
        quota_bytes: change.quotaBytes,
        created_at_ms: databaseNow(inside),
      })),
    )
    .execute();
}
