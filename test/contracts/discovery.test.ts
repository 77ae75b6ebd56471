/** Which addresses old has: read in each way, adopted, missed; and lists that are not believed. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { notesOf, setNotes } from '../../src/state/database/account-notes.ts';
import { accountView } from '../../src/state/database/account-list.ts';
import { auditOf } from '../../src/state/database/audit.ts';
import { changePhase } from '../../src/state/database/accounts.ts';
import { importAccounts } from '../../src/state/database/import-accounts.ts';
import { discoveredPage, lastLook } from '../../src/state/database/discovered.ts';
import { EnvelopeKey } from '../../src/state/database/envelope.ts';
import type { Database } from '../../src/state/database/open-database.ts';
import { Secret } from '../../src/base/secret.ts';
import {
  type AddressSource,
  Discovery,
  passwdFileAddresses,
  programAddresses,
  sqlAddresses,
  SqlHashes,
} from '../../src/provisioning/index.ts';
import type { ForeignDatabase } from '../../src/state/foreign-database.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { startDovecot } from '../lab/dovecot.ts';
import { startPostgres } from '../lab/postgres.ts';
import { describeOnBoth } from './database-env.ts';
import { type ControlEnv, startControlFor } from './control-env.ts';

const dir = mkdtempSync(join(tmpdir(), 'mf-discovery-'));
afterAll(() => rmSync(dir, { recursive: true }));
const key = new EnvelopeKey(new Uint8Array(32).fill(7));
const { signal } = new AbortController();
const file = (name: string, text: string, mode = 0o600) => {
  writeFileSync(join(dir, name), text);
  chmodSync(join(dir, name), mode);
  return join(dir, name);
};
const addresses = async (source: AddressSource) => (await source.list(signal)).map(({ address }) => address);

describe('each kind of list', () => {
  test('a passwd-file: all its users, with the domain where they have none; half a file is none', async () => {
    const users = file('users', '# all\nanna:{PLAIN}x:1:1::/h::\nbela@other.org:{PLAIN}y\n\n:nobody\n');
    expect(await addresses(passwdFileAddresses(users, 'example.org'))).toEqual([
      'anna@example.org',
      'bela@other.org',
    ]);
    expect(await addresses(passwdFileAddresses(users, null))).toEqual(['bela@other.org']);
    const half = file('half', 'anna:{PLAIN}x\nbel');
    await expect(passwdFileAddresses(half, 'example.org').list(signal)).rejects.toMatchObject({
      code: 'discovery-failed',
    });
    await expect(passwdFileAddresses(join(dir, 'none'), null).list(signal)).rejects.toMatchObject({
      code: 'discovery-failed',
    });
  });

  test('doveadm on a real Dovecot', async () => {
    const users = ['anna', 'bela@other.org'].map((name) => ({ name, password: 'x' }));
    await using dovecot = await startDovecot({ users, tls: false });
    const argv = ['/usr/bin/doveadm', '-c', dovecot.configFile, 'user', '*'];
    const source = programAddresses('doveadm', { argv, domain: 'example.org', deadlineMs: 10_000 });
    expect((await addresses(source)).sort()).toEqual(['anna@example.org', 'bela@other.org']);
    const broken = programAddresses('doveadm', {
      argv: [...argv.slice(0, 2), '/nothing', 'user', '*'],
      domain: null,
      deadlineMs: 10_000,
    });
    await expect(broken.list(signal)).rejects.toMatchObject({ code: 'discovery-failed' });
  });

  test('a program: plain lines and JSON; one that fails, or prints half of it, gives no list', async () => {
    const line = JSON.stringify({
      login: 'anna',
      address: 'Anna@Example.org',
      quotaBytes: 5,
      aliases: ['i@example.org'],
      team: 'T',
    });
    const source = (script: string, deadlineMs = 5_000) =>
      programAddresses('command', {
        argv: [file(`p${script.length}`, `#!/bin/sh\n${script}\n`, 0o755)],
        domain: null,
        deadlineMs,
      });
    expect(
      await source(`grep -q '"do":"list"' && echo '${line}' && echo bela@example.org`).list(signal),
    ).toEqual([
      { address: 'anna@example.org', login: 'anna', quotaBytes: 5, aliases: ['i@example.org'], team: 'T' },
      { address: 'bela@example.org', login: 'bela@example.org', quotaBytes: null, aliases: [], team: null },
    ]);
    for (const script of [
      'echo anna@example.org; exit 1',
      `printf '%s' '${line.slice(0, 20)}'`,
      'sleep 3; echo late@example.org',
    ])
      await expect(source(script, 500).list(signal)).rejects.toMatchObject({ code: 'discovery-failed' });
  });

  const rows = `create table mailbox (username text, name text, quota bigint, active int);
    insert into mailbox values ('anna@example.org', 'anna', 1000, 1), ('bela@example.org', 'bela', 0, 1), ('no@example.org', 'no', 0, 0)`;
  const query =
    'select username as address, name as login, quota as quota_bytes from mailbox where active = 1 order by 1';
  const found = [
    { address: 'anna@example.org', login: 'anna', quotaBytes: 1_000, aliases: [], team: null },
    { address: 'bela@example.org', login: 'bela', quotaBytes: null, aliases: [], team: null },
  ];

  /** The same database knows hashes, one login at a time. */
  async function hashesAre(asked: ForeignDatabase): Promise<void> {
    const hashes = new SqlHashes(asked, "select '{SSHA}' || name from mailbox where username = $1");
    expect((await hashes.hashOf('anna@example.org'))?.reveal()).toBe('{SSHA}anna');
    for (const nobody of ['nobody@example.org', "' or '1'='1"])
      expect(await hashes.hashOf(nobody)).toBeNull();
    for (const wrong of ['select active from mailbox where username = $1', 'select nothing where $1 = 1'])
      await expect(new SqlHashes(asked, wrong).hashOf('anna@example.org')).rejects.toMatchObject({
        code: 'provisioning-pending',
      });
  }

  test('a question to an SQLite file, which is only read', async () => {
    const url = join(dir, 'mail.sqlite');
    const database = new DatabaseSync(url);
    database.exec(rows);
    database.close();
    const asked = { url, password: undefined, deadlineMs: 5_000 };
    expect(await sqlAddresses(asked, query, null).list(signal)).toEqual(found);
    for (const wrong of [
      'delete from mailbox returning username as address',
      'select 1 as one',
      'select nothing',
    ])
      await expect(sqlAddresses(asked, wrong, null).list(signal)).rejects.toMatchObject({
        code: 'discovery-failed',
      });
    expect(await sqlAddresses(asked, query, null).list(signal)).toEqual(found);
    await hashesAre(asked);
  });

  test('a question to a PostgreSQL, which is only read', async () => {
    const server = await startPostgres();
    try {
      const url = await server.newDatabase();
      const asked = { url, password: new Secret(server.password), deadlineMs: 5_000 };
      const whole = new URL(url);
      whole.password = server.password;
      const client = new pg.Client({ connectionString: whole.href });
      await client.connect();
      await client.query(rows);
      await client.end();
      expect(await sqlAddresses(asked, query, null).list(signal)).toEqual(found);
      await hashesAre(asked);
      const wrong = sqlAddresses(asked, 'delete from mailbox returning username as address', null);
      await expect(wrong.list(signal)).rejects.toMatchObject({ message: expect.stringMatching(/read-only/) });
      const slow = sqlAddresses({ ...asked, deadlineMs: 200 }, 'select pg_sleep(5), 1 as address', null);
      await expect(slow.list(signal)).rejects.toMatchObject({ code: 'discovery-failed' });
    } finally {
      await server.stop();
    }
  }, 60_000);
});

