/** What `copy --dry-run` foretells, held against what the copy then does, between two real Dovecots. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LabUser } from '../lab/dovecot.ts';
import { accountOf, actAs, mailferry, pairOptions, passwordsOf } from './mailferry.ts';
import { startTwoDovecots, type TwoDovecots } from './two-dovecots.ts';

const user: LabUser = { name: 'vorschau@example.org', password: 'lab-geheim' };
const env = passwordsOf(user);
let lab: TwoDovecots;

beforeAll(async () => {
  lab = await startTwoDovecots(user);
});
afterAll(async () => await lab?.stop());

const run = (state: string, ...more: readonly string[]) =>
  mailferry(['copy', ...pairOptions(lab.old, lab.fresh, user, join(lab.dir, state)), ...more], env);

/** LIST's own attributes such as \Unmarked come and go. */
const onNew = async () =>
  [...(await accountOf(lab.fresh, user))].map(([name, { messages }]) => [name, messages]);

test('foretells renames, moves, removals, the brake, and what is on new already', {
  timeout: 60_000,
}, async () => {
  const imap = await actAs(lab.old, user);
  for (const name of ['Ablage', 'Projekte', 'Ziel']) await imap.create(name);
  for (let i = 0; i < 20; i++)
    await imap.append('INBOX', Buffer.from(`Subject: ${i}\r\n\r\n${'x'.repeat(i)}\r\n`));
  await imap.append('Projekte', Buffer.from('Subject: p\r\n\r\nProjekt\r\n'));
  expect((await run('state')).code).toBe(0);

  // The state is lost, and one message is new.
  await imap.append('INBOX', Buffer.from(`Subject: neu\r\n\r\n${'y'.repeat(99)}\r\n`));
  const lost = (await run('lost', '--dry-run', '--json')).last();
  expect(lost).toMatchObject({
    messages: 1,
    removals: { messages: 0, stopped: null },
    moves: 0,
    renames: [],
  });
  expect((lost.mailboxes as { adopted: number }[]).reduce((sum, m) => sum + m.adopted, 0)).toBe(21);
  expect((await run('lost', '--dry-run')).stdout).toContain('recognised and not copied again: 21.\n');
  expect((await run('lost', '--json')).last()).toMatchObject({ messages: { copied: 1 }, adopted: 21 });

  await imap.command(['RENAME Projekte Vorhaben']);
  await imap.command(['SELECT INBOX']);
  await imap.command(['UID MOVE 1 Ziel']);
  await imap.expunge('INBOX', [2, 3]);
  const before = await onNew();
  const plan = (await run('state', '--dry-run', '--json')).last();
  expect(plan).toMatchObject({
    messages: 2,
    renames: [{ from: 'Projekte', to: 'Vorhaben' }],
    removals: { messages: 2, stopped: null },
    moves: 1,
  });
  const text = (await run('state', '--dry-run')).stdout;
  expect(text).toContain('Renamed on old, and followed on new: "Projekte" to "Vorhaben".\n');
  expect(text).toContain('Gone on old, removed on new at most: 2.\n');
  expect(await onNew()).toEqual(before);

  await imap.expunge(
    'INBOX',
    Array.from({ length: 20 }, (_, i) => i + 1),
  );
  const braked = await run('state', '--dry-run');
  expect(braked.stdout).toContain('None would be removed, the brake stops it: ');
  await imap.logout();
});
