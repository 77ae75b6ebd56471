/**
 * Secrets never leave: every password is a canary that is looked for in all that a daemon wrote, and in the memory of
 * a daemon that was started anew. There only what it has used since may be found. The program's own secrets (its key, its
 * passwords for the database and for mail, what signs webhooks) lie in files of theirs, and are looked for in all else; and
 * so are the hashes that it puts on new, which the replica of an edge alone may hold.
 */
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, statSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { DatabaseSync } from 'node:sqlite';
import { promisify } from 'node:util';
import { SMTPServer } from 'smtp-server';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { accountOf, actAs } from '../interop/mailferry.ts';
import { judge } from '../judge/invariants.ts';
import { type Dovecot, noPenalty, startDovecot } from '../lab/dovecot.ts';
import { startPostgres } from '../lab/postgres.ts';
import { makeServePlace, type ServePlace } from './serve-env.ts';
import { until } from './worker-env.ts';

const canary = (name: string) => `Kanarie-${name}-7Q2xL9`;
const used = ['u1', 'u2'].map((name) => ({ name, password: canary(name) }));
/** Imported and never started. */
const unused = ['n1', 'n2', 'n3'].map((name) => ({ name, password: canary(name) }));
/** Its password is wrong: a server that is told may say it again. */
const refused = { name: 'wrong', password: canary('wrong') };
/** Logs in to the portal, and agrees that a hash of the password is made for new. */
const owner = { name: 'owner', password: canary('owner') };
const secrets = [...used, ...unused, refused, owner].map(({ password }) => password);
const mailPassword = canary('mail');
let old: Dovecot;
let fresh: Dovecot;
let place: ServePlace;
let smtp: SMTPServer;
let mailDirectory: string;
/** Of the configuration; each daemon's edge has a place of its own. */
let more: (edge: string) => string;
/** Of u1, as old has it. */
let copied: string;
/** What the daemon said to the server for mails. */
const mailLogins: string[] = [];

beforeAll(async () => {
  const users = [...used, ...unused, owner, { ...refused, password: 'something-else' }];
  [old, fresh] = await Promise.all([
    startDovecot({ users, tls: false, extra: noPenalty }),
    startDovecot({ users, tls: false, extra: noPenalty }),
  ]);
  mailDirectory = mkdtempSync(join(tmpdir(), 'mf-canary-'));
  const passwordFile = join(mailDirectory, 'mail-password');
  writeFileSync(passwordFile, mailPassword, { mode: 0o600 });
  smtp = new SMTPServer({
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    onAuth: (auth, _session, callback) => {
      mailLogins.push(auth.password ?? '');
      callback(new Error('not for you'));
    },
  });
  await new Promise<void>((resolve) => smtp.listen(0, '127.0.0.1', resolve));
  const { port } = smtp.server.address() as AddressInfo;
  const passwdFile = join(mailDirectory, 'users-of-old');
  copied = (await old.doveadm(['pw', '-s', 'SHA512-CRYPT', '-p', canary('u1')])).trim();
  writeFileSync(passwdFile, `u1:${copied}:::::\n`, { mode: 0o600 });
  more = (edge) =>
    `[new.edge]\ndirectory = "${join(mailDirectory, edge)}"\npeer = "old.example"\ntable = false\n` +
    `[old.passwords]\nkind = "passwd-file"\nfile = "${passwdFile}"\n[new.provisioning]\nadapter = "sql"\n` +
    '[log]\nlevel = "debug"\n' +
    `[mail]\nhost = "127.0.0.1"\nport = ${port}\ntls = "none"\nfrom = "Post <post@example.org>"\n` +
    `user = "post"\npassword_file = "${passwordFile}"\n`;
  place = await makeServePlace({ old, fresh, more: more('edge') });
}, 60_000);
afterAll(async () => {
  await place?.close();
  await Promise.all([
    old?.stop(),
    fresh?.stop(),
    new Promise<void>((resolve) => smtp.close(() => resolve())),
  ]);
  rmSync(mailDirectory, { recursive: true, force: true });
});

/** A secret as it may stand somewhere: as it is, in base64 (alone or in SASL PLAIN), in UTF-16 as JavaScript keeps it. */
function formsOf(secret: string): Buffer[] {
  const plain = Buffer.from(secret);
  // Of three places in a base64 text one begins with the first octet, two lose what is shared with the octets before.
  const inner = [0, 1, 2].map((shift) => {
    const text = Buffer.concat([Buffer.alloc(shift), plain])
      .toString('base64')
      .replace(/=+$/, '');
    return Buffer.from(text.slice(shift === 0 ? 0 : shift + 1, -2));
  });
  return [plain, Buffer.from(secret, 'utf16le'), ...inner];
}

const foundIn = (bytes: Uint8Array, among: readonly string[] = secrets) => {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return among.filter((secret) => formsOf(secret).some((form) => all.includes(form)));
};

