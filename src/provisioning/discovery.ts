/**
 * Looks which addresses old has, by the clock: new ones become accounts that are on `old`, with the team of their domain; what is
 * gone is told, and changes nothing.
 *
 *   list (whole, or nothing) -> absences (with a brake) -> adopted, missing, vanished, returned
 */
import { createHash } from 'node:crypto';
import type { Clock } from '../base/clock.ts';
import { isMailferryError, MailferryError } from '../base/errors.ts';
import { inSlices } from '../base/slices.ts';
import { addressesOf, ownersOf } from '../state/database/addresses.ts';
import { latestEpoch } from '../state/database/edge-rows.ts';
import {
  missingBefore,
  noteAdopted,
  noteLook,
  noteMissing,
  noteReturned,
  noteVanished,
  teamsOfDomains,
  type WatchedAccount,
  watchedAccounts,
} from '../state/database/discovered.ts';
import type { EnvelopeKey } from '../state/database/envelope.ts';
import { importAccounts } from '../state/database/import-accounts.ts';
import type { ImportRow } from '../state/database/import-decision.ts';
import { acquireLease, releaseLease, renewLease } from '../state/database/leases.ts';
import type { Database } from '../state/database/open-database.ts';
import { valuesAtOnce } from '../state/database/selection.ts';
import type { AddressSource, ListedAddress } from './address-source.ts';
import { decideAbsences, listLookup, listOnce } from './discovery-decision.ts';
import type { ProvisioningLog } from './provisioning.ts';

export interface DiscoveryOptions {
  readonly database: Database;
  readonly key: EnvelopeKey;
  readonly clock: Clock;
  readonly log: ProvisioningLog;
  /** Null: accounts are imported by hand. */
  readonly source: AddressSource | null;
}

export interface DiscoveryResult {
  readonly listed: number;
  /** Addresses. */
  readonly adopted: readonly string[];
  /** Further addresses of accounts that were there already. */
  readonly aliases: readonly string[];
  readonly missing: readonly string[];
  readonly vanished: readonly string[];
  readonly returned: number;
  /** In the list, and not to be taken in as they stand there. */
  readonly skipped: readonly { readonly address: string; readonly why: string }[];
}

const actorByClock = 'discovery';
const leaseName = 'discovery';
const leaseMs = 120_000;
const deadlineMs = 60_000;

export class Discovery {
  readonly #options: DiscoveryOptions;
  /** Of the last look that found nothing to do; the same list for the same accounts needs no other. */
  #quiet = '';
  #lastFault = '';

  constructor(options: DiscoveryOptions) {
    this.#options = options;
  }

  get sourceName(): string | null {
    return this.#options.source?.name ?? null;
  }

