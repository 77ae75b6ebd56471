/** The state file is taken away from a run in mid-copy; the run after it ends the work, and nothing comes twice. */
import { mkdtempSync, rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Dovecot, startDovecot } from '../lab/dovecot.ts';
import { accountOf, actAs, mailferry, pairOptions, passwordsOf, startMailferry } from './mailferry.ts';

const user = { name: 'anna@example.org', password: 'lab-geheim' };
const dir = mkdtempSync(join(tmpdir(), 'mf-trouble-'));
const env = { ...passwordsOf(user), XDG_STATE_HOME: dir };
const count = 60;
let old: Dovecot;
let fresh: Dovecot;

beforeAll(async () => {
  [old, fresh] = await Promise.all([
    startDovecot({ users: [user], tls: false }),
    startDovecot({ users: [user], tls: false }),
  ]);
  const imap = await actAs(old, user);
  for (let i = 0; i < count; i++)
    await imap.append('INBOX', Buffer.from(`Subject: Nummer ${i}\r\n\r\nText ${i}\r\n`));
  await imap.logout();
});
afterAll(async () => {
  await Promise.all([old?.stop(), fresh?.stop()]);
  rmSync(dir, { recursive: true, force: true });
});

const bodiesOn = async (server: Dovecot) =>
  ((await accountOf(server, user)).get('INBOX')?.messages ?? []).map(({ sha256 }) => sha256).sort();

test('a state file that another process writes to in mid-copy ends the run, and the next one gets the rest', async () => {
  const file = join(dir, 'state');
  const args = ['copy', ...pairOptions(old, fresh, user, file), '--json'];
  const run = startMailferry([...args, '--max-rate', '10/s'], env);
  await expect.poll(async () => (await bodiesOn(fresh)).length, { timeout: 20_000 }).toBeGreaterThan(0);
  const other = new DatabaseSync(file, { timeout: 10_000 });
  try {
    other.exec('begin immediate');
    const ran = await run.done;
    expect([ran.code, ran.last().type, ran.last().code]).toEqual([2, 'error', 'state-busy']);
    expect(ran.stderr).toContain(file);
  } finally {
    other.close();
  }
  expect((await bodiesOn(fresh)).length).toBeLessThan(count);
  const next = await mailferry([...args, '--settle-grace', '1'], env);
  expect([next.code, next.last().type]).toEqual([0, 'summary']);
  expect(await bodiesOn(fresh)).toEqual(await bodiesOn(old));
  const again = await mailferry(args, env);
  expect(again.last().messages).toMatchObject({ total: count, copied: 0, present: count });
});
