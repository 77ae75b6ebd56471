/** The demo as `npm run demo` calls it, on few messages: it ends by itself, says the truth and leaves nothing. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const demo = (...args: string[]) =>
  spawnSync(process.execPath, [join(import.meta.dirname, 'demo.ts'), ...args], { encoding: 'utf8' });

test('copies, verifies, copies nothing the second time, keeps in step, and stops what it started', {
  timeout: 180_000,
}, () => {
  const ran = demo('--json', '--scale', '0.05');
  expect([ran.status, ran.stderr]).toEqual([0, '']);
  const lines = ran.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  const line = (type: string) => lines.find((one) => one.type === type);
  expect(lines.at(-1)).toMatchObject({ type: 'summary', ok: true, accounts: 4 });
  // New had nobody; each was made with the hash of old, and copied with the password that it is of.
  expect(line('made')).toEqual({ type: 'made', accounts: 4 });
  expect(line('second-run')).toMatchObject({ copied: 0 });
  const accounts = lines.filter((one) => 'verified' in one);
  expect(accounts.map((one) => one.verified)).toEqual([true, true, true, true]);
  for (const one of accounts) expect(Number(one.messages)).toBeGreaterThan(0);
  expect(line('in-step')).toMatchObject({ accounts: 4 });
  expect(line('passwords')).toEqual({ type: 'passwords', stored: 0 });
  // Both Postfixes were told, and by nothing else; what they have is what control has.
  const wired = lines.filter((one) => one.type === 'wired');
  expect(wired.map(({ side }) => side)).toEqual(['old', 'new']);
  for (const { values, services, tables } of wired)
    for (const count of [values, services, tables]) expect(Number(count)).toBeGreaterThan(1);
  expect(line('routes')).toMatchObject({ old: 0, new: 4, epoch: expect.any(Number) });
  expect(Number(line('routes')?.epoch)).toBeGreaterThanOrEqual(12);
  expect(line('written-on-new')).toMatchObject({ arrivedOnOldMs: expect.any(Number) });
  const delivered = lines.filter((one) => one.type === 'delivered').map((one) => one.delaysMs);
  expect(delivered).toEqual(Array.from({ length: 4 }, () => [1, 2, 3].map(() => expect.any(Number))));
  for (const ms of delivered.flat()) expect(ms).toBeLessThan(10_000);
  expect(line('portal')).toMatchObject({
    origin: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
    people: ['user', 'newcomer', 'team-admin', 'operator'].map((role) => expect.objectContaining({ role })),
  });
  expect(existsSync(String(line('servers')?.directory))).toBe(false);
});

test('explains itself, and says what it does not know', () => {
  expect(demo('--help')).toMatchObject({ status: 0, stdout: expect.stringContaining('--scale') });
  expect(demo('--bogus')).toMatchObject({ status: 2, stderr: expect.stringContaining("'--bogus'") });
});