  /** By the clock: what goes wrong is told once, and by `GET /discovered`. */
  async due(over: AbortSignal): Promise<void> {
    const { source, log } = this.#options;
    if (source === null) return;
    try {
      await this.look({ dryRun: false, actor: actorByClock, over });
      this.#lastFault = '';
    } catch (error) {
      if (!isMailferryError(error, 'discovery-failed', 'discovery-stopped')) throw error;
      if (error.message !== this.#lastFault)
        log.warn({ source: source.name, code: error.code }, error.message);
      this.#lastFault = error.message;
    }
  }

  /** Throws `discovery-off`, `discovery-failed`, `discovery-stopped`; nothing is changed then. */
  async look(how: {
    readonly dryRun: boolean;
    readonly actor: string;
    readonly over?: AbortSignal;
  }): Promise<DiscoveryResult> {
    const { source, database } = this.#options;
    if (source === null)
      throw new MailferryError('discovery-off', 'no list of old’s addresses is configured here');
    if (how.dryRun) return await this.#look(source, how);
    const { db } = database;
    const lease = await acquireLease(db, leaseName, how.actor, leaseMs);
    if (lease === null)
      throw new MailferryError('discovery-failed', 'another look is under way', { side: 'old' });
    try {
      const result = await this.#look(source, how, () => renewLease(db, lease, leaseMs));
      await noteLook(db, source.name, { listed: result.listed, error: null });
      return result;
    } catch (error) {
      if (isMailferryError(error)) await noteLook(db, source.name, { listed: 0, error });
      throw error;
    } finally {
      await releaseLease(db, lease);
    }
  }

  async #look(
    source: AddressSource,
    {
      dryRun,
      actor,
      over,
    }: { readonly dryRun: boolean; readonly actor: string; readonly over?: AbortSignal },
    stillMine: () => Promise<void> = async () => {},
  ): Promise<DiscoveryResult> {
    const { database, clock, log } = this.#options;
    const { db } = database;
    const late = AbortSignal.timeout(deadlineMs);
    const all = await source.list(over === undefined ? late : AbortSignal.any([over, late]));
    const listed = await listOnce(all);
    const before = await missingBefore(db);
    const stamp = `${await latestEpoch(db)} ${listed.length} ${await stampOf(listed)}`;
    const nothing = {
      listed: listed.length,
      adopted: [],
      aliases: [],
      missing: [],
      vanished: [],
      returned: 0,
      skipped: [],
    };
    const settled = [...before.values()].every((state) => state === 'vanished');
    if (!dryRun && settled && stamp === this.#quiet) return nothing;
    const { absent, watched } = await this.#absent(listed);
    const { missing, vanished, returned } = decideAbsences(absent, watched, listed.length, before);
    const fresh = await this.#fresh(listed);
    const entering = { dryRun, actor, stillMine };
    const { adopted, skipped } = await this.#adopt(fresh, entering);
    const further = await this.#takeAliases(listed, entering);
    if (!dryRun) {
      await noteMissing(db, missing);
      await noteVanished(db, vanished, actor, clock.now());
      await noteReturned(db, returned, actor);
      for (const { address } of vanished.slice(0, toldAtMost))
        log.warn({ address }, 'an account is no longer in the list of old');
      if (adopted.length > 0) log.info({ accounts: adopted.length }, 'accounts adopted');
      if (further.aliases.length > 0) log.info({ addresses: further.aliases.length }, 'aliases adopted');
      const isQuiet =
        adopted.length + further.aliases.length + missing.length + vanished.length + returned.length === 0;
      this.#quiet = isQuiet ? stamp : '';
    }
    const names = (accounts: readonly WatchedAccount[]) => accounts.map(({ address }) => address);
    return {
      listed: listed.length,
      adopted,
      aliases: further.aliases,
      missing: names(missing),
      vanished: names(vanished),
      returned: returned.length,
      skipped: [...skipped, ...further.skipped],
    };
  }

  async #absent(
    listed: readonly ListedAddress[],
  ): Promise<{ readonly absent: readonly WatchedAccount[]; readonly watched: number }> {
    const { db } = this.#options.database;
    const has = await listLookup(listed);
    const absent: WatchedAccount[] = [];
    let watched = 0;
    for (let after = ''; ; ) {
      const page = await watchedAccounts(db, { after, limit: valuesAtOnce });
      watched += page.length;
      absent.push(...page.filter((account) => !has(account)));
      const last = page.at(-1);
      if (last === undefined) return { absent, watched };
      after = last.id;
    }
  }