describeOnBoth('discovery', (env) => {
  let listed: readonly string[] = [];
  let fails = false;
  const source: AddressSource = {
    name: 'command',
    list: async () => {
      if (fails) throw new Error('the list broke');
      return listed.map((address) => ({
        address,
        login: address,
        quotaBytes: null,
        aliases: [],
        team: null,
      }));
    },
  };
  const told: object[] = [];
  const made = (database: Database = env.database) =>
    new Discovery({
      database,
      key,
      clock: new FakeClock(),
      log: { info: (fields) => told.push(fields), warn: (fields) => told.push(fields) },
      source,
    });
  const look = (dryRun = false, discovery = made()) => discovery.look({ dryRun, actor: 'operator:test' });
  const names = (...numbers: readonly number[]) => numbers.map((n) => `u${n}@example.org`);
  const stateOf = async (address: string) => {
    const { id } = await accountView(env.database.db, address);
    const page = { after: '', limit: 99 };
    for (const state of ['adopted', 'missing', 'vanished'] as const) {
      const all = await discoveredPage(env.database.db, { state, ...page });
      if (all.some(({ accountId }) => accountId === id)) return state;
    }
    return null;
  };

  test('new addresses become accounts on old, once; a dry run makes none', async () => {
    listed = names(1, 2, 3);
    expect(await look(true)).toMatchObject({ listed: 3, adopted: names(1, 2, 3) });
    await expect(accountView(env.database.db, 'u1@example.org')).rejects.toMatchObject({
      code: 'account-unknown',
    });
    expect(await look()).toMatchObject({ listed: 3, adopted: names(1, 2, 3), missing: [], vanished: [] });
    expect(await accountView(env.database.db, 'u1@example.org')).toMatchObject({
      phase: 'old',
      oldLogin: 'u1@example.org',
    });
    expect(await look()).toMatchObject({ adopted: [] });
    listed = names(1, 2, 3, 4);
    expect(await look()).toMatchObject({ adopted: names(4) });
    expect(await stateOf('u4@example.org')).toBe('adopted');
  });

  test('a new address joins the team of its domain, but only where all of the domain are in it', async () => {
    const { db } = env.database;
    const enter = async (team: string | null, ...entered: readonly string[]) => {
      const rows = entered.map((address, at) => ({
        line: at + 1,
        address,
        team,
        oldLogin: address,
        newLogin: null,
        quotaBytes: null,
        aliases: [],
        oldPassword: null,
        newPassword: null,
        teamAdmin: null,
      }));
      const options = { key, actor: 'operator:test', nowMs: 1, dryRun: false };
      expect((await importAccounts(db, rows, options)).faults).toEqual([]);
    };
    const teamOf = async (address: string) => (await accountView(db, address)).team;
    // Looked at before anybody was entered: that a domain was once without a team does not keep it so.
    listed = names(1, 2);
    await look();
    await enter('Berg', ...names(1, 2));
    listed = names(1, 2, 3);
    await look();
    expect(await teamOf('u3@example.org')).toBe('Berg');
    // Two customers of one domain, and one who belongs to neither.
    await enter('Tal', 'a@shared.org');
    await enter('Berg', 'b@shared.org');
    await enter('Tal', 'a@private.org');
    await enter(null, 'b@private.org');
    listed = [...listed, 'a', 'b', 'c'].flatMap((one) =>
      one.includes('@') ? [one] : [`${one}@shared.org`, `${one}@private.org`],
    );
    expect(await look()).toMatchObject({ adopted: ['c@shared.org', 'c@private.org'] });
    expect([await teamOf('c@shared.org'), await teamOf('c@private.org')]).toEqual([null, null]);
  });

  test('one that vanishes is told at the second look, and nothing of it changes; when it is back, that is taken back', async () => {
    listed = names(...Array.from({ length: 20 }, (_, n) => n));
    const discovery = made();
    await look(false, discovery);
    const { db } = env.database;
    const { id } = await accountView(db, 'u7@example.org');
    await changePhase(db, { accountId: id, event: 'start', actor: 'test' });
    const before = await accountView(db, 'u7@example.org');
    listed = listed.filter((one) => one !== 'u7@example.org');
    expect(await look(false, discovery)).toMatchObject({ missing: names(7), vanished: [] });
    expect((await notesOf(db, id)).attention).toBeNull();
    expect(await look(true, discovery)).toMatchObject({ vanished: names(7) });
    expect(await stateOf('u7@example.org')).toBe('missing');
    expect(await look(false, discovery)).toMatchObject({ missing: [], vanished: names(7) });
    expect((await notesOf(db, id)).attention).toMatchObject({ code: 'account-vanished' });
    expect((await auditOf(db, id, 1))[0]).toMatchObject({
      action: 'account.vanished',
      actor: 'operator:test',
    });
    const { phase, addresses: all, oldLogin } = await accountView(db, 'u7@example.org');
    expect({ phase, all, oldLogin }).toEqual({
      phase: before.phase,
      all: before.addresses,
      oldLogin: before.oldLogin,
    });
    expect(await look(false, discovery)).toMatchObject({ missing: [], vanished: [] });
    listed = [...listed, 'u7@example.org'];
    expect(await look(false, discovery)).toMatchObject({ adopted: [], returned: 1 });
    expect((await notesOf(db, id)).attention).toBeNull();
  });

  test('what else is wrong with the account stays told', async () => {
    listed = names(1, 2, 3, 4);
    await look();
    const { db } = env.database;
    const { id } = await accountView(db, 'u1@example.org');
    const attention = { code: 'login-refused', reason: 'no', action: 'Look.', sinceMs: 5 } as const;
    await setNotes(db, id, { attention }, { actor: 'worker:1' });
    listed = names(2, 3, 4);
    await look();
    await look();
    expect(await stateOf('u1@example.org')).toBe('vanished');
    expect((await notesOf(db, id)).attention).toMatchObject({ code: 'login-refused' });
  });

  test.each([
    ['is empty', () => [], 'discovery-stopped'],
    ['lacks most accounts', () => names(1), 'discovery-stopped'],
    ['is of another server', () => ['x@other.org', 'y@other.org'], 'discovery-stopped'],
  ])('a list that %s adopts nobody and misses nobody', async (_, wrong, code) => {
    listed = names(...Array.from({ length: 30 }, (_one, n) => n));
    await look();
    listed = wrong();
    for (let times = 0; times < 3; times++) await expect(look()).rejects.toMatchObject({ code });
    const { db } = env.database;
    for (const state of ['missing', 'vanished'] as const)
      expect(await discoveredPage(db, { state, after: '', limit: 9 })).toEqual([]);
    await expect(accountView(db, 'x@other.org')).rejects.toMatchObject({ code: 'account-unknown' });
    expect(await lastLook(db, 'command')).toMatchObject({ code, listed: 30, goodAtMs: expect.any(Number) });
  });

  test('a list that breaks is no list', async () => {
    listed = names(1, 2);
    await look();
    fails = true;
    try {
      await expect(look()).rejects.toThrow(/broke/);
    } finally {
      fails = false;
    }
    expect(await stateOf('u1@example.org')).toBe('adopted');
  });

  test('a new alias goes to its account, which keeps those that are no longer listed', async () => {
    let aliases: readonly string[] = ['one@example.org'];
    const list = async () =>
      ['anna', 'bela'].map((name) => ({
        address: `${name}@example.org`,
        login: name,
        quotaBytes: null,
        aliases: name === 'anna' ? aliases : [],
        team: null,
      }));
    const { db } = env.database;
    const discovery = new Discovery({
      database: env.database,
      key,
      clock: new FakeClock(),
      log: { info: () => {}, warn: () => {} },
      source: { name: 'command', list },
    });
    const of = async (name: string) => (await accountView(db, `${name}@example.org`)).addresses;
    expect(await look(false, discovery)).toMatchObject({ aliases: [] });
    aliases = ['two@example.org', 'bela@example.org'];
    expect(await look(true, discovery)).toMatchObject({ aliases: ['two@example.org'], skipped: [] });
    expect(await of('anna')).not.toContain('two@example.org');
    expect(await look(false, discovery)).toMatchObject({ adopted: [], aliases: ['two@example.org'] });
    expect(await of('anna')).toEqual(['anna@example.org', 'one@example.org', 'two@example.org']);
    expect(await of('bela')).toEqual(['bela@example.org']);
    expect(await look(false, discovery)).toMatchObject({ aliases: [] });
    const { id } = await accountView(db, 'anna@example.org');
    expect((await auditOf(db, id, 1))[0]).toMatchObject({
      action: 'account.update',
      actor: 'operator:test',
      detail: { columns: ['aliases'] },
    });
  });

  test('entries that cannot be taken in keep nobody else out', async () => {
    listed = names(1);
    await look();
    const withAlias: AddressSource = {
      name: 'command',
      list: async () => [
        { address: 'u1@example.org', login: 'u1', quotaBytes: null, aliases: [], team: null },
        { address: 'good@example.org', login: 'good', quotaBytes: null, aliases: [], team: null },
        {
          address: 'thief@example.org',
          login: 'thief',
          quotaBytes: null,
          aliases: ['taken@example.org'],
          team: null,
        },
        {
          address: 'owner@example.org',
          login: 'owner',
          quotaBytes: null,
          aliases: ['taken@example.org'],
          team: null,
        },
      ],
    };
    const discovery = new Discovery({
      database: env.database,
      key,
      clock: new FakeClock(),
      log: { info: () => {}, warn: () => {} },
      source: withAlias,
    });
    expect(await look(false, discovery)).toMatchObject({
      adopted: ['good@example.org', 'thief@example.org', 'owner@example.org'],
      skipped: [],
    });
    expect(await accountView(env.database.db, 'taken@example.org')).toMatchObject({
      address: 'thief@example.org',
    });
  });
});

