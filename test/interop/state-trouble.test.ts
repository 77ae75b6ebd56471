/** The state file is taken away from a run in mid-copy; the run after it ends the work, and nothing comes twice. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Dovecot, LabUser } from '../lab/dovecot.ts';
import { accountOf, actAs, mailferry, pairOptions, passwordsOf, startMailferry } from './mailferry.ts';
import { startTwoDovecots, type TwoDovecots } from './two-dovecots.ts';

const busy = { name: 'anna@example.org', password: 'lab-geheim' };
const full = { name: 'john@example.org', password: 'lab-geheim' };
const env = passwordsOf(busy);
const count = 60;
let lab: TwoDovecots;

beforeAll(async () => {
  lab = await startTwoDovecots(busy, full);
  for (const user of [busy, full]) {
    const imap = await actAs(lab.old, user);
    for (let i = 0; i < count; i++)
      await imap.append('INBOX', Buffer.from(`Subject: Nummer ${i}\r\n\r\nText ${i}\r\n`));
    await imap.logout();
  }
});
afterAll(() => lab?.stop());

const bodiesOn = async (server: Dovecot, user: LabUser) =>
  ((await accountOf(server, user)).get('INBOX')?.messages ?? []).map(({ sha256 }) => sha256).sort();
const argsOf = (user: LabUser, file: string) => [
  'copy',
  ...pairOptions(lab.old, lab.fresh, user, file),
  '--json',
];

/** A copy so slow that most of it is still to come when this returns. */
async function startInMidCopy(user: LabUser, file: string) {
  const run = startMailferry([...argsOf(user, file), '--max-rate', '10/s'], env);
  await expect
    .poll(async () => (await bodiesOn(lab.fresh, user)).length, { timeout: 20_000 })
    .toBeGreaterThan(0);
  return run;
}

/** The next run brings what is missing, each message once, and the one after it nothing. */
async function expectTheRest(user: LabUser, file: string): Promise<void> {
  expect((await bodiesOn(lab.fresh, user)).length).toBeLessThan(count);
  const next = await mailferry([...argsOf(user, file), '--settle-grace', '1'], env);
  expect([next.code, next.last().type]).toEqual([0, 'summary']);
  expect(await bodiesOn(lab.fresh, user)).toEqual(await bodiesOn(lab.old, user));
  const again = await mailferry(argsOf(user, file), env);
  expect(again.last().messages).toMatchObject({ total: count, copied: 0, present: count });
}

test('a state file that another process writes to in mid-copy ends the run, and the next one gets the rest', async () => {
  const file = join(lab.dir, 'state');
  const run = await startInMidCopy(busy, file);
  const other = new DatabaseSync(file, { timeout: 10_000 });
  try {
    other.exec('begin immediate');
    const ran = await run.done;
    expect([ran.code, ran.last().type, ran.last().code]).toEqual([2, 'error', 'state-busy']);
    expect(ran.stderr).toContain(file);
  } finally {
    other.close();
  }
  await expectTheRest(busy, file);
});

test.skipIf(process.getuid?.() !== 0)(
  'a disk that fills up in mid-copy ends the run, and the next one gets the rest (needs root for a tmpfs)',
  async () => {
    const mount = join(lab.dir, 'small');
    mkdirSync(mount);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', mount]);
    try {
      const file = join(mount, 'state');
      const run = await startInMidCopy(full, file);
      // Somebody else's file takes all that is left.
      const { bavail, bsize } = statfsSync(mount);
      writeFileSync(join(mount, 'filler'), Buffer.alloc(bavail * bsize));
      const ran = await run.done;
      expect([ran.code, ran.last().type, ran.last().code]).toEqual([2, 'error', 'state-full']);
      expect(ran.stderr).toContain(file);
      rmSync(join(mount, 'filler'));
      await expectTheRest(full, file);
    } finally {
      execFileSync('umount', [mount]);
    }
  },
);
