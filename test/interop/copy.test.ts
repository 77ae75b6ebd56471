/** `mailferry copy` against two real Dovecots: the contract of docs/reference/cli.md, judged by a client of its own. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { judge } from '../judge/invariants.ts';
import { labCertificates } from '../lab/certificates.ts';
import { type Dovecot, startDovecot } from '../lab/dovecot.ts';
import { fillWorkload, workloadSpecialUse, workloadUsers } from '../lab/workload.ts';
import {
  accountOf,
  actAs,
  mailferry,
  pairOptions,
  passwordsOf,
  plainUrl,
  startMailferry,
} from './mailferry.ts';

const users = workloadUsers('demo');
const [anna, john, verein, kati] = users as [
  (typeof users)[number],
  (typeof users)[number],
  (typeof users)[number],
  (typeof users)[number],
];
const master = { name: 'ferry', password: 'master-geheim' };
const dir = mkdtempSync(join(tmpdir(), 'mf-copy-'));
const env = { ...passwordsOf(anna), XDG_STATE_HOME: dir };
let old: Dovecot;
let fresh: Dovecot;

beforeAll(async () => {
  old = await startDovecot({ users, specialUse: workloadSpecialUse, masterUser: master });
  fresh = await startDovecot({ users, specialUse: workloadSpecialUse });
  fillWorkload(old, { name: 'demo', scale: 0.15, seed: 7 });
});
afterAll(async () => {
  await old?.stop();
  await fresh?.stop();
  rmSync(dir, { recursive: true, force: true });
});

const pair = (user: (typeof users)[number], state: string) => [
  ...pairOptions(old, fresh, user, join(dir, state)),
  '--ca-file',
  labCertificates().ca,
];
/** Names and messages; what LIST says beside the name (`\\Unmarked`) changes by itself. */
const contents = async (server: Dovecot, user: (typeof users)[number]) =>
  [...(await accountOf(server, user))].map(([name, box]) => [name, box.messages]);
const messagesOf = (value: Record<string, unknown>) => value.messages as Record<string, number>;

describe('an account with everything', () => {
  test('goes across byte for byte, and old is untouched', async () => {
    const oldBefore = await accountOf(old, anna);
    const ran = await mailferry(['copy', ...pair(anna, 'anna'), '--json'], env);
    expect(ran.stderr).toBe('');
    expect(ran.code).toBe(0);
    const summary = ran.last();
    expect(summary.type).toBe('summary');
    const total = [...oldBefore.values()].reduce((sum, box) => sum + box.messages.length, 0);
    expect(messagesOf(summary)).toEqual({ total, copied: total, present: 0, refused: 0, vanished: 0 });
    expect(ran.lines().some((line) => line.type === 'progress')).toBe(true);
    const violations = judge({
      oldBefore,
      oldAfter: await accountOf(old, anna),
      newAfter: await accountOf(fresh, anna),
      ignoredFlags: ['\\Deleted'],
    });
    expect(violations).toEqual([]);
  });

  test('costs nothing the second time: only new mail is copied', async () => {
    const again = await mailferry(['copy', ...pair(anna, 'anna'), '--json'], env);
    expect(messagesOf(again.last())).toMatchObject({ copied: 0, refused: 0 });
    const imap = await actAs(old, anna);
    await imap.append('INBOX', Buffer.from('Subject: neu\r\n\r\nEine neue Nachricht.\r\n'));
    await imap.logout();
    const third = await mailferry(['copy', ...pair(anna, 'anna'), '--json'], env);
    expect(third.code).toBe(0);
    expect(messagesOf(third.last())).toMatchObject({ copied: 1 });
  });

  test('is verified to the last byte, and what a person did on new is named as theirs', async () => {
    const good = await mailferry(['verify', ...pair(anna, 'anna'), '--deep', '--json'], env);
    expect(good.code).toBe(0);
    expect(good.last()).toMatchObject({ type: 'summary', missing: 0, deep: true });
    const begun = good.lines().filter((line) => line.type === 'mailbox-started');
    const compared = good.last().mailboxes as { mailbox: string }[];
    expect(begun.map((line) => line.mailbox)).toEqual(compared.map((m) => m.mailbox));
    const plain = await mailferry(['verify', ...pair(anna, 'anna')], env);
    expect(plain.stderr).toContain('comparing INBOX\n');
    const imap = await actAs(fresh, anna);
    const inbox = (await accountOf(fresh, anna)).get('INBOX');
    const [first, second] = inbox?.messages ?? [];
    if (first === undefined || second === undefined) throw new Error('INBOX is empty');
    await imap.expunge('INBOX', [first.uid]);
    await imap.store('INBOX', [second.uid], '+', ['$Mine']);
    await imap.append('INBOX', Buffer.from('Subject: eigen\r\n\r\nNur auf der neuen Seite.\r\n'));
    await imap.logout();
    const changed = await mailferry(['verify', ...pair(anna, 'anna'), '--deep', '--json'], env);
    expect(changed.code).toBe(0);
    const classes = changed.lines().filter((line) => line.type === 'difference');
    expect(classes.map((d) => String(d.class)).sort()).toEqual([
      'changed-by-user',
      'only-on-new',
      'removed-by-user',
    ]);
    // And it stays so: the removed copy does not come back, the rest is not touched.
    const run = await mailferry(['copy', ...pair(anna, 'anna'), '--json'], env);
    expect(messagesOf(run.last())).toMatchObject({ copied: 0 });
    const without = await mailferry(['verify', ...pair(anna, 'lost-and-new'), '--deep', '--json'], env);
    expect(without.code).toBe(1);
    expect(without.last()).toMatchObject({ missing: 1 });
  });
});

