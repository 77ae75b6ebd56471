/** What `copy` and `verify` tell people: once, in whole words, and the same whichever way it was found out. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LabUser } from '../lab/dovecot.ts';
import { accountOf, actAs, mailferry, pairOptions, passwordsOf } from './mailferry.ts';
import { endTerminals, onTerminal } from './terminal.ts';
import { startFollowing, startTwoDovecots, type TwoDovecots } from './two-dovecots.ts';

const userNamed = (name: string): LabUser => ({ name: `${name}@example.org`, password: 'lab-geheim' });
const [moved, flags, brake, follow, narrow, parked] = [
  'moved',
  'flags',
  'brake',
  'follow',
  'narrow',
  'parked',
].map(userNamed) as [LabUser, LabUser, LabUser, LabUser, LabUser, LabUser];
const env = passwordsOf(moved);
let lab: TwoDovecots;

beforeAll(async () => {
  lab = await startTwoDovecots(moved, flags, brake, follow, narrow, parked);
});
afterAll(async () => {
  endTerminals();
  await lab?.stop();
});

const argsOf = (user: LabUser) => pairOptions(lab.old, lab.fresh, user, join(lab.dir, user.name));
const run = (verb: string, user: LabUser, ...more: readonly string[]) =>
  mailferry([verb, ...argsOf(user), ...more], env);

async function fill(user: LabUser, mailbox: string, count: number): Promise<void> {
  const imap = await actAs(lab.old, user);
  if (mailbox !== 'INBOX') await imap.create(mailbox);
  for (let i = 0; i < count; i++)
    await imap.append(mailbox, Buffer.from(`Subject: ${mailbox} ${i}\r\n\r\n${'x'.repeat(i)} ${i}\r\n`));
  await imap.logout();
}

test('verify calls a message that a person moved on new changed-by-user, with --deep and without', async () => {
  await fill(moved, 'INBOX', 4);
  await fill(moved, 'Ablage', 1);
  expect((await run('copy', moved)).code).toBe(0);
  const imap = await actAs(lab.fresh, moved);
  await imap.move('INBOX', [2], 'Ablage');
  await imap.expunge('INBOX', [3]);
  await imap.logout();
  for (const deep of [[], ['--deep']]) {
    const ran = await run('verify', moved, ...deep, '--json');
    const found = ran.lines().filter(({ type }) => type === 'difference');
    expect(found.map((d) => [d.mailbox, d.class, d.oldUid].join(' ')).sort()).toEqual([
      'Ablage only-on-new ',
      'INBOX changed-by-user 2',
      'INBOX removed-by-user 3',
    ]);
    expect(Object.keys(found[0] ?? {}).sort()).toEqual([
      'class',
      'detail',
      'mailbox',
      'newMailbox',
      'newUid',
      'oldUid',
      'sha256Prefix',
      'sizeBytes',
      'type',
    ]);
    expect(ran.code).toBe(0);
  }
});

test('one is told as one', async () => {
  await fill(flags, 'INBOX', 1);
  const first = await run('copy', flags);
  expect(first.stderr).toBe('INBOX: 1 of 1 message to copy\n');
  expect(first.stdout).toContain('\n1 message: 1 copied');
  const imap = await actAs(lab.old, flags);
  await imap.store('INBOX', [1], '+', ['\\Flagged']);
  await imap.logout();
  expect((await run('copy', flags)).stdout).toContain('\nAlso: 1 flag change carried over.\n');
  expect((await run('verify', flags)).stdout).toContain('\n1 message matches by size and date');
});

test('a mailbox that was removed on new, from above another, is told with what to do about it', async () => {
  await fill(parked, 'Ablage', 2);
  await fill(parked, 'Ablage/Alt', 1);
  expect((await run('copy', parked)).code).toBe(0);
  const imap = await actAs(lab.fresh, parked);
  await imap.command(['DELETE Ablage']);
  await imap.logout();
  const ran = await run('copy', parked);
  expect(ran.code).toBe(1);
  expect(ran.stdout).toContain(
    'Mailbox "Ablage": the mailbox was removed on the new side; what is in it on the old side is not copied again\n' +
      '  Create the mailbox again on the new side, or leave it out with --exclude.\n',
  );
});

describe('deletions that were stopped', () => {
  /** Of twelve messages in a mailbox none is left. */
  const empty = async (user: LabUser) => {
    await fill(user, 'INBOX', 5);
    await fill(user, 'M&APw-ll-Projekt', 12);
    expect((await run('copy', user)).code).toBe(0);
    const gone = (await accountOf(lab.old, user)).get('M&APw-ll-Projekt')?.messages ?? [];
    const imap = await actAs(lab.old, user);
    await imap.expunge(
      'M&APw-ll-Projekt',
      gone.map(({ uid }) => uid),
    );
    await imap.logout();
  };

  test('are told once, with the mailbox and what to do', async () => {
    await empty(brake);
    const imap = await actAs(lab.old, brake);
    // Something to do, so that there is a second pass, which comes to the brake again.
    await imap.append('INBOX', Buffer.from('Subject: neu\r\n\r\nneu\r\n'));
    await imap.logout();
    const text = await run('copy', brake);
    expect((text.stdout + text.stderr).match(/lost all/g)).toHaveLength(1);
    expect(text.stdout).toContain(
      'Deletions stopped: the mailbox "Müll-Projekt" lost all of its 12 messages at once on the old side. ' +
        'Look there, then run with --confirm-deletions.\n',
    );
    const json = await run('copy', brake, '--json');
    const notices = json.lines().filter(({ code }) => code === 'deletions-stopped');
    expect(notices).toHaveLength(1);
    expect(json.last().deletionsStopped).toBe(notices[0]?.text);
  });

  test('are told once by --follow, however often it looks', async () => {
    await empty(follow);
    const following = await startFollowing([lab.old, lab.fresh], follow, join(lab.dir, follow.name), 1);
    const imap = await actAs(lab.old, follow);
    for (const [i, subject] of ['eins', 'zwei', 'drei'].entries()) {
      await imap.append('INBOX', Buffer.from(`Subject: ${subject}\r\n\r\n${subject}\r\n`));
      await following.printed('"type":"round"', i + 2);
    }
    await imap.logout();
    following.kill('SIGINT');
    const ran = await following.done;
    expect(ran.lines().filter(({ code }) => code === 'deletions-stopped')).toHaveLength(1);
  });
});

test('verify on a terminal of 50 columns tells every mailbox from the others, within the lines', async () => {
  const names = ['Rechnungen/Telefon/2023', 'Rechnungen/Telefon/2024', 'Rechnungen/Strom/2024'];
  for (const name of names) await fill(narrow, name, 2);
  expect((await run('copy', narrow)).code).toBe(0);
  const shown = await onTerminal(['verify', ...argsOf(narrow)], {
    columns: 50,
    env: { ...env, TERM: 'xterm' },
  });
  expect(await shown.done).toMatchObject({ code: 0 });
  const lines = shown.screen.lines();
  const at = lines.findIndex((line) => line.startsWith('Mailbox'));
  const rows = lines.slice(at + 1, lines.indexOf('', at));
  expect(rows.map((row) => row.slice(0, 12).trim()).sort()).toEqual([
    'INBOX',
    '…/Strom/2024',
    '…elefon/2023',
    '…elefon/2024',
  ]);
});
