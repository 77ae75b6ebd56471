/** What goes wrong with one account or one server on real Dovecots: who is asked, what waits, and what goes on. */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { StartedWorker } from '../../src/services/daemon/start-worker.ts';
import { setNotes } from '../../src/state/database/account-notes.ts';
import type { Database } from '../../src/state/database/open-database.ts';
import { progressOf } from '../../src/state/database/progress.ts';
import { addRequest, requestsOf } from '../../src/state/database/requests.ts';
import { startControlFor } from '../contracts/control-env.ts';
import { accountOf, actAs, mailferry } from '../interop/mailferry.ts';
import { judge } from '../judge/invariants.ts';
import { judgeRefusals } from '../judge/refusals.ts';
import { type ChaosProxy, startChaosProxy } from '../lab/chaos-proxy.ts';
import { type Dovecot, startDovecot } from '../lab/dovecot.ts';
import { openScenarioDatabase } from './scenario-database.ts';
import { type Fleet, makeFleet, until } from './worker-env.ts';

const names = ['gone', 'empty', 'changed', 'full', 'large', ...[1, 2, 3, 4, 5, 6, 7, 8].map((n) => `u${n}`)];
const user = (name: string) => ({ name, password: `geheim-${name}` });
/** Messages that one account may have on new. */
const room = 30;
/** Octets that one message may have on new; one above 256 kB is streamed, one below goes together with others. */
const largest = 50_000;
let old: Dovecot;
let fresh: Dovecot;
let proxy: ChaosProxy;
let database: Database;
let fleet: Fleet;
let worker: StartedWorker;

beforeAll(async () => {
  const users = names.map(user);
  [old, fresh] = await Promise.all([
    startDovecot({ users, tls: false, extra: 'auth_verbose = yes\n' }),
    startDovecot({ users, tls: false, quota: { messages: room }, maxMailSize: largest }),
  ]);
  proxy = await startChaosProxy({ target: { port: old.imapPort } });
  database = await openScenarioDatabase();
  const more = '[worker]\npolling_seconds = 2\n';
  fleet = await makeFleet({ database, old: { imapPort: proxy.port }, fresh, users, more });
  worker = await fleet.startWorker();
}, 60_000);
afterAll(async () => {
  await worker?.close();
  await proxy?.stop();
  await database?.close();
  await Promise.all([old?.stop(), fresh?.stop()]);
});

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function put(name: string, count: number, mailbox = 'INBOX'): Promise<void> {
  const imap = await actAs(old, user(name));
  if (mailbox !== 'INBOX') await imap.command([`CREATE ${mailbox}`]);
  for (let i = 0; i < count; i++)
    await imap.append(mailbox, Buffer.from(`Subject: ${i}\r\n\r\n${Math.random()} ${name}\r\n`));
  await imap.logout();
}

/** All but the mailbox that shows, for a moment, whether both sides are one account. */
async function countOn(server: Dovecot, name: string): Promise<number> {
  const imap = await actAs(server, user(name));
  const boxes = await imap.list();
  let sum = 0;
  for (const box of boxes.filter((one) => !one.name.startsWith('mailferry-')))
    sum += (await imap.readMailbox(box)).messages.length;
  await imap.logout();
  return sum;
}

async function inStep(...some: string[]): Promise<void> {
  for (const name of some) await fleet.begin(name);
  for (const name of some) {
    await fleet.phase(name, 'in-step', 40_000);
    const id = fleet.idOf(name);
    await until(20_000, async () => (await progressOf(database.db, [id])).get(id)?.heardBy === 'all');
  }
}

/** New mail on old arrives on new. */
async function goesOn(name: string, withinMs = 20_000): Promise<void> {
  const wanted = (await countOn(fresh, name)) + 1;
  await put(name, 1);
  await until(withinMs, async () => (await countOn(fresh, name)) === wanted);
}

/** All of an account but what a server tells by the way, such as \\Unmarked. */
async function mailOn(server: Dovecot, name: string) {
  const boxes = [...(await accountOf(server, user(name))).values()];
  return boxes.map(({ name: box, uidValidity, messages }) => ({ box, uidValidity, messages }));
}

/** Of all accounts, through the proxy. */
const sentToOld = () => ({ commandsToOld: proxy.connections.flatMap(({ commands }) => commands) });

/** `onOld`: where it logs in otherwise there. */
async function judged(name: string, onOld = user(name)): Promise<void> {
  const there = await accountOf(old, onOld);
  const here = await accountOf(fresh, user(name));
  expect(judge({ oldBefore: there, oldAfter: there, newAfter: here, ...sentToOld() })).toEqual([]);
}

const attentionOf = async (name: string) => (await fleet.notes(name)).attention;
const asked = (name: string, code: string, withinMs = 20_000) =>
  until(withinMs, async () => (await attentionOf(name))?.code === code);

