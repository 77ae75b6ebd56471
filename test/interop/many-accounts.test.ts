/** From nothing to accounts in step, by the operator's verbs alone: init, serve, import, start, status, report. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { type Dovecot, startDovecot } from '../lab/dovecot.ts';
import { makeInstallation } from '../lab/installation.ts';
import { freePort } from '../lab/ports.ts';
import { accountOf, actAs, mailferry, startMailferry } from './mailferry.ts';

const users = [
  { name: 'anna@example.org', password: 'geheim-von-anna' },
  { name: 'bert@example.org', password: 'geheim-von-bert' },
] as const;
const [anna] = users;
const masterUser = { name: 'ferry', password: 'master-canary-91' };
const ownPassword = users[1].password;
const dir = mkdtempSync(join(tmpdir(), 'mf-many-'));
const etc = join(dir, 'etc');
let old: Dovecot;
let fresh: Dovecot;

beforeAll(async () => {
  old = await startDovecot({ users, masterUser, tls: false });
  fresh = await startDovecot({ users, masterUser, tls: false });
});
afterAll(async () => {
  await Promise.all([old?.stop(), fresh?.stop()]);
  rmSync(dir, { recursive: true });
});

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  for (let i = 0; i < 200; i += 1) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`not in time: ${what}`);
}

test('an operator brings accounts in step, by master user and by their own passwords', {
  timeout: 120_000,
}, async () => {
  const passwordFile = join(dir, 'master');
  writeFileSync(passwordFile, masterUser.password);
  const master = (side: string) => [
    `--${side}-master-user`,
    masterUser.name,
    `--${side}-master-password-file`,
    passwordFile,
  ];
  const listen = `127.0.0.1:${await freePort()}`;
  const made = await mailferry([
    'init',
    '--directory',
    etc,
    '--database',
    join(dir, 'mailferry.sqlite'),
    '--listen',
    listen,
    '--old-host',
    `127.0.0.1:${old.imapPort}`,
    ...master('old'),
    '--new-host',
    `127.0.0.1:${fresh.imapPort}`,
    ...master('new'),
  ]);
  expect([made.code, made.stderr]).toEqual([0, '']);
  const env = {
    MAILFERRY_CONFIG: join(etc, 'mailferry.toml'),
    MAILFERRY__OLD__TLS: 'none',
    MAILFERRY__NEW__TLS: 'none',
  };
  const run = (...args: string[]) => mailferry(args, env);
  const status = async () => (await run('sync', 'status', '--json')).last();
  const letter = (subject: string) => Buffer.from(`Subject: ${subject}\r\n\r\n${subject}\r\n`);
  const imap = await actAs(old, anna);
  await imap.append('INBOX', letter('one'));

  const daemon = startMailferry(['serve'], env);
  onTestFinished(() => daemon.kill('SIGKILL'));
  await daemon.printed('"ready"');
  const second = await run('serve');
  expect([second.code, second.stderr]).toEqual([2, expect.stringContaining('is held by process')]);

  const list = join(dir, 'list.csv');
  writeFileSync(
    list,
    `address,team,old_password,new_password\n${anna.name},T,,\nbert@example.org,T,${ownPassword},${ownPassword}\n`,
  );
  expect((await run('accounts', 'import', list)).code).toBe(0);
  expect((await run('sync', 'start', '--team', 'T')).stdout).toContain('2 accounts changed');
  await until('both in step', async () => {
    const { phases } = (await status()) as { phases: Record<string, number> };
    return phases['in-step'] === 2;
  });
  const onNew = async () => (await accountOf(fresh, anna)).get('INBOX')?.messages.length;
  expect(await onNew()).toBe(1);
  await imap.append('INBOX', letter('two'));
  await until('new mail on new', async () => (await onNew()) === 2);

  expect((await run('sync', 'pause', anna.name, '--why', 'holiday')).code).toBe(0);
  expect(await status()).toMatchObject({ paused: 1 });
  expect((await run('sync', 'resume', '--all')).stdout).toContain('1 account changed, 1 not');
  await imap.append('INBOX', letter('three'));
  await until('mail after the pause on new', async () => (await onNew()) === 3);
  await imap.logout();
  const report = await run('report', anna.name);
  expect([report.code, report.stdout]).toEqual([
    0,
    expect.stringMatching(/phase +in-step[\s\S]*No message was refused/),
  ]);
  await until('numbers', async () => (await status()).messagesDone === 3);

  daemon.kill('SIGTERM');
  const ended = await daemon.done;
  expect([ended.code, ended.stderr]).toEqual([0, '']);
  const token = readFileSync(join(etc, 'operator.token'), 'utf8').trim();
  const stored = readdirSync(dir)
    .filter((name) => name.startsWith('mailferry.sqlite'))
    .map((name) => readFileSync(join(dir, name), 'latin1'));
  for (const secret of [masterUser.password, ownPassword, token]) {
    expect(ended.stdout + report.stdout + stored.join('')).not.toContain(secret);
  }
  expect(stored.join('')).toContain(anna.name);
});

test('accounts without passwords go on by a master user that the database keeps sealed', {
  timeout: 60_000,
}, async () => {
  const place = await makeInstallation({ dir: join(dir, 'sealed'), old, fresh });
  const env = { MAILFERRY_CONFIG: place.configFile };
  const told: string[] = [];
  const run = async (...args: string[]) => {
    const ran = await mailferry(args, env);
    told.push(ran.stdout, ran.stderr);
    return ran;
  };
  const passwordFile = join(dir, 'sealed-master');
  writeFileSync(passwordFile, `${masterUser.password}\n`, { mode: 0o600 });
  const daemon = startMailferry(['serve'], env);
  onTestFinished(() => daemon.kill('SIGKILL'));
  await daemon.printed('"ready"');
  const list = join(dir, 'sealed.csv');
  writeFileSync(list, `address\n${anna.name}\n`);
  await run('accounts', 'import', list);
  await run('sync', 'start', '--all');
  const show = async () => (await run('accounts', 'show', anna.name, '--json')).last();
  await until('nobody to log in as', async () => JSON.stringify(await show()).includes('secret-missing'));
  expect((await run('server', 'list')).stdout).toMatch(/old +127\.0\.0\.1:\d+ +none: each account/);
  for (const side of ['old', 'new']) {
    const set = await run(
      'server',
      'set-master-user',
      side,
      masterUser.name,
      '--password-file',
      passwordFile,
    );
    expect([set.code, set.stderr]).toEqual([0, '']);
  }
  expect((await run('server', 'list', '--json')).lines()).toMatchObject([
    { type: 'server', side: 'old', masterUser: { login: masterUser.name, from: 'database' } },
    { type: 'server', side: 'new', masterUser: { login: masterUser.name, from: 'database' } },
  ]);
  await run('sync', 'retry', '--all');
  await until('in step', async () => (await show()).phase === 'in-step');
  expect((await run('server', 'remove-master-user', 'old', '--json')).last()).toEqual({
    type: 'removed',
    side: 'old',
  });
  expect((await run('server', 'list')).stdout).toMatch(/old .*none: each account/);
  expect((await run('server', 'set-master-user', 'both', 'x')).code).toBe(2);
  daemon.kill('SIGTERM');
  const { stdout } = await daemon.done;
  expect(stdout + told.join('')).not.toContain(masterUser.password);
  const stored = readdirSync(join(dir, 'sealed')).map((name) =>
    readFileSync(join(dir, 'sealed', name), 'latin1'),
  );
  expect(stored.join('')).not.toContain(masterUser.password);
});