describe('by the clock', () => {
  let control: ControlEnv;
  let database: Database;
  let list: string;
  beforeAll(async () => {
    const { openDatabase } = await import('../../src/state/database/open-database.ts');
    database = await openDatabase({ url: join(dir, 'by-clock'), clock: new FakeClock() });
    list = file('list.csv', 'address,old_login,quota\nanna@example.org,anna,1 GB\n');
    control = await startControlFor(database, {
      toml: `[old.discovery]\nkind = "csv"\nfile = "${list}"\nevery_seconds = 1`,
    });
  });
  afterAll(async () => {
    await control?.close();
    await database?.close();
  });

  const until = async (work: () => Promise<boolean>) => {
    const end = Date.now() + 15_000;
    while (!(await work())) {
      if (Date.now() > end) expect.fail('not in time');
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  };
  const discovered = async (state: string) =>
    (await control.call('GET', `/api/v1/discovered?state=${state}`)).body;

  test('an address that old gets is an account soon after, and the API says so', async () => {
    await until(async () => (await control.call('GET', '/api/v1/accounts/anna@example.org')).status === 200);
    writeFileSync(list, 'address,old_login\nanna@example.org,anna\nbela@example.org,bela\n');
    await until(async () => (await control.call('GET', '/api/v1/accounts/bela@example.org')).status === 200);
    expect(await discovered('adopted')).toMatchObject({
      source: 'csv',
      look: { listed: 2, code: null },
      counts: { adopted: 2, missing: 0, vanished: 0 },
      addresses: [{ address: 'anna@example.org' }, { address: 'bela@example.org' }],
      next: null,
    });
  });

  test('a list with a fault is told by its line, and misses nobody', async () => {
    writeFileSync(list, 'address\nanna@example.org\nnonsense\n');
    await until(
      async () =>
        (await discovered('vanished')).look !== null &&
        /line 3/.test(JSON.stringify((await discovered('vanished')).look)),
    );
    const answer = await control.call('POST', '/api/v1/discover', {});
    expect([answer.status, answer.body.code]).toEqual([502, 'discovery-failed']);
    expect((await discovered('vanished')).counts).toMatchObject({ missing: 0, vanished: 0 });
  });
});
