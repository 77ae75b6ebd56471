import { expect, test } from 'vitest';
import { addDays, addMonths, dayOf, weeksOf } from './month.ts';

test('a month is shown in whole weeks from Monday on', () => {
  // November 2026 begins on a Sunday and ends on a Monday: six weeks.
  const weeks = weeksOf('2026-11');
  expect(weeks.map(([monday]) => monday)).toEqual([
    '2026-10-26',
    '2026-11-02',
    '2026-11-09',
    '2026-11-16',
    '2026-11-23',
    '2026-11-30',
  ]);
  expect(weeks.at(-1)?.at(-1)).toBe('2026-12-06');
  // February 2027 is four weeks and no day more.
  expect(weeksOf('2027-02').flat()).toHaveLength(28);
  expect(weeksOf('2026-12')[0]?.[0]).toBe('2026-11-30');
});

test('days go on over ends of months and changes of the clocks', () => {
  expect(addDays('2026-10-24', 2)).toBe('2026-10-26');
  expect(addDays('2027-03-27', 2)).toBe('2027-03-29');
  expect(addDays('2026-12-31', 1)).toBe('2027-01-01');
  expect(addDays('2028-03-01', -1)).toBe('2028-02-29');
});

test('the same day of a shorter month is its last one', () => {
  expect(addMonths('2027-01-31', 1)).toBe('2027-02-28');
  expect(addMonths('2027-03-31', -1)).toBe('2027-02-28');
  expect(addMonths('2026-12-15', 1)).toBe('2027-01-15');
});

test('a day is that of the machine, not that of UTC', () => {
  expect(dayOf(new Date(2026, 0, 5, 0, 5))).toBe('2026-01-05');
  expect(dayOf(new Date(2026, 0, 5, 23, 55))).toBe('2026-01-05');
});