/** As an operator's `mailferry sync retry`. */
async function retry(name: string): Promise<void> {
  await setNotes(database.db, fleet.idOf(name), { attention: null }, { actor: 'test' });
  await addRequest(database.db, fleet.idOf(name), 'look-now');
}

/** Changes a line of old's password file, or removes it where `change` gives null; ends the user's sessions. */
async function changeOnOld(name: string, change: (line: string) => string | null): Promise<void> {
  const file = join(old.dir, 'users');
  const lines = readFileSync(file, 'utf8').split('\n');
  const changed = lines.flatMap((line) => (line.startsWith(`${name}:`) ? (change(line) ?? []) : line));
  writeFileSync(file, changed.join('\n'));
  await old.kick(name);
}

const refusedLogins = (name: string) =>
  old
    .log()
    .split('\n')
    .filter(
      (line) =>
        line.includes('imap-login') && line.includes('auth failed') && line.includes(`user=<${name}>`),
    ).length;

test('an account that is no longer on old asks, and nothing goes on new', { timeout: 90_000 }, async () => {
  await put('gone', 8);
  await put('gone', 3, 'Box');
  await inStep('gone');
  const before = await mailOn(fresh, 'gone');
  let line = '';
  await changeOnOld('gone', (text) => {
    line = text;
    return null;
  });
  await asked('gone', 'login-refused');
  await pause(5_000);
  expect(await mailOn(fresh, 'gone')).toEqual(before);
  expect(refusedLogins('gone')).toBe(1);
  // It comes back, and with it what happened meanwhile.
  writeFileSync(join(old.dir, 'users'), `${readFileSync(join(old.dir, 'users'), 'utf8')}${line}\n`);
  await retry('gone');
  await until(20_000, async () => (await attentionOf('gone')) === null);
  await goesOn('gone');
  await judged('gone');
});

test('an account whose store on old is empty asks, and nothing goes on new', {
  timeout: 90_000,
}, async () => {
  await put('empty', 8);
  await put('empty', 3, 'Box');
  await inStep('empty');
  const before = await mailOn(fresh, 'empty');
  // A disk that is not mounted after a restart: the server makes an empty store.
  await old.kick('empty');
  renameSync(old.mailDir('empty'), `${old.mailDir('empty')}.away`);
  await old.kick('empty');
  await asked('empty', 'deletions-stopped', 40_000);
  await pause(5_000);
  expect(await mailOn(fresh, 'empty')).toEqual(before);
  expect((await attentionOf('empty'))?.code).toBe('deletions-stopped');
  // The disk is back.
  await old.kick('empty');
  rmSync(old.mailDir('empty'), { recursive: true, force: true });
  renameSync(`${old.mailDir('empty')}.away`, old.mailDir('empty'));
  await old.kick('empty');
  await retry('empty');
  await until(30_000, async () => (await attentionOf('empty')) === null);
  await goesOn('empty');
  await judged('empty');
});

test('a password changed on old costs one refused login, and goes on with the new one', {
  timeout: 90_000,
}, async () => {
  await put('changed', 3);
  await inStep('changed');
  await changeOnOld('changed', (line) => line.replace('{PLAIN}geheim-changed', '{PLAIN}other'));
  await asked('changed', 'login-refused');
  await pause(8_000);
  expect(refusedLogins('changed')).toBe(1);
  fleet.passwords.set('changed', 'other');
  await retry('changed');
  await until(20_000, async () => (await attentionOf('changed')) === null);
  const wanted = (await countOn(fresh, 'changed')) + 1;
  const imap = await actAs(old, { name: 'changed', password: 'other' });
  await imap.append('INBOX', Buffer.from('Subject: with the new password\r\n\r\ntext\r\n'));
  await until(20_000, async () => (await countOn(fresh, 'changed')) === wanted);
  expect(refusedLogins('changed')).toBe(1);
  await judged('changed', { name: 'changed', password: 'other' });
});

test('a full account on new is told and stops no other; what waited follows by itself when there is room', {
  timeout: 180_000,
}, async () => {
  await put('full', room + 5);
  await put('u1', 3);
  await inStep('full', 'u1');
  await asked('full', 'over-quota');
  expect(await countOn(fresh, 'full')).toBe(room);
  await goesOn('u1');
  const imap = await actAs(fresh, user('full'));
  const box = (await accountOf(fresh, user('full'))).get('INBOX');
  const removed = (box?.messages ?? []).slice(0, 10);
  await imap.store(
    'INBOX',
    removed.map(({ uid }) => uid),
    '+',
    ['\\Deleted'],
  );
  await imap.expunge(
    'INBOX',
    removed.map(({ uid }) => uid),
  );
  await imap.logout();
  // Nobody retries, and nothing new comes: the slow clock of a full account brings it.
  await until(90_000, async () => (await countOn(fresh, 'full')) === room - 10 + 5);
  await until(10_000, async () => (await attentionOf('full')) === null);
  const there = await accountOf(old, user('full'));
  const violations = judge({
    oldBefore: there,
    oldAfter: there,
    newAfter: await accountOf(fresh, user('full')),
    actsOnNew: removed.map(({ sha256 }) => ({ kind: 'deleted', mailbox: 'INBOX', sha256 })),
    ...sentToOld(),
  });
  expect(violations).toEqual([]);
});

