import { expect, it } from 'vitest';
import { doneText, whenText } from './audit-text.ts';

it.each([
  ['account.phase', { event: 'start', from: 'old', to: 'copying', epoch: 7 }, 'old → copying (start)'],
  ['account.notes', { paused: { by: 'operator', why: 'holiday' } }, 'paused: holiday'],
  ['account.notes', { paused: null }, 'resumed'],
  ['account.notes', { attention: { code: 'locked' } }, 'wants attention: locked'],
  ['account.notes', { scheduledForMs: 5 }, 'account.notes scheduledForMs=5'],
  ['account.plan', { choice: 'move', atMs: 0 }, 'planned to move at 1970-01-01 00:00:00 UTC'],
  ['account.plan', { choice: null, atMs: null }, 'took the plan back'],
  ['account.update', { address: 'a@b.org', columns: ['team', 'quota'] }, 'changed team, quota'],
  ['team.person', { login: 'tom@b.org', rights: [] }, 'tom@b.org may nothing any more'],
  ['team.person', { login: 'tom@b.org', rights: ['view', 'move'] }, 'tom@b.org may view, move'],
  [
    'wave.add',
    { name: 'W', accounts: 2, atMs: 0 },
    'planned the wave W at 1970-01-01 00:00:00 UTC, accounts: 2',
  ],
  ['edge.add', { side: 'new', name: 'mx2' }, 'prepared the edge mx2 of new'],
  ['some.thing', { a: 1, b: null, c: ['x'] }, 'some.thing a=1 c=["x"]'],
  ['some.thing', {}, 'some.thing'],
])('%s with %j reads "%s..."', (action, detail, text) => {
  expect(doneText({ action, detail })).toBe(text);
});

it('tells times in seconds', () => {
  expect(whenText('2026-11-24T16:14:02.311Z')).toBe('2026-11-24 16:14:02');
});