test('with the state lost, what is there is recognised by digest and nothing is copied twice', async () => {
  const first = await mailferry(['copy', ...pair(john, 'john'), '--json'], { ...env });
  const { total } = messagesOf(first.last()) as { total: number };
  const before = await contents(fresh, john);
  const lost = await mailferry(['copy', ...pair(john, 'john-again'), '--json'], env);
  expect(lost.code).toBe(0);
  expect(messagesOf(lost.last())).toMatchObject({ total, copied: 0, present: total });
  expect(await contents(fresh, john)).toEqual(before);
});

test('with the state lost, mailboxes that special use has brought together stay together', async () => {
  const specialUse = (sent: string, drafts: string) => ({ [sent]: '\\Sent', [drafts]: '\\Drafts' });
  const german = await startDovecot({
    users: [kati],
    specialUse: specialUse('Gesendet', 'Entwürfe'),
    tls: false,
  });
  const english = await startDovecot({ users: [kati], specialUse: specialUse('Sent', 'Drafts'), tls: false });
  try {
    // As most servers do, new has made its own before the first mail comes.
    const there = await actAs(english, kati);
    for (const name of ['Sent', 'Drafts']) await there.create(name);
    await there.logout();
    const imap = await actAs(german, kati);
    // One that is called as new calls its mailbox for sent mail, and is none.
    for (const name of ['Gesendet', 'Entw&APw-rfe', 'Sent']) await imap.create(name);
    for (const name of ['INBOX', 'Gesendet', 'Entw&APw-rfe', 'Sent'])
      for (let i = 0; i < 3; i++)
        await imap.append(name, Buffer.from(`Subject: ${name} ${i}\r\n\r\nNummer ${i}\r\n`));
    await imap.logout();
    const copy = (state: string) =>
      mailferry(['copy', ...pairOptions(german, english, kati, join(dir, state)), '--json'], env);
    const names = (ran: Awaited<ReturnType<typeof copy>>) =>
      (ran.last().mailboxes as { mailbox: string; newMailbox: string }[]).map((m) => [
        m.mailbox,
        m.newMailbox,
      ]);
    const first = await copy('special');
    expect([first.code, first.stderr]).toEqual([0, '']);
    expect(messagesOf(first.last())).toMatchObject({ total: 12, copied: 12 });
    expect(names(first)).toEqual(
      expect.arrayContaining([
        ['INBOX', 'INBOX'],
        ['Gesendet', 'Sent'],
        ['Entwürfe', 'Drafts'],
      ]),
    );
    const before = await contents(english, kati);
    const lost = await copy('special-lost');
    expect([lost.code, lost.stderr]).toEqual([0, '']);
    expect(messagesOf(lost.last())).toMatchObject({ total: 12, copied: 0, present: 12 });
    expect(names(lost)).toEqual(names(first));
    expect(await contents(english, kati)).toEqual(before);
  } finally {
    await Promise.all([german.stop(), english.stop()]);
  }
});

