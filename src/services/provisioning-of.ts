/** Who makes accounts on new, and where hashes come from, as the configuration wants them. */
import { readFileSync } from 'node:fs';
import { assertNever } from '../base/assert-never.ts';
import type { Clock } from '../base/clock.ts';
import { Secret } from '../base/secret.ts';
import { readCsv } from '../portal/import/read-list.ts';
import {
  type AddressSource,
  CommandHashes,
  CommandProvisioner,
  csvAddresses,
  Discovery,
  type HashReader,
  type ListedAddress,
  MailcowProvisioner,
  passwdFileAddresses,
  PasswdFileHashes,
  programAddresses,
  type Provisioner,
  Provisioning,
  type ProvisioningLog,
  sqlAddresses,
  SqlHashes,
  SqlProvisioner,
} from '../provisioning/index.ts';
import type { EnvelopeKey } from '../state/database/envelope.ts';
import type { Database } from '../state/database/open-database.ts';
import type { Configuration } from './configuration/schema.ts';

export interface ProvisioningSetup {
  readonly database: Database;
  readonly key: EnvelopeKey;
  readonly clock: Clock;
  readonly log: ProvisioningLog;
  readonly configuration: Pick<Configuration, 'old' | 'new'>;
  /** By dotted key. */
  readonly secrets: ReadonlyMap<string, Secret>;
  /** Argon2id in PHC form, few at a time. */
  readonly hash: (password: Secret) => Promise<string>;
}

export function provisioningOf(setup: ProvisioningSetup): Provisioning {
  const { database, key, clock, log, configuration, hash } = setup;
  const { provisioning } = configuration.new;
  const adapter = adapterOf(setup);
  return new Provisioning({
    database,
    key,
    clock,
    log,
    random: Math.random,
    adapter,
    againMs: provisioning.again_minutes * 60_000,
    ladder: {
      database,
      key,
      rungs: provisioning.passwords,
      reader: readerOf(setup),
      fit: {
        standardScheme: configuration.old.passwords.scheme ?? null,
        schemes: adapter?.schemes ?? [],
        hash: async (password) => new Secret(`{ARGON2ID}${await hash(password)}`),
      },
    },
  });
}

export function discoveryOf({
  database,
  key,
  clock,
  log,
  configuration,
  secrets,
}: ProvisioningSetup): Discovery {
  return new Discovery({ database, key, clock, log, source: sourceOf(configuration.old.discovery, secrets) });
}

function adapterOf({ database, key, configuration, secrets }: ProvisioningSetup): Provisioner | null {
  const { adapter, command, seconds, url, ca_file: caFile } = configuration.new.provisioning;
  const deadlineMs = seconds * 1_000;
  switch (adapter) {
    case 'none':
      return null;
    case 'sql':
      return new SqlProvisioner(database, key);
    case 'command':
      return new CommandProvisioner(command, deadlineMs);
    case 'mailcow': {
      const apiKey = given(secrets.get('new.provisioning.api_key'));
      const caPem = caFile === undefined ? null : readFileSync(caFile, 'utf8');
      return new MailcowProvisioner({ url: new URL(given(url)), caPem, key: apiKey, deadlineMs });
    }
    default:
      return assertNever(adapter);
  }
}

function readerOf({ configuration, secrets }: ProvisioningSetup): HashReader | null {
  const { kind, file, domain = null, url, query, command, seconds } = configuration.old.passwords;
  const deadlineMs = seconds * 1_000;
  switch (kind) {
    case 'none':
      return null;
    case 'passwd-file':
      return new PasswdFileHashes(given(file), domain);
    case 'sql': {
      const password = secrets.get('old.passwords.password');
      return new SqlHashes({ url: given(url), password, deadlineMs }, given(query));
    }
    case 'command':
      return new CommandHashes(command, deadlineMs);
    default:
      return assertNever(kind);
  }
}

function sourceOf(
  set: Configuration['old']['discovery'],
  secrets: ReadonlyMap<string, Secret>,
): AddressSource | null {
  const { kind, file, domain = null, url, query, command, seconds } = set;
  const deadlineMs = seconds * 1_000;
  switch (kind) {
    case 'none':
      return null;
    case 'passwd-file':
      return passwdFileAddresses(given(file), domain);
    case 'doveadm': {
      const argv = command.length > 0 ? command : ['doveadm', 'user', '*'];
      return programAddresses(kind, { argv, domain, deadlineMs });
    }
    case 'command':
      return programAddresses(kind, { argv: command, domain, deadlineMs });
    case 'sql': {
      const password = secrets.get('old.discovery.password');
      return sqlAddresses({ url: given(url), password, deadlineMs }, given(query), domain);
    }
    case 'csv':
      return csvAddresses(given(file), csvRows);
    default:
      return assertNever(kind);
  }
}

/** Throws the first fault of it. */
function csvRows(file: string): ListedAddress[] {
  const { rows, faults } = readCsv(readFileSync(file));
  const [fault] = faults;
  if (fault !== undefined) throw new Error(`line ${fault.line}, ${fault.column}: ${fault.text.en}`);
  return rows.map(({ address, oldLogin, quotaBytes, aliases, team }) => ({
    address,
    login: oldLogin ?? address,
    quotaBytes,
    aliases,
    team,
  }));
}

/** The schema asks for it where it is needed. */
function given<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('the configuration lacks what its schema asks for');
  return value;
}
