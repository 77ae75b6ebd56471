import { expect, it } from 'vitest';
import { createdForNothing, mayBeLeftOut } from './created-for-nothing.ts';

const row = (id: number, newName: string, place: 'active' | 'gone-on-old' = 'active') => ({
  id,
  newName,
  place,
});
const leftOut = (rows: readonly ReturnType<typeof row>[], ...empty: readonly number[]) => [
  ...createdForNothing(
    rows.map((one) => ({ row: one })),
    new Set(empty),
    rows,
    '/',
  ),
];

it('leaves out what is empty, unless something that is not lies below it at any depth', () => {
  const rows = [row(1, 'INBOX'), row(2, 'A'), row(3, 'A/B'), row(4, 'A/B/C'), row(5, 'AB'), row(6, 'Z')];
  expect(leftOut(rows, 2, 3, 5, 6)).toEqual([5, 6]);
  expect(leftOut(rows, 2, 3, 4)).toEqual([2, 3, 4]);
});

it('keeps no level above one that is gone on old', () => {
  expect(leftOut([row(1, 'A'), row(2, 'A/B', 'gone-on-old')], 1)).toEqual([1]);
});

it('asks only of plain mailboxes that new does not have', () => {
  expect(mayBeLeftOut({ action: 'create', specialUse: null })).toBe(true);
  expect(mayBeLeftOut({ action: 'create', specialUse: 'drafts' })).toBe(false);
  expect(mayBeLeftOut({ action: 'sync', specialUse: null })).toBe(false);
});