test('a dry run changes nothing on either side and writes no state', async () => {
  const ran = await mailferry(['copy', ...pair(verein, 'never-written'), '--dry-run', '--json'], env);
  expect(ran.code).toBe(0);
  const plan = ran.last() as unknown as { messages: number; bytes: number; mailboxes: { toCopy: number }[] };
  expect(plan.messages).toBeGreaterThan(20);
  expect(plan.mailboxes.reduce((sum, m) => sum + m.toCopy, 0)).toBe(plan.messages);
  expect([...(await accountOf(fresh, verein)).values()].flatMap((m) => m.messages)).toEqual([]);
  expect(() => readFileSync(join(dir, 'never-written'))).toThrow('ENOENT');
  const text = await mailferry(['copy', ...pair(verein, 'never-written'), '--dry-run'], env);
  expect(text.stdout).toContain('Mitglieder/Anträge');
  expect(text.stdout).toContain('Nothing was changed');
});

test('chooses, leaves out and maps mailboxes by the names that people see', async () => {
  const only = await mailferry(
    [
      'copy',
      ...pair(verein, 'verein'),
      '--mailbox',
      'INBOX',
      'Mitglieder/Kündigungen',
      '--map',
      'Mitglieder/Kündigungen=Austritte',
      '--json',
    ],
    env,
  );
  expect(only.code).toBe(0);
  const names = (only.last().mailboxes as { mailbox: string; newMailbox: string }[]).map((m) => [
    m.mailbox,
    m.newMailbox,
  ]);
  expect(names).toEqual([
    ['INBOX', 'INBOX'],
    ['Mitglieder/Kündigungen', 'Austritte'],
  ]);
  const rest = await mailferry(['copy', ...pair(verein, 'verein'), '--exclude', 'Gesendet', '--json'], env);
  expect((rest.last().mailboxes as { mailbox: string }[]).map((m) => m.mailbox)).not.toContain('Gesendet');
  expect((await accountOf(fresh, verein)).get('Gesendet')?.messages ?? []).toEqual([]);
});

describe.each([['copy'], ['copy --dry-run'], ['verify']])(
  '%s refuses a mailbox name that old does not have',
  (verb) => {
    test.each([
      ['--mailbox', 'Postgang'],
      ['--exclude', 'Postgang'],
      ['--map', 'Postgang=Posteingang'],
    ])('with %s', async (option, value) => {
      const before = await contents(fresh, verein);
      const ran = await mailferry(
        [...verb.split(' '), ...pair(verein, 'verein'), option, value, '--json'],
        env,
      );
      expect([ran.code, ran.last().code]).toEqual([2, 'usage']);
      expect(ran.stderr).toContain('"Postgang"');
      expect(await contents(fresh, verein)).toEqual(before);
    });
  },
);

test('--since leaves out what is older, and a later run without it brings the rest', async () => {
  // The boundary lies within the day that the middle message came on, told in another zone than it is filed in.
  const digests = (account: Awaited<ReturnType<typeof accountOf>>, fromMs = Number.NEGATIVE_INFINITY) =>
    [...account.values()]
      .flatMap((m) => m.messages)
      .filter(({ internalDate }) => Date.parse(internalDate) >= fromMs)
      .map(({ sha256 }) => sha256)
      .sort();
  const before = await accountOf(old, kati);
  const times = [...before.values()].flatMap((m) => m.messages).map((m) => Date.parse(m.internalDate));
  const middle = times.sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0;
  const local = new Date(middle + 5.5 * 3_600_000).toISOString().replace('.000Z', '+05:30');
  const copy = (...more: readonly string[]) =>
    mailferry(['copy', ...pair(kati, 'kati'), ...more, '--json'], env);
  const some = await copy('--since', local);
  expect([some.code, some.stderr]).toEqual([0, '']);
  expect(digests(await accountOf(fresh, kati))).toEqual(digests(before, middle));
  const rest = await copy();
  expect(messagesOf(rest.last()).copied).toBe(times.filter((ms) => ms < middle).length);
  expect(digests(await accountOf(fresh, kati))).toEqual(digests(before));
});