test('messages that new refuses are told of by name, and come once new takes them and somebody asks', {
  timeout: 90_000,
}, async () => {
  const imap = await actAs(old, user('large'));
  const line = `${'x'.repeat(70)}\r\n`;
  const letter = (subject: string, sizeBytes: number) =>
    `From: Bela =?UTF-8?B?${Buffer.from('Kovács').toString('base64')}?= <bela@example.net>\r\nSubject: ${subject}\r\n` +
    `Date: Tue, 24 Nov 2026 10:00:00 +0100\r\n\r\n${line.repeat(sizeBytes / line.length)}`;
  const folded = `=?UTF-8?B?${Buffer.from('Die großen ').toString('base64')}?=\r\n =?UTF-8?B?${Buffer.from('Pläne').toString('base64')}?=`;
  await imap.append('INBOX', letter('before', 200));
  await imap.append('INBOX', letter(folded, largest * 1.2));
  await imap.append('INBOX', letter('between', 200));
  await imap.append('INBOX', letter('large and streamed', 700_000));
  await imap.append('INBOX', letter('after', 200));
  const control = await startControlFor(database);
  const access = { MAILFERRY_API: control.url, MAILFERRY_TOKEN_FILE: control.tokenFile };
  const list = async () =>
    (await mailferry(['refused', 'list', 'large@example.org', '--json'], access)).lines();
  const retryRefused = async () => {
    expect((await mailferry(['refused', 'retry', 'large@example.org'], access)).code).toBe(0);
    const id = fleet.idOf('large');
    await until(20_000, async () => !(await requestsOf(database.db, id)).has('retry-refused'));
  };
  /** Promises about the copies (I1 to I5), and about the messages that are none (I9). */
  const judgedWith = async (told: Awaited<ReturnType<typeof list>>) => {
    const { refused, violations } = await judgeRefusals(imap, told);
    const there = await accountOf(old, user('large'));
    const newAfter = await accountOf(fresh, user('large'));
    const facts = { oldBefore: there, oldAfter: there, newAfter, refused, ...sentToOld() };
    expect([...violations, ...judge(facts)]).toEqual([]);
  };
  try {
    await inStep('large');
    const told = await list();
    expect(told.map(({ subject }) => subject)).toEqual(['Die großen Pläne', 'large and streamed']);
    await judgedWith(told);
    // In vain, and it is told still.
    await retryRefused();
    const again = await list();
    expect(again.map(({ attempts }) => attempts)).toEqual(told.map(({ attempts }) => Number(attempts) + 1));
    await judgedWith(again);
    const settings = readFileSync(fresh.configFile, 'utf8');
    writeFileSync(fresh.configFile, settings.replace(`max_mail_size = ${largest}B`, 'max_mail_size = 1M'));
    await fresh.doveadm(['reload']);
    await fresh.kick('large');
    await retryRefused();
    await until(20_000, async () => (await countOn(fresh, 'large')) === 5);
    expect(await list()).toEqual([]);
    await judged('large');
  } finally {
    await control.close();
    await imap.logout();
  }
});

test('an old server that is down is not flooded, and all accounts go on within a minute', {
  timeout: 180_000,
}, async () => {
  const eight = names.filter((name) => /^u\d$/.test(name));
  await inStep(...eight.filter((name) => name !== 'u1'));
  for (const name of eight) await goesOn(name);
  const since = proxy.refused;
  proxy.refuse(true);
  proxy.breakAll('reset');
  await old.restart({ hard: true });
  await pause(30_000);
  const tries = proxy.refused - since;
  const logins = () =>
    proxy.connections
      .flatMap(({ commands }) => commands)
      .filter((line) => /^(LOGIN|AUTHENTICATE)/i.test(line)).length;
  const before = logins();
  proxy.refuse(false);
  const back = performance.now();
  for (const name of eight) await put(name, 1);
  for (const name of eight) {
    await until(60_000, async () => (await countOn(fresh, name)) === (await countOn(old, name)));
    await until(60_000, async () => (await attentionOf(name)) === null);
  }
  expect(performance.now() - back).toBeLessThan(60_000);
  // Of 12 accounts, each with up to four connections.
  expect(tries).toBeGreaterThan(0);
  expect(tries).toBeLessThan(40);
  expect(logins() - before).toBeLessThan(names.length * 5);
  for (const name of eight) {
    const there = await accountOf(old, user(name));
    const here = await accountOf(fresh, user(name));
    expect(judge({ oldBefore: there, oldAfter: there, newAfter: here, ...sentToOld() })).toEqual([]);
  }
});
