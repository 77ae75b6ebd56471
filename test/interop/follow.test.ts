/** `mailferry copy --follow`: what happens on old reaches new by itself, and Ctrl-C ends it without loss. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { judge } from '../judge/invariants.ts';
import { startCourier } from '../lab/courier.ts';
import { type Dovecot, startDovecot } from '../lab/dovecot.ts';
import { accountOf, actAs, type LabImap, mailferry, pairOptions, passwordsOf } from './mailferry.ts';
import { startFollowing, startTwoDovecots, type TwoDovecots } from './two-dovecots.ts';

const user = { name: 'anna', password: 'lab-geheim' };
const env = passwordsOf(user);
let lab: TwoDovecots;
let old: Dovecot;
let fresh: Dovecot;
let dir: string;

beforeAll(async () => {
  lab = await startTwoDovecots(user);
  ({ old, fresh, dir } = lab);
});
afterAll(() => lab?.stop());

const letter = (subject: string) => Buffer.from(`Subject: ${subject}\r\n\r\n${subject}\r\n`);

/** Waits until `found` holds on new; a person who waits looks again and again. */
async function until(server: LabImap, found: (subjects: Map<string, string[][]>) => boolean): Promise<void> {
  for (let i = 0; i < 200; i++) {
    const account = await accountOf(server, user);
    const flags = new Map([...account].map(([name, box]) => [name, box.messages.map((m) => [...m.flags])]));
    if (found(flags)) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('it did not come across in time');
}

const arrived = (server: LabImap, name: string, messages: number) =>
  until(server, (boxes) => boxes.get(name)?.length === messages);

test('new mail, flags, a new mailbox, a move and a removal, over NOTIFY', { timeout: 60_000 }, async () => {
  const imap = await actAs(old, user);
  await imap.append('INBOX', letter('one'));
  const run = await startFollowing([old, fresh], user, join(dir, 'state'));
  await arrived(fresh, 'INBOX', 1);
  await imap.append('INBOX', letter('two'));
  await arrived(fresh, 'INBOX', 2);
  await imap.command(['CREATE Spaeter']);
  await imap.append('Spaeter', letter('three'));
  await arrived(fresh, 'Spaeter', 1);
  await imap.command(['SELECT INBOX']);
  await imap.command(['UID STORE 1 +FLAGS (\\Flagged)']);
  await until(fresh, (boxes) => boxes.get('INBOX')?.[0]?.includes('\\flagged') === true);
  await imap.command(['UID MOVE 2 Spaeter']);
  await arrived(fresh, 'Spaeter', 2);
  await imap.command(['UID STORE 1 +FLAGS (\\Deleted)']);
  await imap.command(['EXPUNGE']);
  await arrived(fresh, 'INBOX', 0);
  run.kill('SIGINT');
  const ran = await run.done;
  expect([ran.code, ran.last().code]).toEqual([130, 'interrupted']);
  const rounds = ran.lines().filter((line) => line.type === 'round');
  expect(rounds[0]).toMatchObject({ copied: 1, heard: 'all' });
  // Dovecot carries a MOVE out in two steps and tells of each: a round that begins between them sees a second copy first
  // and then the expunge, and ends with the same mailboxes. Each message is brought once in either case.
  const sum = (key: 'copied' | 'moved') => rounds.reduce((all, round) => all + Number(round[key]), 0);
  expect([
    [3, 1],
    [4, 0],
  ]).toContainEqual([sum('copied'), sum('moved')]);
  await imap.logout();
  const verified = await mailferry(
    ['verify', ...pairOptions(old, fresh, user, join(dir, 'state')), '--deep'],
    env,
  );
  expect(verified.code).toBe(0);
});

test('a connection that listens and ends is opened again, and nothing is missed', {
  timeout: 60_000,
}, async () => {
  const imap = await actAs(old, user);
  const run = await startFollowing([old, fresh], user, join(dir, 'again'));
  await old.doveadm(['kick', user.name]);
  const again = await actAs(old, user);
  await again.append('INBOX', letter('after the kick'));
  await arrived(fresh, 'INBOX', 1);
  run.kill('SIGTERM');
  expect((await run.done).code).toBe(130);
  await again.logout();
  await imap.logout().catch(() => {});
});

test('without NOTIFY the clock brings what IDLE on INBOX does not tell', { timeout: 90_000 }, async () => {
  const courier = await startCourier({ users: [user] });
  const target = await startDovecot({ users: [user], tls: false });
  try {
    const imap = await actAs(courier, user);
    await imap.append('INBOX', letter('one'));
    await imap.command(['CREATE INBOX.Later']);
    const run = await startFollowing([courier, target], user, join(dir, 'courier'), 1);
    await imap.append('INBOX', letter('two'));
    await arrived(target, 'INBOX', 2);
    // Each after the round before: all that INBOX has to tell is told, and only the clock is left.
    for (const [i, subject] of ['three', 'four', 'five'].entries()) {
      await run.printed('"type":"round"', 2 + i);
      await imap.append('INBOX.Later', letter(subject));
      await arrived(target, 'Later', 1 + i);
    }
    run.kill('SIGINT');
    expect((await run.done).code).toBe(130);
    await imap.logout();
    const before = await accountOf(courier, user);
    const after = await accountOf(target, user);
    expect(before.size).toBe(after.size);
    expect(
      judge({
        oldBefore: before,
        oldAfter: before,
        newAfter: after,
        mapping: (name) => name.replace('INBOX.', ''),
      }),
    ).toEqual([]);
  } finally {
    await Promise.all([courier.stop(), target.stop()]);
  }
});

test.each([
  ['--follow with --dry-run', ['--follow', '--dry-run']],
  ['--poll without --follow', ['--poll', '5']],
])('%s is refused', async (_, options) => {
  const ran = await mailferry(['copy', ...pairOptions(old, fresh, user, join(dir, 'none')), ...options], env);
  expect(ran.code).toBe(2);
});
