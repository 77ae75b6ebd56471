import { expect, test } from 'vitest';
import { teamFixture } from '../../../dev/fixtures.ts';
import { arrange, keepOrder } from './arrange.ts';

const accounts = teamFixture(200);

test('a search and a filter hold together', () => {
  const found = arrange(accounts, { q: ' ANNA.', state: 'waiting' });
  expect(found.length).toBeGreaterThan(0);
  expect(found.every(({ address, state }) => address.includes('anna.') && state === 'waiting')).toBe(true);
});

test('what wants somebody comes first when sorted by state', () => {
  expect(arrange(accounts, { sort: 'state' })[0]?.state).toBe('needs-you');
  expect(arrange(accounts, { sort: 'state', down: true })[0]?.state).toBe('across');
});

test('equal rows have one order', () => {
  const turned = arrange(accounts.toReversed(), { sort: 'state' });
  expect(turned).toEqual(arrange(accounts, { sort: 'state' }));
});

test('a row under the pointer stays where it is, with its new numbers', () => {
  const before = arrange(accounts, { sort: 'progress' }).slice(0, 5);
  const [first] = before;
  if (first === undefined) throw new Error('no rows');
  const after = [...before.slice(1), { ...first, messagesDone: first.messagesTotal }];
  const kept = keepOrder(before, after);
  expect(kept.map(({ id }) => id)).toEqual(before.map(({ id }) => id));
  expect(kept[0]?.messagesDone).toBe(first.messagesTotal);
});
