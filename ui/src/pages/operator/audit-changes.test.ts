import { expect, test } from 'vitest';
import { changesOf } from './audit-changes.ts';

test('what was before stands beside what is, where it was written down', () => {
  expect(
    changesOf({
      action: 'server.budget',
      detail: { before: { connections: 4 }, after: { connections: 'configured' } },
    }),
  ).toEqual([{ name: 'connections', before: 4, after: 'configured' }]);
  expect(
    changesOf({ action: 'account.phase', detail: { from: 'old', to: 'copying', event: 'start' } }),
  ).toEqual([{ name: 'phase', before: 'old', after: 'copying' }]);
});

test('rows of a release before, and actions that nobody knows here, say less and break nothing', () => {
  // The budget of before was one flat object.
  expect(changesOf({ action: 'server.budget', detail: { connections: 4 } })).toEqual([]);
  expect(changesOf({ action: 'team.person', detail: { login: 'a', rights: ['view'] } })).toEqual([
    { name: 'login', before: undefined, after: 'a' },
    { name: 'rights', before: undefined, after: ['view'] },
  ]);
  expect(changesOf({ action: 'of.tomorrow', detail: { x: 1 } })).toEqual([]);
});

test('a plan that was taken back and trouble that is over are told as such', () => {
  expect(changesOf({ action: 'account.plan', detail: { choice: null, atMs: null } })).toEqual([]);
  expect(changesOf({ action: 'account.notes', detail: { attention: null, paused: { why: 'x' } } })).toEqual([
    { name: 'pausedFor', before: undefined, after: 'x' },
    { name: 'attention', before: undefined, after: 'settled' },
  ]);
  expect(changesOf({ action: 'account.notes', detail: { paused: { why: 'asked for' } } })).toEqual([
    { name: 'paused', before: undefined, after: 'paused' },
  ]);
});
