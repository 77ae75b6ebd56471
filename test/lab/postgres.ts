/**
 * A real PostgreSQL of Debian's package on a free loopback port, in a directory of its own. Root may not run it, so
 * root gives it to the lab's user. It flushes nothing to the disk: what it holds is thrown away.
 */
import { execFileSync } from 'node:child_process';
import { chownSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { newLabDirectory, removeLabDirectory } from './lab-directory.ts';
import { freePort } from './ports.ts';
import { type ServerProcess, startServerProcess } from './server-process.ts';
import { labIdentity } from './unpacked-server.ts';

/** The superuser's password: tests also log in wrongly. */
const password = 'lab-geheim-7Q2xL9';
const startDeadlineMs = 30_000;
/** The port was free when we asked, but another server may have been faster. */
const portTries = 3;

export interface Postgres {
  readonly port: number;
  readonly password: string;
  /** Where its files are, log of changes included. */
  readonly dataDir: string;
  /** Makes an empty database and gives its URL, without the password. */
  newDatabase(): Promise<string>;
  /** Writes what pg_dump makes of a database to `file`; while others use it. */
  dump(url: string, file: string): void;
  /** Makes a database what it was; nobody may use it meanwhile. */
  restore(url: string, file: string): void;
  /** Stops it, cutting all sessions, and starts it again on the same port; `meanwhile` it is away. */
  restart(meanwhile?: () => Promise<void>): Promise<void>;
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export async function startPostgres(): Promise<Postgres> {
  const identity = labIdentity();
  const dir = newLabDirectory('postgres');
  chownSync(dir, identity.uid, identity.gid);
  makeCluster(dir, identity);
  const started = await startOnFreePort(dir, identity);
  const { port } = started;
  let server = started.server;
  let made = 0;
  const newDatabase = async () => {
    const name = `lab${++made}`;
    await onServer(port, (client) => client.query(`create database ${name}`));
    return `postgres://lab@127.0.0.1:${port}/${name}`;
  };
  const restart = async (meanwhile = async () => {}) => {
    await server.stop();
    await meanwhile();
    server = startOn(port, dir, identity);
    await waitForLogin(port, server);
  };
  const stop = async () => {
    await server.stop();
    removeLabDirectory(dir);
  };
  const dataDir = join(dir, 'data');
  const tool = (name: string, args: readonly string[]) =>
    void execFileSync(program(name), args, { env: { PGPASSWORD: password }, stdio: 'pipe' });
  const dump = (url: string, file: string) =>
    tool('pg_dump', ['--format=custom', `--dbname=${url}`, `--file=${file}`]);
  const restore = (url: string, file: string) =>
    tool('pg_restore', ['--clean', '--if-exists', '--single-transaction', `--dbname=${url}`, file]);
  return { port, password, dataDir, newDatabase, dump, restore, restart, stop, [Symbol.asyncDispose]: stop };
}

function makeCluster(dir: string, { uid, gid }: { readonly uid: number; readonly gid: number }): void {
  const passwordFile = join(dir, 'password');
  writeFileSync(passwordFile, `${password}\n`);
  const args = ['--pgdata', join(dir, 'data'), '--username=lab', '--auth=scram-sha-256', '--encoding=UTF8'];
  execFileSync(
    program('initdb'),
    [...args, '--locale=C', '--no-sync', '--no-instructions', `--pwfile=${passwordFile}`],
    {
      cwd: dir,
      env: { PATH: '/usr/bin:/bin', HOME: dir },
      ...(process.getuid?.() === 0 ? { uid, gid } : {}),
      stdio: 'pipe',
    },
  );
  rmSync(passwordFile);
}

async function startOnFreePort(
  dir: string,
  identity: { readonly uid: number; readonly gid: number },
): Promise<{ readonly server: ServerProcess; readonly port: number }> {
  for (let tried = 1; ; tried += 1) {
    const port = await freePort();
    const server = startOn(port, dir, identity);
    try {
      await waitForLogin(port, server);
      return { server, port };
    } catch (error) {
      await server.stop();
      if (tried === portTries || !/in use/.test(server.output())) throw error;
    }
  }
}

function startOn(
  port: number,
  dir: string,
  identity: { readonly uid: number; readonly gid: number },
): ServerProcess {
  const settings = {
    port,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    fsync: 'off',
    full_page_writes: 'off',
    synchronous_commit: 'off',
    max_connections: 60,
  };
  return startServerProcess({
    command: program('postgres'),
    args: ['-D', join(dir, 'data'), ...Object.entries(settings).flatMap(([k, v]) => ['-c', `${k}=${v}`])],
    cwd: dir,
    identity,
    // SIGQUIT: nothing is worth an orderly end when we are gone.
    orphanSignal: 'SIGQUIT',
  });
}

async function waitForLogin(port: number, server: ServerProcess): Promise<void> {
  const until = performance.now() + startDeadlineMs;
  for (;;) {
    const status = server.exitStatus();
    if (status !== null) throw new Error(`PostgreSQL ended (${status}):\n${server.output()}`);
    try {
      await onServer(port, (client) => client.query('select 1'));
      return;
    } catch (error) {
      if (performance.now() > until) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function onServer(port: number, work: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client({ host: '127.0.0.1', port, user: 'lab', password, database: 'postgres' });
  client.on('error', () => undefined);
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}

/** Debian keeps the server's programs below its version, outside everybody's PATH. */
function program(name: string): string {
  const root = '/usr/lib/postgresql';
  const versions = readdirSync(root).sort((a, b) => Number(a) - Number(b));
  return join(root, versions.at(-1) ?? '', 'bin', name);
}