/**
 * The owner of a mailbox comes by, and an operator looks: every answer but those that hand a secret out for once. Gives
 * these answers, and the secrets that were handed out.
 */
async function usesPortal(own: ServePlace) {
  const answers: string[] = [];
  const call = async (method: string, path: string, auth: Record<string, string>, body?: unknown) => {
    const type = typeof body === 'string' ? 'text/csv' : 'application/json';
    const response = await fetch(`${own.origin}/api/v1${path}`, {
      method,
      headers: {
        ...auth,
        'sec-fetch-site': 'same-origin',
        ...(body === undefined ? {} : { 'content-type': type }),
      },
      body: body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body),
    });
    const text = await response.text();
    return { status: response.status, text, cookie: response.headers.get('set-cookie') ?? '' };
  };
  const told = async (...args: Parameters<typeof call>) => {
    const answer = await call(...args);
    answers.push(answer.text, answer.cookie);
    return answer;
  };
  const token = readFileSync(own.tokenFile, 'utf8').trim();
  const operator = { authorization: `Bearer ${token}` };
  const list = 'address,old_login,new_login\nowner@example.org,owner,owner\n';
  expect((await told('POST', '/accounts/import', operator, list)).status).toBe(200);
  const login = { login: 'owner@example.org', password: owner.password };
  expect((await told('POST', '/session', {}, { ...login, password: canary('mistyped') })).status).toBe(401);
  const { status, text, cookie: line } = await call('POST', '/session', {}, login);
  expect(status).toBe(200);
  answers.push(text);
  const [cookie = ''] = line.split(';');
  const id = (JSON.parse(text) as { person: { roles: { account: { id: string } } } }).person.roles.account.id;
  const consent = { kind: 'copy', keepPassword: true, password: owner.password };
  const wrong = { ...consent, password: canary('mistyped') };
  expect((await told('POST', `/accounts/${id}/plan`, { cookie }, wrong)).status).toBe(401);
  expect((await told('POST', `/accounts/${id}/plan`, { cookie }, consent)).status).toBe(200);
  const hook = JSON.parse(
    (await call('POST', '/webhooks', operator, { url: `${own.origin}/nowhere` })).text,
  ) as { id: string; secret: string };
  await told('POST', `/webhooks/${hook.id}/test`, operator);
  await until(30_000, async () => {
    const calls = await told('GET', `/webhooks/${hook.id}/calls`, operator);
    return calls.text.includes('"triedAt":"') && mailLogins.includes(mailPassword);
  });
  expect((await told('POST', '/provisioning/test', operator)).text).toContain('"works":true');
  for (const path of [
    '/provisioning',
    '/provisioning?list=without-password',
    '/discovered',
    '/edges',
    '/webhooks',
    '/audit',
    `/accounts/${id}`,
    `/accounts/${id}/report`,
    '/servers',
    '/tokens',
  ])
    expect([path, (await told('GET', path, operator)).status]).toEqual([path, 200]);
  for (const path of ['/session', `/accounts/${id}/crossing`, `/accounts/${id}/refused`])
    expect([path, (await told('GET', path, { cookie })).status]).toEqual([path, 200]);
  const session = cookie.slice(cookie.indexOf('=') + 1);
  return { answers, handedOut: [hook.secret, session, token] };
}

/** What the replica of new's edge tells Dovecot, by login. */
function hashesIn(edge: string): ReadonlyMap<string, string> {
  const replica = new DatabaseSync(join(mailDirectory, edge, 'replica.sqlite'), { readOnly: true });
  try {
    const rows = replica.prepare('select login, hash from user where hash is not null').all();
    return new Map(rows.map(({ login, hash }) => [String(login), String(hash)]));
  } finally {
    replica.close();
  }
}

