import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { demoScreen } from './demo-screen.ts';

/** All that a whole demo shows on a terminal. */
function shown(colours: boolean): string {
  const out = new PassThrough();
  const screen = demoScreen('terminal', out, colours);
  const account = { account: 'anna', mailboxes: 1, messages: 2, bytes: 3, seconds: 4 };
  const results = [
    { ...account, verified: true, problem: '' },
    { ...account, verified: false, problem: 'one is missing' },
  ];
  screen.progress('anna', 1, 2, 3, 4);
  for (const result of results) screen.finished(result);
  screen.table(results);
  return String(out.read());
}

test('a terminal gets colours, and none with NO_COLOR', () => {
  const colour = /\x1b\[[0-9;]*m/g;
  expect(shown(true)).toMatch(colour);
  expect(shown(false)).not.toMatch(colour);
  expect(shown(false)).toContain('━─');
});