  /** Those whose address no account has yet, as its own or as another one. */
  async #fresh(listed: readonly ListedAddress[]): Promise<ListedAddress[]> {
    const { db } = this.#options.database;
    const fresh: ListedAddress[] = [];
    for (let at = 0; at < listed.length; at += valuesAtOnce) {
      const some = listed.slice(at, at + valuesAtOnce);
      const owners = await ownersOf(
        db,
        some.map(({ address }) => address),
      );
      fresh.push(...some.filter(({ address }) => !owners.has(address)));
    }
    return fresh;
  }

  async #adopt(fresh: readonly ListedAddress[], entering: Entering) {
    const { db } = this.#options.database;
    const adopted: string[] = [];
    const skipped: Skipped[] = [];
    const teams = new Map<string, string>();
    const askedFor = new Set<string>();
    for (let at = 0; at < fresh.length; at += enteredAtOnce) {
      const some = fresh.slice(at, at + enteredAtOnce);
      // Once a look: it reads all accounts of the domain.
      const domains = [...new Set(some.map(domainOf))].filter((domain) => !askedFor.has(domain));
      for (const [domain, team] of await teamsOfDomains(db, domains)) teams.set(domain, team);
      for (const domain of domains) askedFor.add(domain);
      const rows = await this.#enter(
        some.map((one, i) => rowOf(one, i, teams)),
        skipped,
        entering,
      );
      const names = rows.map(({ address }) => address);
      adopted.push(...names);
      if (entering.dryRun) continue;
      const ids = await ownersOf(db, names);
      await noteAdopted(
        db,
        names.flatMap((address) => {
          const id = ids.get(address);
          return id === undefined ? [] : [{ id, address }];
        }),
      );
    }
    return { adopted, skipped };
  }

  /** Of accounts that are known; what an account no longer has in the list it keeps. */
  async #takeAliases(listed: readonly ListedAddress[], entering: Entering) {
    const { db } = this.#options.database;
    const aliases: string[] = [];
    const skipped: Skipped[] = [];
    const having = listed.filter((one) => one.aliases.length > 0);
    for (let at = 0; at < having.length; at += enteredAtOnce) {
      const some = having.slice(at, at + enteredAtOnce);
      const named = some.flatMap((one) => [one.address, ...one.aliases]);
      const owners = new Map<string, string>();
      for (let from = 0; from < named.length; from += valuesAtOnce)
        for (const [name, id] of await ownersOf(db, named.slice(from, from + valuesAtOnce)))
          owners.set(name, id);
      const gaining = some.flatMap(({ address, aliases: all }) => {
        const id = owners.get(address);
        const more = all.filter((alias) => !owners.has(alias));
        return id === undefined || more.length === 0 ? [] : [{ id, address, more }];
      });
      if (gaining.length === 0) continue;
      const there = await addressesOf(
        db,
        gaining.map(({ id }) => id),
      );
      const rows = gaining.map(({ id, address, more }, line) => {
        const kept = (there.get(id) ?? []).filter((one) => one !== address);
        return { ...emptyRow(line, address), aliases: [...kept, ...more] };
      });
      const entered = new Set((await this.#enter(rows, skipped, entering)).map(({ address }) => address));
      aliases.push(...gaining.flatMap(({ address, more }) => (entered.has(address) ? more : [])));
    }
    return { aliases, skipped };
  }

  /** Gives the rows that were taken in: what does not fit by itself must not keep the others out. */
  async #enter(
    all: readonly ImportRow[],
    skipped: Skipped[],
    { dryRun, actor, stillMine }: Entering,
  ): Promise<readonly ImportRow[]> {
    const { database, key, clock } = this.#options;
    await stillMine();
    let rows = all;
    for (let tries = 0; rows.length > 0; tries++) {
      const { faults } = await importAccounts(database.db, rows, { key, actor, nowMs: clock.now(), dryRun });
      if (faults.length === 0) break;
      const wrong = new Map(faults.map(({ line, text }) => [line, text.en]));
      // Faults that stay although their rows were left out are none of single rows.
      const out = rows.filter(({ line }) => wrong.has(line) || tries === triesAtMost);
      skipped.push(...out.map(({ line, address }) => ({ address, why: wrong.get(line) ?? 'not taken in' })));
      rows = rows.filter((row) => !out.includes(row));
    }
    return rows;
  }
}

interface Entering {
  readonly dryRun: boolean;
  readonly actor: string;
  /** Keeps the look's lease; throws where it was lost. */
  readonly stillMine: () => Promise<void>;
}

type Skipped = DiscoveryResult['skipped'][number];

/** In one transaction: on SQLite nobody else has a word meanwhile. */
const enteredAtOnce = 100;
const toldAtMost = 20;
const triesAtMost = 3;

async function stampOf(listed: readonly ListedAddress[]): Promise<string> {
  const hash = createHash('sha256');
  await inSlices(listed, (one) => hash.update(JSON.stringify(one)));
  return hash.digest('base64');
}

const domainOf = ({ address }: ListedAddress): string => address.slice(address.lastIndexOf('@') + 1);

function rowOf(one: ListedAddress, line: number, teams: ReadonlyMap<string, string>): ImportRow {
  const { address, login, quotaBytes, aliases } = one;
  const team = one.team ?? teams.get(domainOf(one)) ?? null;
  return { ...emptyRow(line, address), team, oldLogin: login, quotaBytes, aliases };
}

/** Says nothing of the account but its address. */
function emptyRow(line: number, address: string): ImportRow {
  return {
    line,
    address,
    team: null,
    oldLogin: null,
    newLogin: null,
    quotaBytes: null,
    aliases: [],
    oldPassword: null,
    newPassword: null,
    teamAdmin: null,
  };
}
