import { expect, test } from 'vitest';
import { flatInSlices, inSlices } from './slices.ts';

test('all items are visited in order, and others have their turn meanwhile', async () => {
  const items = Array.from({ length: 1_250 }, (_, n) => n);
  const seen: number[] = [];
  let turns = 0;
  const count = () => {
    turns++;
    if (seen.length < items.length) setImmediate(count);
  };
  setImmediate(count);
  await inSlices(items, (item) => seen.push(item));
  expect(seen).toEqual(items);
  expect(turns).toBeGreaterThanOrEqual(2);
});

test('what comes of each is one list, and a fault ends it', async () => {
  expect(await flatInSlices([1, 2, 3], (n) => (n === 2 ? [] : [n, n]))).toEqual([1, 1, 3, 3]);
  const failing = inSlices([1], () => {
    throw new Error('no');
  });
  await expect(failing).rejects.toThrow('no');
});
