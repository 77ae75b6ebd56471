import { expect, test } from 'vitest';
import { teamFixture } from '../../../dev/fixtures.ts';
import { keepSelection, mostInAddress, readSelection } from './selection.ts';

const uuid = (n: number): string => `01a22d1a-accc-73ad-b18b-${n.toString(16).padStart(12, '0')}`;
const accounts = teamFixture(5_000).map((account, i) => ({ ...account, id: uuid(i) }));
const some = accounts.slice(0, 300);
const first = (n: number) => new Set(accounts.slice(0, n).map(({ id }) => id));
const back = (selected: ReadonlySet<string>, shown = some) => {
  const { sel, ids } = keepSelection(selected, shown);
  return readSelection(sel, ids, accounts, shown);
};

test.each([0, 1, mostInAddress, mostInAddress + 1, 300, 4_999, 5_000])('of %i the same come back', (n) => {
  expect(back(first(n))).toEqual(first(n));
});

test('all that are shown are one word, and stay all while the list changes', () => {
  expect(keepSelection(first(300), some)).toEqual({ sel: 'all', ids: null });
  expect(readSelection('all', null, accounts, accounts.slice(0, 310)).size).toBe(310);
});

test('as many as the address bears stand in it, and no more', () => {
  const { sel, ids } = keepSelection(first(mostInAddress), some);
  expect(ids).toBe(null);
  expect(sel?.length).toBeLessThan(1_600);
  expect(keepSelection(first(mostInAddress + 1), some)).toMatchObject({ sel: 'many' });
});

test('who is gone, made-up words and a copied address select nobody else', () => {
  const selected = new Set([uuid(1), uuid(2)]);
  const { sel } = keepSelection(selected, some);
  const without = accounts.filter(({ id }) => id !== uuid(1));
  expect(readSelection(sel, null, without, some)).toEqual(new Set([uuid(2)]));
  expect(readSelection('many', null, accounts, some).size).toBe(0);
  expect(readSelection('many', [uuid(3), 7, 'x'], accounts, some)).toEqual(new Set([uuid(3)]));
  expect(readSelection('<script>.%', {}, accounts, some).size).toBe(0);
});
