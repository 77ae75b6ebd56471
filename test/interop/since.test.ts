/** `--since` of copy and verify: what is in range goes across, and nothing else is done for what is not. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Dovecot, LabUser } from '../lab/dovecot.ts';
import { accountOf, actAs, mailferry, pairOptions, passwordsOf } from './mailferry.ts';
import { startTwoDovecots, type TwoDovecots } from './two-dovecots.ts';

const userNamed = (name: string): LabUser => ({ name: `${name}@example.org`, password: 'lab-geheim' });
const [exact, moved, boxes] = ['exact', 'moved', 'boxes'].map(userNamed) as [LabUser, LabUser, LabUser];
const env = passwordsOf(exact);
let lab: TwoDovecots;
let old: Dovecot;
let fresh: Dovecot;

beforeAll(async () => {
  lab = await startTwoDovecots(exact, moved, boxes);
  ({ old, fresh } = lab);
});
afterAll(() => lab?.stop());

const copyArgs = (user: LabUser, ...more: readonly string[]) => [
  'copy',
  ...pairOptions(old, fresh, user, join(lab.dir, user.name)),
  '--json',
  ...more,
];
const copy = (user: LabUser, ...more: readonly string[]) => mailferry(copyArgs(user, ...more), env);
const bodiesOn = async (server: Dovecot, user: LabUser, mailbox = 'INBOX') =>
  ((await accountOf(server, user)).get(mailbox)?.messages ?? []).map(({ sha256 }) => sha256).sort();

test('--since takes exactly what is not before the date, whatever zone it was filed in', async () => {
  const user = exact;
  const filed: [string, string][] = [
    ['lange vorher', '15-Jan-2023 08:00:00 +0000'],
    ['eine Sekunde vorher', '31-May-2024 23:59:59 +0000'],
    ['dort schon Juni, in UTC noch Mai', '01-Jun-2024 01:30:00 +0200'],
    ['genau dann', '01-Jun-2024 00:00:00 +0000'],
    ['dort noch Mai, in UTC schon Juni', '31-May-2024 22:30:00 -0500'],
    ['später', '10-Aug-2025 12:00:00 +0200'],
  ];
  const imap = await actAs(old, user);
  for (const [subject, date] of filed)
    await imap.append('INBOX', Buffer.from(`Subject: ${subject}\r\n\r\n${subject}\r\n`), { date });
  await imap.logout();
  const byDate = async (server: Dovecot) =>
    ((await accountOf(server, user)).get('INBOX')?.messages ?? [])
      .filter(({ internalDate }) => Date.parse(internalDate) >= Date.UTC(2024, 5, 1))
      .map(({ sha256 }) => sha256)
      .sort();
  const some = await copy(user, '--since', '2024-06-01');
  expect([some.code, some.stderr]).toEqual([0, '']);
  expect(some.last().messages).toMatchObject({ copied: 3 });
  expect(await byDate(old)).toHaveLength(3);
  expect(await bodiesOn(fresh, user)).toEqual(await byDate(old));
  // What is left out is nobody's loss.
  const verify = (...more: readonly string[]) =>
    mailferry(['verify', ...copyArgs(user).slice(1), ...more], env);
  for (const deep of [[], ['--deep']]) {
    const same = await verify('--since', '2024-06-01', ...deep);
    expect([same.code, same.lines().filter(({ type }) => type === 'difference')]).toEqual([0, []]);
    expect(same.last().mailboxes).toMatchObject([{ mailbox: 'INBOX', old: 3, new: 3, matched: 3 }]);
    const all = await verify(...deep);
    expect([all.code, all.last().missing]).toEqual([1, 3]);
    const second = await verify('--since', '2024-05-31T23:59:59Z', ...deep);
    expect([second.code, second.last().missing]).toEqual([1, 1]);
  }
  const later = await copy(user, '--since', '2024-05-31T23:59:59Z');
  expect(later.last().messages).toMatchObject({ copied: 1 });
  // Older mail that is there already is no difference either.
  const less = await verify('--since', '2024-06-01');
  expect([less.code, less.last().differences]).toMatchObject([0, { 'only-on-new': 0 }]);
  const rest = await copy(user);
  expect(rest.last().messages).toMatchObject({ copied: 2 });
  expect(await bodiesOn(fresh, user)).toEqual(await bodiesOn(old, user));
});

test('--since follows an older message that was moved on old: its copy goes with it', async () => {
  const user = moved;
  const date = '10-Aug-2012 12:00:00 +0200';
  const imap = await actAs(old, user);
  for (const subject of ['alt', 'uralt'])
    await imap.append('INBOX', Buffer.from(`Subject: ${subject}\r\n\r\n${subject}\r\n`), { date });
  expect((await copy(user)).code).toBe(0);
  await imap.create('Ablage');
  await imap.move('INBOX', [2], 'Ablage');
  await imap.logout();
  const ran = await copy(user, '--since', '2024-01-01');
  expect([ran.code, ran.last().moved, ran.last().removed]).toEqual([0, 1, 0]);
  for (const mailbox of ['INBOX', 'Ablage'])
    expect(await bodiesOn(fresh, user, mailbox)).toEqual(await bodiesOn(old, user, mailbox));
});

test('--since tells each mailbox once, counts only what is in range, and creates none for nothing', async () => {
  const user = boxes;
  const imap = await actAs(old, user);
  const file = async (mailbox: string, ...years: readonly number[]) => {
    if (mailbox !== 'INBOX') await imap.create(mailbox);
    for (const year of years) {
      const text = Buffer.from(`Subject: ${mailbox} ${year}\r\n\r\n${mailbox} ${year}\r\n`);
      await imap.append(mailbox, text, { date: `10-Aug-${year} 12:00:00 +0200` });
    }
  };
  await file('INBOX', 2020, 2021, 2024, 2025);
  await file('Uralt', 2011, 2012);
  await file('Leer');
  await file('Archiv', 2012);
  await file('Archiv/2025', 2025);
  await file('Entw&APw-rfe', 2012);
  await imap.logout();
  const dry = (await copy(user, '--since', '2024-01-01', '--dry-run')).last();
  const foretold = dry.mailboxes as { newMailbox: string; willBeCreated: boolean; leftOut: boolean }[];
  const namesOf = (which: 'willBeCreated' | 'leftOut') =>
    foretold
      .filter((one) => one[which])
      .map(({ newMailbox }) => newMailbox)
      .sort();
  expect([namesOf('willBeCreated'), namesOf('leftOut')]).toEqual([
    ['Archiv', 'Archiv/2025', 'Entwürfe'],
    ['Leer', 'Uralt'],
  ]);
  const people = copyArgs(user, '--since', '2024-01-01', '--dry-run').filter((arg) => arg !== '--json');
  expect((await mailferry(people, env)).stdout).toMatch(/^Uralt +\(not created\)/m);
  const some = await copy(user, '--since', '2024-01-01');
  expect([some.code, some.stderr]).toEqual([0, '']);
  expect(some.last().messages).toEqual({ total: 3, copied: 3, present: 0, refused: 0, vanished: 0 });
  const told = some.lines().filter(({ type }) => type === 'mailbox-started');
  // Several are worked on at once.
  expect(
    told
      .map(({ mailbox, messages, missing }) => `${String(mailbox)}: ${String(messages)}, ${String(missing)}`)
      .sort(),
  ).toEqual(['Archiv/2025: 1, 1', 'Archiv: 1, 0', 'Entwürfe: 1, 0', 'INBOX: 4, 2']);
  const text = await mailferry(
    copyArgs(user, '--since', '2021-01-01').filter((arg) => arg !== '--json'),
    env,
  );
  expect([text.code, text.stderr]).toEqual([0, 'INBOX: 1 of 4 messages to copy\n']);
  expect([...(await accountOf(fresh, user)).keys()].sort()).toEqual([
    'Archiv',
    'Archiv/2025',
    'Entw&APw-rfe',
    'INBOX',
  ]);
  const rest = await copy(user);
  expect(rest.last().messages).toMatchObject({ total: 9, copied: 5, present: 4 });
  expect([...(await accountOf(fresh, user)).keys()].sort()).toEqual(
    [...(await accountOf(old, user)).keys()].sort(),
  );
});