/** Uses the daemon as an operator does; then nothing of it, and no file below these directories, holds a secret. */
async function looksForSecrets(
  own: ServePlace,
  directories: readonly string[],
  edge: string,
  postgresPassword: string | null = null,
): Promise<void> {
  for (const { name, password } of used) {
    const imap = await actAs(old, { name, password });
    await imap.append('INBOX', Buffer.from('Subject: one\r\n\r\ntext\r\n'));
    await imap.logout();
  }
  const daemon = await own.start();
  await own.importAccounts([...used, ...unused, refused]);
  const names = [...used, refused].map(({ name }) => `${name}@example.org`);
  expect((await own.cli('sync', 'start', ...names)).code).toBe(0);
  await own.inStep(used.length);
  for (const one of used) {
    const there = await accountOf(old, one);
    expect(judge({ oldBefore: there, oldAfter: there, newAfter: await accountOf(fresh, one) })).toEqual([]);
  }
  const answers: string[] = [];
  const ask = async (...args: string[]) => {
    const { stdout, stderr } = await own.cli(...args);
    answers.push(stdout, stderr);
    return stdout;
  };
  await until(20_000, async () =>
    (await ask('accounts', 'show', 'wrong@example.org', '--json')).includes('login-refused'),
  );
  await ask('accounts', 'list', '--json');
  await ask('report', 'u1@example.org', '--json');
  await ask('report', 'wrong@example.org', '--json');
  await ask('config', 'check', '--json');
  const portal = await usesPortal(own);
  answers.push(...portal.answers);
  // The one that was copied, and the one of the password that its owner gave.
  await until(30_000, async () => hashesIn(edge).size === 2);
  expect(hashesIn(edge).get('u1')).toBe(copied);
  expect(hashesIn(edge).get('owner')).toMatch(/^\{ARGON2ID\}\$argon2id\$/);
  await ask('provision', 'u1@example.org', 'owner@example.org', '--json');
  await ask('audit', '--limit', '500', '--json');
  const key = readFileSync(own.keyFile, 'utf8').trim();
  const ours = [
    key,
    mailPassword,
    ...portal.handedOut,
    ...(postgresPassword === null ? [] : [postgresPassword]),
  ];
  // Of a hash the part behind its salt.
  const hashes = [...hashesIn(edge).values()].map((hash) => hash.slice(-40));
  const everything = [...secrets, canary('mistyped'), ...hashes];

  const files = directories.flatMap((directory) =>
    readdirSync(directory, { recursive: true, encoding: 'utf8' }).map((name) => join(directory, name)),
  );
  expect(files.some((file) => file.endsWith('-wal') || file.includes('pg_wal'))).toBe(true);
  for (const file of files.filter((name) => statSync(name, { throwIfNoEntry: false })?.isFile())) {
    const kept = file === own.keyFile || file === own.tokenFile || file.endsWith('database-password');
    expect([file, foundIn(readFileSync(file), kept ? everything : [...everything, ...ours])]).toEqual([
      file,
      [],
    ]);
    expect([file, statSync(file).mode & 0o077]).toEqual([file, 0]);
  }
  daemon.kill('SIGTERM');
  const { stdout, stderr } = await daemon.done;
  expect(stdout).toContain('login-refused');
  expect(foundIn(Buffer.from(stdout + stderr + answers.join('\n')), [...everything, ...ours])).toEqual([]);
  // The look itself finds what is there.
  expect(foundIn(Buffer.from(`x${Buffer.from(`\0u1\0${canary('u1')}`).toString('base64')}`))).toEqual([
    canary('u1'),
  ]);
}

test('no password is in a log, an answer, the SQLite database or a file beside it', {
  timeout: 150_000,
}, async () => {
  await looksForSecrets(place, [place.dir], 'edge');
});

test('nor in a file of PostgreSQL', { timeout: 150_000 }, async () => {
  const postgres = await startPostgres();
  try {
    const url = await postgres.newDatabase();
    const own = await makeServePlace({
      old,
      fresh,
      more: more('edge-of-postgres'),
      postgres: { url, password: postgres.password },
    });
    try {
      await looksForSecrets(own, [own.dir, postgres.dataDir], 'edge-of-postgres', postgres.password);
    } finally {
      await own.close();
    }
  } finally {
    await postgres.stop();
  }
});

/** A core file of the daemon as gdb writes it: all of the memory, or with the filter on what the kernel would put there. */
async function dumped(filter: 'on' | 'off') {
  const file = join(place.dir, 'core');
  const commands = [`set use-coredump-filter ${filter}`, 'set dump-excluded-mappings on', `gcore ${file}`];
  const args = [
    '-batch',
    '-nx',
    ...commands.flatMap((command) => ['-ex', command]),
    '-p',
    String(place.pid()),
  ];
  await promisify(execFile)('gdb', args, { maxBuffer: 1 << 26 });
  const bytes = readFileSync(file);
  rmSync(file);
  return { found: foundIn(bytes), size: bytes.length };
}

test('the memory of a daemon holds no password of an account that it has not logged in, and a core dump none', {
  timeout: 120_000,
}, async () => {
  await place.start();
  await place.inStep(used.length);
  // It has logged in to these two and to nobody else.
  await until(20_000, async () => {
    const { stdout } = await place.cli('accounts', 'list', '--phase', 'in-step', '--json');
    return stdout.split('"following"').length === used.length + 1;
  });
  const memory = await dumped('off');
  // What it used was text, which no program in JavaScript can wipe; docs/operations/run-the-daemon.md says so.
  for (const { password } of [...unused, refused, owner]) expect(memory.found).not.toContain(password);
  expect(memory.found).toEqual(expect.arrayContaining(used.map(({ password }) => password)));
  // What the kernel would write is not the memory.
  const core = await dumped('on');
  expect(core.found).toEqual([]);
  expect(core.size).toBeLessThan(memory.size / 100);
});
