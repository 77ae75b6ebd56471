/** Sizes that no tidy account has: five hundred mailboxes, ten thousand lines of header (F-50, F-76), on real Dovecots. */
import { chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { judge } from '../judge/invariants.ts';
import type { Dovecot } from '../lab/dovecot.ts';
import { accountOf, actAs, mailferry, pairOptions, passwordsOf } from './mailferry.ts';
import { startTwoDovecots, type TwoDovecots } from './two-dovecots.ts';

const wide = { name: 'wide', password: 'lab-geheim' };
const deep = { name: 'deep', password: 'lab-geheim' };
const boxes = 500;
let lab: TwoDovecots;

beforeAll(async () => {
  lab = await startTwoDovecots(wide, deep);
});
afterAll(() => lab?.stop());

/** Straight into the Maildir, as a mailbox of Maildir++. */
function makeMailbox(server: Dovecot, name: string, subject: string): void {
  const { uid, gid } = server.mailOwner(wide.name);
  const own = (path: string) => chownSync(path, uid, gid);
  const root = join(server.mailDir(wide.name), `.${name}`);
  for (const path of [root, ...['cur', 'new', 'tmp'].map((sub) => join(root, sub))]) {
    mkdirSync(path, { recursive: true });
    own(path);
  }
  const file = join(root, 'cur', `1700000000.M1P1.lab:2,S`);
  writeFileSync(file, `Subject: ${subject}\n\ntext\n`);
  own(file);
}

test('five hundred mailboxes come across, and a run with nothing to do opens none of them', {
  timeout: 300_000,
}, async () => {
  const first = await actAs(lab.old, wide);
  await first.append('INBOX', Buffer.from('Subject: inbox\r\n\r\ntext\r\n'));
  await first.logout();
  for (let i = 0; i < boxes; i++) makeMailbox(lab.old, `box${i}`, `in ${i}`);
  const pair = pairOptions(lab.old, lab.fresh, wide, join(lab.dir, 'wide'));
  const ran = await mailferry(['copy', ...pair, '--json'], passwordsOf(wide));
  expect([ran.code, ran.stderr]).toEqual([0, '']);
  expect(ran.last()).toMatchObject({ messages: { total: boxes + 1, copied: boxes + 1, refused: 0 } });
  const again = await mailferry(['copy', ...pair, '--json'], passwordsOf(wide));
  expect(again.last()).toMatchObject({ messages: { copied: 0, present: boxes + 1 } });
  const verified = await mailferry(['verify', ...pair], passwordsOf(wide));
  expect(verified.code).toBe(0);
});

test('a message with ten thousand lines of header, and one with a megabyte in a single field', async () => {
  const imap = await actAs(lab.old, deep);
  const lines = Array.from({ length: 10_000 }, (_, i) => `X-Trace-${i}: hop ${i}\r\n`).join('');
  const folded = `X-Long: ${'word\r\n '.repeat(150_000)}end\r\n`;
  await imap.append('INBOX', Buffer.from(`${lines}Subject: many\r\n\r\ntext\r\n`));
  await imap.append('INBOX', Buffer.from(`Subject: long\r\n${folded}\r\ntext\r\n`));
  await imap.logout();
  const before = await accountOf(lab.old, deep);
  const pair = pairOptions(lab.old, lab.fresh, deep, join(lab.dir, 'deep'));
  const ran = await mailferry(['copy', ...pair, '--json'], passwordsOf(deep));
  expect([ran.code, ran.stderr]).toEqual([0, '']);
  expect(ran.last()).toMatchObject({ messages: { total: 2, copied: 2 } });
  const oldAfter = await accountOf(lab.old, deep);
  const newAfter = await accountOf(lab.fresh, deep);
  expect(judge({ oldBefore: before, oldAfter, newAfter })).toEqual([]);
});
