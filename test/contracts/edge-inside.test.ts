/** The edges within `mailferry serve`, as operators configure them: no code, no token, and the same table for Postfix. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { Secret } from '../../src/base/secret.ts';
import { accountOf, addAccount, changePhase } from '../../src/state/database/accounts.ts';
import { addEdge } from '../../src/state/database/edges.ts';
import { type Database, openDatabase } from '../../src/state/database/open-database.ts';
import { mailferry, type Running, startMailferry } from '../interop/mailferry.ts';
import { type Installation, makeInstallation } from '../lab/installation.ts';
import { freePort } from '../lab/ports.ts';
import { type Postgres, startPostgres } from '../lab/postgres.ts';

interface EdgeAnswer {
  readonly id: string;
  readonly name: string;
  readonly side: string;
  readonly epoch: number;
  readonly seenAt: string | null;
  readonly findings: readonly unknown[];
}

/** Nobody listens there: no account here has begun, so nobody is asked. */
const noImap = { imapPort: 1 };

describe.each(['SQLite', 'PostgreSQL'] as const)('an edge inside, on %s', (kind) => {
  let server: Postgres | null = null;
  let dir: string;
  let installation: Installation;
  let url: string;
  let daemon: Running | null = null;

  beforeAll(async () => {
    if (kind === 'PostgreSQL') server = await startPostgres();
  }, 60_000);
  afterAll(() => server?.stop());
  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'mf-edge-inside-'));
    const postgres = server === null ? null : { url: await server.newDatabase(), password: server.password };
    installation = await makeInstallation({
      dir,
      old: noImap,
      fresh: noImap,
      ...(postgres === null ? {} : { postgres }),
      more: bothEdges(),
    });
    url = postgres?.url ?? installation.databaseFile;
  });
  afterEach(async () => {
    daemon?.kill('SIGKILL');
    await daemon?.done;
    daemon = null;
    rmSync(dir, { recursive: true });
  });

  const bothEdges = () =>
    `[old.edge]\ndirectory = "${join(dir, 'edge-old')}"\npeer = "new.example"\n` +
    `[new.edge]\ndirectory = "${join(dir, 'edge-new')}"\npeer = "old.example:2525"\n`;
  const withDatabase = async (work: (database: Database) => Promise<void>) => {
    const password = server === null ? undefined : new Secret(server.password);
    const database = await openDatabase({ url, password, clock: systemClock });
    try {
      await work(database);
    } finally {
      await database.close();
    }
  };
  const addMoved = (name: string) =>
    withDatabase(async ({ db }) => {
      const account = { address: `${name}@example.org`, oldLogin: name, newLogin: name };
      const accountId = await addAccount(db, account, 'test', 0);
      for (const event of ['start', 'agree', 'switch', 'commit'] as const)
        await changePhase(db, { accountId, event, actor: 'test' });
      expect(await accountOf(db, accountId)).toMatchObject({ phase: 'switched' });
    });
  const start = async (...args: string[]) => {
    daemon = startMailferry(args.length === 0 ? ['serve'] : args, env());
    await daemon.printed('"ready"');
  };
  const env = () => ({ MAILFERRY_CONFIG: installation.configFile });
  const end = async (signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM') => {
    daemon?.kill(signal);
    return await daemon?.done;
  };
  const api = async (method: string, path: string, body?: string) => {
    const response = await fetch(`${installation.origin}/api/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${readFileSync(installation.tokenFile, 'utf8').trim()}`,
        ...(body === undefined ? {} : { 'content-type': 'text/csv' }),
      },
      ...(body === undefined ? {} : { body }),
    });
    const text = await response.text();
    expect([response.ok, text]).toEqual([true, expect.anything()]);
    return text === '' ? null : JSON.parse(text);
  };
  const listed = async () => {
    const { edges, epoch } = (await api('GET', '/edges')) as {
      readonly edges: readonly EdgeAnswer[];
      readonly epoch: number;
    };
    return edges.map((edge) => ({ ...edge, latest: epoch }));
  };
  const allInForce = () =>
    expect
      .poll(async () => (await listed()).map(({ epoch, latest }) => latest - epoch), { timeout: 20_000 })
      .toEqual([0, 0]);
  const route = (side: string, address: string) => {
    try {
      const map = `lmdb:${join(dir, `edge-${side}`, 'transport')}`;
      return execFileSync('postmap', ['-q', address, map], { encoding: 'utf8', stdio: 'pipe' }).trim();
    } catch {
      return null;
    }
  };
  const importOne = async (name: string) => {
    await api('POST', '/accounts/import', `address\n${name}@example.org\n`);
  };

  it('keeps the tables of both sides, follows each change, and is listed among the edges', async () => {
    await addMoved('anna');
    await start();
    await allInForce();
    expect(await listed()).toMatchObject(
      ['new', 'old'].map((side) => ({
        name: `${hostname()}-${side}`,
        side,
        findings: [],
        seenAt: expect.stringMatching(/^20/),
      })),
    );
    expect(route('old', 'anna@example.org')).toBe('mailferry:[new.example]:25');
    expect(route('new', 'anna@example.org')).toBe(':');
    expect(route('new', 'bela@example.org')).toBeNull();
    await importOne('bela');
    await expect
      .poll(() => route('new', 'bela@example.org'), { timeout: 5_000 })
      .toBe('mailferry:[old.example]:2525');
    expect(route('old', 'bela@example.org')).toBeNull();
    await allInForce();
    expect(statSync(join(dir, 'edge-old')).mode & 0o077).toBe(0);
  });

  it('what it has stays in force without the daemon, and the next start takes the same place, also after a kill', async () => {
    await addMoved('anna');
    await start();
    await allInForce();
    const before = (await listed()).map(({ id }) => id);
    expect((await end())?.code).toBe(0);
    expect(route('old', 'anna@example.org')).toBe('mailferry:[new.example]:25');
    rmSync(join(dir, 'edge-old', 'transport.lmdb'));
    await start();
    await end('SIGKILL');
    await start();
    await allInForce();
    expect(route('old', 'anna@example.org')).toBe('mailferry:[new.example]:25');
    expect((await listed()).map(({ id }) => id)).toEqual(before);
  });

  it('one that is removed learns nothing more, until the next start makes it known again', async () => {
    await start();
    await allInForce();
    const [, old] = await listed();
    const [fresh] = await listed();
    await api('DELETE', `/edges/${fresh?.id}`);
    await importOne('bela');
    await daemon?.printed('this edge was removed');
    expect(route('new', 'bela@example.org')).toBeNull();
    expect((await listed()).map(({ id }) => id)).toEqual([old?.id]);
    await end();
    await start();
    await allInForce();
    expect(route('new', 'bela@example.org')).toBe('mailferry:[old.example]:2525');
  });

  it.runIf(kind === 'SQLite')(
    'does not start beside another edge of its name or in its directory, and says so',
    async () => {
      await withDatabase(async ({ db }) => {
        const other = {
          side: 'old',
          name: `${hostname()}-old`,
          codeHash: 'c'.repeat(64),
          codeForMs: 60_000,
        } as const;
        await addEdge(db, other, 'test', 0);
      });
      const refused = await mailferry(['serve'], env());
      expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('there is an edge')]);
      const text = readFileSync(installation.configFile, 'utf8');
      writeFileSync(installation.configFile, text.replace('[old.edge]\n', '[old.edge]\nname = "mx1"\n'));
      await start();
      await allOf(['mx1']);
      const second = join(dir, 'second');
      mkdirSync(second);
      writeFileSync(
        join(second, 'mailferry.toml'),
        readFileSync(installation.configFile, 'utf8')
          .replace(/listen = "[^"]*"/, `listen = "127.0.0.1:${await freePort()}"`)
          .replace(/url = "[^"]*"/, `url = "${join(second, 'other.sqlite')}"`),
      );
      const beside = await mailferry(['serve', '--config', join(second, 'mailferry.toml')], {});
      expect([beside.code, beside.stderr]).toEqual([
        2,
        expect.stringMatching(/the replica .* is held by process/),
      ]);
    },
  );

  const allOf = async (names: readonly string[]) =>
    expect((await listed()).map(({ name }) => name)).toEqual(expect.arrayContaining([...names]));

  it.runIf(kind === 'SQLite')('answers by socketmap without a table where that is configured', async () => {
    await addMoved('anna');
    const port = await freePort();
    const text = readFileSync(installation.configFile, 'utf8');
    const keys = `table = false\nsocketmap = "127.0.0.1:${port}"\ndelimiters = "+"\n`;
    writeFileSync(installation.configFile, text.replace('[old.edge]\n', `[old.edge]\n${keys}`));
    await start();
    await allInForce();
    const map = `socketmap:inet:127.0.0.1:${port}:transport`;
    const answer = execFileSync('postmap', ['-q', 'Anna+x@example.org', map], { encoding: 'utf8' });
    expect(answer.trim()).toBe('mailferry:[new.example]:25');
    expect(existsSync(join(dir, 'edge-old', 'transport.lmdb'))).toBe(false);
  });

  it.runIf(kind === 'PostgreSQL')('is none of a control that runs apart', async () => {
    await start('control');
    expect(await listed()).toEqual([]);
    const ended = await end();
    expect(ended?.stdout).toContain('that is for `mailferry serve`');
    expect(existsSync(join(dir, 'edge-old'))).toBe(false);
  });
});
