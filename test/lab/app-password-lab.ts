/**
 * A real Dovecot that was told of app passwords by `mailferry config dovecot`, with a real edge beside it, as `mailferry serve` and
 * `mailferry edge` run one. The sync comes from 127.0.0.2, people from 127.0.0.1.
 */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { fileURLToPath } from 'node:url';
import { AppPasswordKeeper } from '../../src/app-passwords/index.ts';
import { systemClock } from '../../src/base/clock.ts';
import { doveadmOf } from '../../src/domain/doveadm-command.ts';
import { controlInside } from '../../src/services/edge/control-inside.ts';
import { openEdge } from '../../src/services/edge/open-edge.ts';
import { addAccount } from '../../src/state/database/accounts.ts';
import { EnvelopeKey } from '../../src/state/database/envelope.ts';
import { type Database, openDatabase } from '../../src/state/database/open-database.ts';
import { openLog } from '../../src/telemetry/log.ts';
import { RawImap } from '../judge/imap-raw.ts';
import { type Dovecot, type DovecotOptions, noPenalty, startDovecot } from './dovecot.ts';

const bin = fileURLToPath(new URL('../../bin/mailferry', import.meta.url));
const syncFrom = '127.0.0.2';
const people = '127.0.0.1';

export interface AppPasswordLab {
  readonly dir: string;
  readonly dovecot: Dovecot;
  readonly database: Database;
  readonly key: EnvelopeKey;
  readonly keeper: AppPasswordKeeper;
  /** As the edge calls it. */
  readonly doveadm: readonly string[];
  idOf(name: string): string;
  /** Null leaves sessions open. Resolves when it follows. */
  startEdge(doveadm?: readonly string[] | null): Promise<void>;
  stopEdge(): Promise<void>;
  /** Logged in by a new connection of the sync, or with `own` of the person. */
  syncLogin(name: string, password: string): Promise<RawImap>;
  ownLogin(name: string): Promise<RawImap>;
  close(): Promise<void>;
}

interface LabOptions {
  readonly lifeMs?: number;
  /** Where the sync comes from. */
  readonly nets?: readonly string[];
  readonly dovecot?: Partial<DovecotOptions>;
  /** False: the names are known to Dovecot alone. */
  readonly accounts?: boolean;
  /** Opens the database; an SQLite file of the lab without it. */
  readonly openDatabase?: () => Promise<Database>;
}

export async function startAppPasswordLab(
  names: readonly string[],
  options: LabOptions = {},
): Promise<AppPasswordLab> {
  const { lifeMs = 3_600_000, nets = [`${syncFrom}/32`] } = options;
  const dir = mkdtempSync(join(tmpdir(), 'mf-app-password-lab-'));
  mkdirSync(join(dir, 'edge'));
  const users = names.map((name) => ({ name, password: `own-${name}` }));
  const { extra = '', ...more } = options.dovecot ?? {};
  const dovecot = await startDovecot({ users, tls: false, extra: `${noPenalty}${extra}`, ...more });
  const database = await (options.openDatabase?.() ??
    openDatabase({ url: join(dir, 'database'), clock: systemClock }));
  const key = new EnvelopeKey(new Uint8Array(32).fill(7));
  const ids = new Map<string, string>();
  for (const name of options.accounts === false ? [] : names) {
    const account = { address: `${name}@example.org`, oldLogin: name, newLogin: name };
    ids.set(name, await addAccount(database.db, account, 'test', systemClock.now()));
  }
  mkdirSync(join(dovecot.dir, 'conf.d'));
  const told = ['--config-directory', dovecot.dir, '--directory', join(dir, 'edge'), '--apply'];
  await promisify(execFile)(process.execPath, [bin, 'config', 'dovecot', ...told]);
  await dovecot.restart();
  const keeper = new AppPasswordKeeper({
    database,
    key,
    clock: systemClock,
    settings: { old: { nets, lifeMs }, new: null },
    actor: 'worker:lab',
  });
  const doveadm = doveadmOf('doveadm', dovecot.dir) ?? [];
  const log = openLog({ level: 'error', format: 'json' }, { write: () => {} });
  let running: { readonly over: AbortController; readonly ended: Promise<void> } | null = null;
  const stopEdge = async () => {
    running?.over.abort();
    await running?.ended;
    running = null;
  };
  const login = (user: string, password: string, from: string) =>
    RawImap.login({ port: dovecot.imapPort, user, password, from });
  return {
    dir,
    dovecot,
    database,
    key,
    keeper,
    doveadm,
    idOf: (name) => {
      const id = ids.get(name);
      if (id === undefined) throw new Error(`no user ${name}`);
      return id;
    },
    startEdge: async (command = doveadm) => {
      const inside = { side: 'old', name: 'mx1', version: 'test' } as const;
      const control = await controlInside(database, key, inside, systemClock);
      const run = {
        side: 'old',
        directory: join(dir, 'edge'),
        peer: { host: 'new.example', port: 25 },
        table: null,
        socketmap: null,
        delimiters: null,
        groupReads: true,
        postfix: '/nowhere',
        dovecot: dovecot.dir,
        doctorMinutes: 0,
        doveadm: command,
      } as const;
      const edge = await openEdge({ run, control, clock: systemClock, log });
      const over = new AbortController();
      running = { over, ended: edge.follow(over.signal).then(() => edge.close()) };
    },
    stopEdge,
    syncLogin: (name, password) => login(name, password, syncFrom),
    ownLogin: (name) => login(name, `own-${name}`, people),
    close: async () => {
      await stopEdge();
      await database.close();
      await dovecot.stop();
      rmSync(dir, { recursive: true });
    },
  };
}
