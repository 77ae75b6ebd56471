import { expect, test } from 'vitest';
import { firstPairs, firstState, maxPairs, nextState } from './pair-count.ts';

const after = (...readings: number[]) => readings.reduce(nextState, firstState);

test('begins with two, and tries a third after the first reading', () => {
  expect(firstState.wanted).toBe(firstPairs);
  expect(after(1000).wanted).toBe(3);
});

test('goes up to four while each one more is clearly faster, and stays there', () => {
  expect(after(1000, 1400, 1900)).toMatchObject({ wanted: maxPairs, settled: true });
  expect(after(1000, 1400, 1900, 10).wanted).toBe(maxPairs);
});

test('takes the last one away where it did not help, or did harm', () => {
  expect(after(1000, 1050)).toMatchObject({ wanted: 2, settled: true });
  expect(after(1000, 600)).toMatchObject({ wanted: 2, settled: true });
  expect(after(1000, 1400, 1300)).toMatchObject({ wanted: 3, settled: true });
});
