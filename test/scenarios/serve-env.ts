/** `mailferry serve` as a process of its own, and the operator's verbs on it; on a PostgreSQL of its own where asked. */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { systemClock } from '../../src/base/clock.ts';
import { Secret } from '../../src/base/secret.ts';
import { type Database, openDatabase } from '../../src/state/database/open-database.ts';
import { mailferry, type Ran, type Running, startMailferry } from '../interop/mailferry.ts';
import type { LabUser } from '../lab/dovecot.ts';
import {
  accountsCsv,
  type Installation,
  type InstallationOptions,
  makeInstallation,
} from '../lab/installation.ts';
import { startPostgres } from '../lab/postgres.ts';
import { onPostgres } from './scenario-database.ts';
import { until } from './worker-env.ts';

export interface ServePlace extends Installation {
  readonly dir: string;
  /** All that daemons printed which have ended. */
  readonly printed: string[];
  /** Starts it and waits until it is ready. */
  start(env?: Readonly<Record<string, string>>): Promise<Running>;
  /** Process id of the daemon that holds the SQLite database. */
  pid(): number;
  /** Its database, once no daemon holds it. */
  openDatabase(): Promise<Database>;
  /** Makes a backup while a daemon runs, as the manual says; gives the way back to it, once no daemon runs. */
  backup(): () => void;
  /** An operator's verb. */
  cli(...args: string[]): Promise<Ran>;
  importAccounts(users: readonly LabUser[]): Promise<void>;
  /** Resolves when so many accounts are in step. */
  inStep(count: number, withinMs?: number): Promise<void>;
  close(): Promise<void>;
}

const passwordOf = (postgres: InstallationOptions['postgres']) =>
  postgres === undefined ? undefined : new Secret(postgres.password);

export async function makeServePlace(options: Omit<InstallationOptions, 'dir'>): Promise<ServePlace> {
  const dir = mkdtempSync(join(tmpdir(), 'mf-serve-'));
  const server = onPostgres && options.postgres === undefined ? await startPostgres() : null;
  const own: Pick<InstallationOptions, 'postgres'> =
    server === null ? {} : { postgres: { url: await server.newDatabase(), password: server.password } };
  const installation = await makeInstallation({ ...own, ...options, dir });
  const env = { MAILFERRY_CONFIG: installation.configFile };
  const running = new Set<Running>();
  const printed: string[] = [];
  const cli = (...args: string[]) => mailferry(args, env);
  return {
    ...installation,
    dir,
    printed,
    cli,
    start: async (more = {}) => {
      const daemon = startMailferry(['serve'], { ...env, ...more });
      running.add(daemon);
      void daemon.done.then(({ stdout, stderr }) => {
        running.delete(daemon);
        printed.push(stdout, stderr);
      });
      await daemon.printed('"ready"');
      return daemon;
    },
    openDatabase: () =>
      openDatabase({
        url: (options.postgres ?? own.postgres)?.url ?? installation.databaseFile,
        password: passwordOf(options.postgres ?? own.postgres),
        clock: systemClock,
      }),
    pid: () => Number(readFileSync(`${installation.databaseFile}.holder`, 'utf8').split(' ', 1)[0]),
    backup: () => {
      const file = join(dir, 'backup');
      const url = own.postgres?.url;
      if (url !== undefined) server?.dump(url, file);
      else vacuumInto(installation.databaseFile, file);
      return () => {
        if (url !== undefined) return server?.restore(url, file);
        for (const name of readdirSync(dir)) if (name.startsWith('mailferry.sqlite')) rmSync(join(dir, name));
        cpSync(file, installation.databaseFile);
      };
    },
    importAccounts: async (users) => {
      const list = join(dir, 'accounts.csv');
      writeFileSync(list, accountsCsv(users), { mode: 0o600 });
      const { code, stdout, stderr } = await cli('accounts', 'import', list);
      rmSync(list);
      if (code !== 0) throw new Error(`the import ended with ${code}: ${stdout}${stderr}`);
    },
    inStep: (count, withinMs = 60_000) =>
      until(withinMs, async () => {
        const { stdout } = await cli('accounts', 'list', '--phase', 'in-step', '--json');
        return stdout.trim().split('\n').filter(Boolean).length === count;
      }),
    close: async () => {
      for (const daemon of running) daemon.kill('SIGKILL');
      await Promise.all([...running].map((daemon) => daemon.done));
      await server?.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** As `sqlite3 DATABASE "VACUUM INTO 'FILE'"`. */
function vacuumInto(database: string, file: string): void {
  const reader = new DatabaseSync(database, { readOnly: true });
  reader.exec(`vacuum into '${file}'`);
  reader.close();
}
