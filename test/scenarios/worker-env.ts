/** A worker in this process over two real servers of the lab, for scenarios of many accounts. */
import { systemClock } from '../../src/base/clock.ts';
import { Secret } from '../../src/base/secret.ts';
import type { KeeperTiming } from '../../src/fleet/shard-keeper.ts';
import { readConfiguration } from '../../src/services/configuration/read.ts';
import type { Configuration } from '../../src/services/configuration/schema.ts';
import { type StartedWorker, startWorker, type WorkerSetup } from '../../src/services/daemon/start-worker.ts';
import { type AccountNotes, notesOf } from '../../src/state/database/account-notes.ts';
import { accountOf, addAccount, changePhase } from '../../src/state/database/accounts.ts';
import type { Database } from '../../src/state/database/open-database.ts';
import { openLog } from '../../src/telemetry/log.ts';
import type { LabImap } from '../interop/mailferry.ts';
import type { LabUser } from '../lab/dovecot.ts';

export interface FleetOptions {
  readonly database: Database;
  readonly old: LabImap;
  readonly fresh: LabImap;
  readonly users: readonly LabUser[];
  /** More lines of the configuration, in TOML. */
  readonly more?: string;
}

/** What a scenario may take into its own hands. */
export type WorkerMore = Partial<Pick<WorkerSetup, 'clock' | 'retryAfterMs' | 'appPasswordOf'>>;

export interface Fleet {
  /** What a user's password on old is now, by name. */
  readonly passwords: Map<string, string>;
  /** Lines of the log, as JSON. */
  readonly log: string[];
  /** Delays from the server's word to the message on new, milliseconds. */
  readonly carried: number[];
  startWorker(database?: Database, keeper?: KeeperTiming, more?: WorkerMore): Promise<StartedWorker>;
  begin(name: string): Promise<void>;
  idOf(name: string): string;
  /** Resolves when the account has come to this phase. */
  phase(name: string, wanted: string, withinMs?: number): Promise<void>;
  notes(name: string): Promise<AccountNotes>;
}

const actor = 'test';

/** Adds the accounts, all in the phase `old`. */
export async function makeFleet(options: FleetOptions): Promise<Fleet> {
  const { database, old, fresh, users, more = '' } = options;
  const ids = new Map<string, string>();
  const passwords = new Map(users.map((user) => [user.name, user.password]));
  for (const { name } of users) {
    const account = { address: `${name}@example.org`, oldLogin: name, newLogin: name };
    ids.set(name, await addAccount(database.db, account, actor, systemClock.now()));
  }
  const names = new Map([...ids].map(([name, id]) => [id, name]));
  const log: string[] = [];
  const carried: number[] = [];
  const configuration = configurationOf(old, fresh, more);
  const idOf = (name: string) => {
    const id = ids.get(name);
    if (id === undefined) throw new Error(`no user ${name}`);
    return id;
  };
  return {
    passwords,
    log,
    carried,
    idOf,
    startWorker: (own = database, keeper, workerMore = {}) =>
      startWorker({
        database: own,
        configuration,
        secrets: new Map(),
        secretOf: async (id, side) => {
          const login = names.get(id) ?? '';
          const password = users.find((user) => user.name === login)?.password ?? '';
          return { login, secret: new Secret(side === 'old' ? (passwords.get(login) ?? '') : password) };
        },
        appPasswordOf: async () => null,
        accessTokenOf: () => null,
        ...workerMore,
        masterOf: async () => null,
        log: openLog({ level: 'debug', format: 'json' }, { write: (line) => void log.push(line) }),
        carried: (ms) => void carried.push(ms),
        ...(keeper === undefined ? {} : { keeper }),
      }),
    begin: async (name) => {
      await changePhase(database.db, { accountId: idOf(name), event: 'start', actor });
    },
    phase: (name, wanted, withinMs = 20_000) =>
      until(withinMs, async () => (await accountOf(database.db, idOf(name))).phase === wanted),
    notes: (name) => notesOf(database.db, idOf(name)),
  };
}

/** Looks again and again; throws when it did not come true in time. */
export async function until(withinMs: number, found: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + withinMs;
  while (!(await found())) {
    if (performance.now() > end) throw new Error(`it did not come true within ${withinMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function configurationOf(old: LabImap, fresh: LabImap, more: string): Configuration {
  const server = (port: number) => `host = "127.0.0.1"\nport = ${port}\ntls = "none"\n`;
  const text = `${more}\n[old]\n${server(old.imapPort)}[new]\n${server(fresh.imapPort)}`;
  const read = readConfiguration(text, {}, () => '');
  if (!read.ok) throw new Error(JSON.stringify(read.faults));
  return read.value.configuration;
}
