/** Daemons as processes of their own, over real servers of the lab and a database that tests open as well. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../src/base/clock.ts';
import { Secret } from '../../src/base/secret.ts';
import { accountOf, addAccount, changePhase } from '../../src/state/database/accounts.ts';
import { setCredential } from '../../src/state/database/credentials.ts';
import { type EnvelopeKey, readKeyFile } from '../../src/state/database/envelope.ts';
import { type Database, openDatabase } from '../../src/state/database/open-database.ts';
import { type LabImap, type Running, startMailferry } from '../interop/mailferry.ts';
import type { LabUser } from '../lab/dovecot.ts';
import { until } from './worker-env.ts';

export interface DaemonPlace {
  readonly dir: string;
  readonly configFile: string;
  readonly tokenFile: string;
  /** Open until `closeDatabase`. */
  readonly database: Database;
  readonly key: EnvelopeKey;
  /** Starts `mailferry MODE` and waits until it is ready. `onLine` gets its log; `url` is another way to the database. */
  start(
    mode: 'serve' | 'control' | 'worker',
    onLine?: (line: string) => void,
    url?: string,
  ): Promise<Running>;
  /** Adds an account with secrets for both sides; gives its id. `onOld` where it is another user there. */
  add(user: LabUser, onOld?: LabUser): Promise<string>;
  begin(id: string): Promise<void>;
  phase(id: string, wanted: string, withinMs?: number): Promise<void>;
  /** An SQLite database has to be closed before a daemon may have it. */
  closeDatabase(): Promise<void>;
  /** Kills the daemons that run, and removes everything. */
  remove(): Promise<void>;
}

export interface DaemonPlaceOptions {
  readonly old: LabImap;
  readonly fresh: LabImap;
  /** Of PostgreSQL; an SQLite file in the place's directory where it is left out. */
  readonly postgres?: { readonly url: string; readonly password: string };
  /** More lines for both servers' tables. */
  readonly onServers?: string;
  /** More lines of the configuration, in TOML; whole tables. */
  readonly more?: string;
}

const actor = 'test';

export async function makeDaemonPlace(options: DaemonPlaceOptions): Promise<DaemonPlace> {
  const { old, fresh, postgres, onServers = '', more = '' } = options;
  const dir = mkdtempSync(join(tmpdir(), 'mf-daemon-'));
  const keyFile = join(dir, 'key');
  writeFileSync(keyFile, randomBytes(32).toString('base64'), { mode: 0o600 });
  const passwordFile = join(dir, 'database-password');
  if (postgres !== undefined) writeFileSync(passwordFile, postgres.password, { mode: 0o600 });
  const url = postgres?.url ?? join(dir, 'mailferry.sqlite');
  const withPassword = postgres === undefined ? '' : `password_file = "${passwordFile}"\n`;
  const tokenFile = join(dir, 'token');
  writeFileSync(tokenFile, randomBytes(32).toString('hex'), { mode: 0o600 });
  const server = (port: number) => `host = "127.0.0.1"\nport = ${port}\ntls = "none"\n${onServers}`;
  const configFile = join(dir, 'mailferry.toml');
  const configurationWith = (databaseUrl: string) =>
    `[database]\nurl = "${databaseUrl}"\n${withPassword}` +
    `[secrets]\nkey_file = "${keyFile}"\n[control]\nlisten = "127.0.0.1:0"\ntoken_file = "${tokenFile}"\n` +
    `[old]\n${server(old.imapPort)}[new]\n${server(fresh.imapPort)}${more}`;
  writeFileSync(configFile, configurationWith(url));
  const password = postgres === undefined ? undefined : new Secret(postgres.password);
  const database = await openDatabase({ url, password, clock: systemClock });
  const key = readKeyFile(keyFile);
  const running = new Set<Running>();
  return {
    dir,
    configFile,
    tokenFile,
    database,
    key,
    start: async (mode, onLine, otherUrl = url) => {
      const file = otherUrl === url ? configFile : join(dir, `other-${running.size}.toml`);
      if (file !== configFile) writeFileSync(file, configurationWith(otherUrl));
      const daemon = startMailferry([mode, '--config', file], {}, onLine ?? null);
      running.add(daemon);
      void daemon.done.then(() => running.delete(daemon));
      const failed = daemon.done.then(({ stdout, stderr }) => {
        throw new Error(`the daemon ended: ${stdout}${stderr}`);
      });
      await Promise.race([daemon.printed('"ready"'), failed]);
      failed.catch(() => {});
      return daemon;
    },
    add: async (user, onOld = user) => {
      const logins = { oldLogin: onOld.name, newLogin: user.name };
      const account = { address: `${user.name}@example.org`, ...logins };
      const id = await addAccount(database.db, account, actor, systemClock.now());
      for (const [side, who] of [['old', onOld] as const, ['new', user] as const]) {
        const credential = { owner: id, side, login: who.name, secret: new Secret(who.password) };
        await setCredential(database.db, key, credential, actor);
      }
      return id;
    },
    begin: async (id) => {
      await changePhase(database.db, { accountId: id, event: 'start', actor });
    },
    phase: (id, wanted, withinMs = 30_000) =>
      until(withinMs, async () => (await accountOf(database.db, id)).phase === wanted),
    closeDatabase: () => database.close(),
    remove: async () => {
      for (const daemon of running) daemon.kill('SIGCONT');
      for (const daemon of running) daemon.kill('SIGKILL');
      await Promise.all([...running].map((daemon) => daemon.done));
      await database.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
