import { expect, it } from 'vitest';
import { openFilesAllowed, tooFewFiles } from './open-files.ts';

const table = (hard: string) =>
  `Limit                     Soft Limit           Hard Limit           Units\nMax open files            1024                 ${hard}              files\n`;
const limits = { old: { limits: { connections: 1_000 } }, new: { limits: { connections: 100 } } };

it('tells who has too few, and says nothing where there is room or nobody knows', () => {
  expect(tooFewFiles(limits, 1_024)).toMatch(/only 1024 files .* 1400 .*LimitNOFILE/);
  expect(tooFewFiles(limits, 1_400)).toBeNull();
  expect(tooFewFiles(limits, null)).toBeNull();
});

it('reads the hard limit', () => {
  expect(openFilesAllowed(() => table('524288'))).toBe(524_288);
  expect(openFilesAllowed(() => table('unlimited'))).toBeNull();
  expect(
    openFilesAllowed(() => {
      throw new Error('no /proc');
    }),
  ).toBeNull();
  expect(openFilesAllowed()).toBeGreaterThan(0);
});
