/**
 * Secrets never leave: every password is a canary that is looked for in all that a daemon wrote, and in the memory of
 * a daemon that was started anew. There only what it has used since may be found.
 */
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { accountOf, actAs } from '../interop/mailferry.ts';
import { judge } from '../judge/invariants.ts';
import { type Dovecot, startDovecot } from '../lab/dovecot.ts';
import { startPostgres } from '../lab/postgres.ts';
import { makeServePlace, type ServePlace } from './serve-env.ts';
import { until } from './worker-env.ts';

const canary = (name: string) => `Kanarie-${name}-7Q2xL9`;
const used = ['u1', 'u2'].map((name) => ({ name, password: canary(name) }));
/** Imported and never started. */
const unused = ['n1', 'n2', 'n3'].map((name) => ({ name, password: canary(name) }));
/** Its password is wrong: a server that is told may say it again. */
const refused = { name: 'wrong', password: canary('wrong') };
const secrets = [...used, ...unused, refused].map(({ password }) => password);
let old: Dovecot;
let fresh: Dovecot;
let place: ServePlace;

beforeAll(async () => {
  const users = [...used, ...unused, { ...refused, password: 'something-else' }];
  [old, fresh] = await Promise.all([
    startDovecot({ users, tls: false }),
    startDovecot({ users, tls: false }),
  ]);
  place = await makeServePlace({ old, fresh, more: '[log]\nlevel = "debug"\n' });
}, 60_000);
afterAll(async () => {
  await place?.close();
  await Promise.all([old?.stop(), fresh?.stop()]);
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

const foundIn = (bytes: Uint8Array) => {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return secrets.filter((secret) => formsOf(secret).some((form) => all.includes(form)));
};

/** Uses the daemon as an operator does; then nothing of it, and no file below these directories, holds a secret. */
async function looksForSecrets(own: ServePlace, directories: readonly string[]): Promise<void> {
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

  const files = directories.flatMap((directory) =>
    readdirSync(directory, { recursive: true, encoding: 'utf8' }).map((name) => join(directory, name)),
  );
  expect(files.some((file) => file.endsWith('-wal') || file.includes('pg_wal'))).toBe(true);
  for (const file of files.filter((name) => statSync(name, { throwIfNoEntry: false })?.isFile())) {
    expect([file, foundIn(readFileSync(file))]).toEqual([file, []]);
    expect([file, statSync(file).mode & 0o077]).toEqual([file, 0]);
  }
  daemon.kill('SIGTERM');
  const { stdout, stderr } = await daemon.done;
  expect(stdout).toContain('login-refused');
  expect(foundIn(Buffer.from(stdout + stderr + answers.join('\n')))).toEqual([]);
  // The look itself finds what is there.
  expect(foundIn(Buffer.from(`x${Buffer.from(`\0u1\0${canary('u1')}`).toString('base64')}`))).toEqual([
    canary('u1'),
  ]);
}

test('no password is in a log, an answer, the SQLite database or a file beside it', {
  timeout: 90_000,
}, async () => {
  await looksForSecrets(place, [place.dir]);
});

test('nor in a file of PostgreSQL', { timeout: 90_000 }, async () => {
  const postgres = await startPostgres();
  try {
    const url = await postgres.newDatabase();
    const more = '[log]\nlevel = "debug"\n';
    const own = await makeServePlace({ old, fresh, more, postgres: { url, password: postgres.password } });
    try {
      await looksForSecrets(own, [own.dir, postgres.dataDir]);
    } finally {
      await own.close();
    }
  } finally {
    await postgres.stop();
  }
});

test('the memory of a daemon holds no password of an account that it has not logged in (needs gcore)', {
  timeout: 120_000,
}, async ({ skip }) => {
  skip(!existsSync('/usr/bin/gcore'), 'gcore is not installed');
  await place.start();
  await place.inStep(used.length);
  // It has logged in to these two and to nobody else.
  await until(20_000, async () => {
    const { stdout } = await place.cli('accounts', 'list', '--phase', 'in-step', '--json');
    return stdout.split('"following"').length === used.length + 1;
  });
  const core = join(place.dir, 'core');
  await promisify(execFile)('gcore', ['-o', core, String(place.pid())], { maxBuffer: 1 << 26 });
  const file = `${core}.${place.pid()}`;
  const found = foundIn(readFileSync(file));
  rmSync(file);
  // What it used was text, which no program in JavaScript can wipe; docs/operations/run-the-daemon.md says so.
  for (const { password } of [...unused, refused]) expect(found).not.toContain(password);
});
