/** A password that is revoked while a copy runs: one refused login ends the run, and the next one goes on from there. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { accountOf, actAs, mailferry, pairOptions, passwordsOf, startMailferry } from './mailferry.ts';
import { startTwoDovecots, type TwoDovecots } from './two-dovecots.ts';

const user = { name: 'anna@example.org', password: 'lab-geheim' };
const messages = 200;
/** So that not all of them are on their way at once. */
const filling = `${'x'.repeat(70)}\r\n`.repeat(1_500);
let lab: TwoDovecots;

beforeAll(async () => {
  lab = await startTwoDovecots(user);
  const old = await actAs(lab.old, user);
  for (let i = 0; i < messages; i++)
    await old.append('INBOX', Buffer.from(`Subject: ${i}\r\n\r\n${filling}`));
  await old.logout();
});
afterAll(() => lab?.stop());

test('a password that is revoked in mid-copy costs one refused login, and the next run loses and doubles nothing', async () => {
  const pair = ['copy', ...pairOptions(lab.old, lab.fresh, user, join(lab.dir, 'state')), '--json'];
  const run = startMailferry([...pair, '--max-rate', '20/s', '--connections', '1'], passwordsOf(user));
  await run.printed('"type":"progress"');
  const users = join(lab.old.dir, 'users');
  const before = readFileSync(users, 'utf8');
  writeFileSync(users, before.replace(`{PLAIN}${user.password}`, '{PLAIN}another'));
  const refused = () => lab.old.log().split('auth failed').length - 1;
  expect(refused()).toBe(0);
  await lab.old.kick(user.name);
  const ended = await run.done;
  expect([ended.code, ended.last()]).toEqual([
    3,
    expect.objectContaining({ type: 'error', code: 'login-refused', side: 'old' }),
  ]);
  expect(ended.stdout + ended.stderr).not.toContain(user.password);
  const there = (await accountOf(lab.fresh, user)).get('INBOX')?.messages.length ?? 0;
  expect(there).toBeGreaterThan(0);
  expect(there).toBeLessThan(messages);
  // Dovecot logs a refused login when its connection ends.
  await expect.poll(refused).toBe(1);

  const again = await mailferry(pair, { ...passwordsOf(user), MAILFERRY_FROM_PASSWORD: 'another' });
  expect([again.code, again.last()]).toEqual([0, expect.objectContaining({ type: 'summary' })]);
  expect((await accountOf(lab.fresh, user)).get('INBOX')?.messages).toHaveLength(messages);
  expect(refused()).toBe(1);
});