test('logs in on old as a master user on behalf of the account', async () => {
  const file = join(dir, 'master.pw');
  writeFileSync(file, `${master.password}\n`);
  const args = [
    'copy',
    ...pair(kati, 'kati'),
    '--from-auth-user',
    master.name,
    '--from-password-file',
    file,
    '--json',
  ];
  const ran = await mailferry(args, { ...env, MAILFERRY_FROM_PASSWORD: 'not this one' });
  expect(ran.stderr).toBe('');
  expect(ran.code).toBe(0);
});

test('--max-rate holds messages back', async () => {
  await mailferry(['copy', ...pair(kati, 'kati-rate'), '--json'], env);
  const imap = await actAs(old, kati);
  for (let i = 0; i < 16; i++)
    await imap.append('INBOX', Buffer.from(`Subject: ${i}\r\n\r\nlangsam ${i}\r\n`));
  await imap.logout();
  const ran = await mailferry(['copy', ...pair(kati, 'kati-rate'), '--max-rate', '8/s', '--json'], env);
  expect(messagesOf(ran.last()).copied).toBe(16);
  // Sixteen messages at eight a second, the first second's worth at once.
  expect(ran.last().seconds).toBeGreaterThan(0.9);
});

test('Ctrl-C keeps what was copied, says how to go on, and the next run ends it', async () => {
  const imap = await actAs(old, john);
  await imap.create('Viele');
  for (let i = 0; i < 60; i++)
    await imap.append('Viele', Buffer.from(`Subject: viele ${i}\r\n\r\n${'x'.repeat(500)} ${i}\r\n`));
  await imap.logout();
  const run = startMailferry(['copy', ...pair(john, 'john'), '--max-rate', '20/s', '--json'], env);
  await run.printed('"mailbox":"Viele"');
  run.kill('SIGINT');
  const ran = await run.done;
  expect(ran.code).toBe(130);
  expect(ran.last()).toMatchObject({ type: 'error', code: 'interrupted' });
  expect(ran.stderr).toContain('Run the same command again');
  const next = await mailferry(['copy', ...pair(john, 'john'), '--json', '--settle-grace', '1'], env);
  expect(next.code).toBe(0);
  expect((await accountOf(fresh, john)).get('Viele')?.messages).toHaveLength(60);
});

test('ls tells what an account holds and what the server can do', async () => {
  const json = await mailferry(['ls', plainUrl(old, anna), '--ca-file', labCertificates().ca, '--json'], {
    MAILFERRY_PASSWORD: anna.password,
  });
  expect(json.code).toBe(0);
  const listing = json.last() as unknown as {
    mailboxes: { mailbox: string; specialUse: string[] }[];
    abilities: object;
  };
  expect(listing.mailboxes.find((m) => m.mailbox === 'Entwürfe')?.specialUse).toEqual(['drafts']);
  expect(listing.abilities).toMatchObject({ multiAppend: true, literal: 'plus', uidPlus: true });
  const text = await mailferry(['ls', plainUrl(old, anna), '--ca-file', labCertificates().ca], {
    MAILFERRY_PASSWORD: anna.password,
  });
  expect(text.stdout).toContain('Mailferry will use: MULTIAPPEND');
});

test('no password shows in any output, nor in the state file', async () => {
  const canary = 'kanarienvogel-7f3a';
  const ran = await mailferry(['copy', ...pair(anna, 'canary'), '--json'], {
    ...env,
    MAILFERRY_FROM_PASSWORD: canary,
    MAILFERRY_TO_PASSWORD: canary,
  });
  expect(ran.code).toBe(3);
  expect(ran.stdout + ran.stderr).not.toContain(canary);
  const good = await mailferry(['copy', ...pair(anna, 'canary'), '--json'], env);
  expect(good.stdout + good.stderr).not.toContain(anna.password);
  expect(readFileSync(join(dir, 'canary')).includes(anna.password)).toBe(false);
});
