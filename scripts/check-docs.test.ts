import { expect, test } from 'vitest';
import { docFaults } from './check-docs.ts';

const there = ['README.md', 'docs/flow.md', 'docs', 'src/main.ts'];
const faults = (path: string, text: string) =>
  docFaults(
    [
      { path, text },
      { path: 'docs/flow.md', text: '# The flow\n\n## Why `so`, and not else\n' },
    ],
    (file) => there.includes(file),
  );

test('finds links that lead nowhere, and says where they stand', () => {
  expect(faults('README.md', 'One\n[a](docs/gone.md)\n')).toEqual([
    'README.md:2 links to docs/gone.md, which is not there',
  ]);
  expect(faults('docs/x.md', '[a](flow.md) [b](../README.md) [c](https://example.org/x) [d](..)')).toEqual([
    'docs/x.md:1 links to .., which is not there',
  ]);
});

test('finds anchors that no heading has', () => {
  expect(faults('README.md', '[a](docs/flow.md#why-so-and-not-else) [b](docs/flow.md#why)')).toEqual([
    'README.md:1 links to docs/flow.md#why, but no heading there is called so',
  ]);
  expect(faults('docs/x.md', '# Here\n[a](#here) [b](#gone)')).toEqual([
    'docs/x.md:2 links to #gone, but no heading there is called so',
  ]);
});

test('finds paths in backticks that are not there, but not in what a program printed', () => {
  expect(faults('README.md', '`src/main.ts` `src/gone.ts` `docs` `src/**/*.ts` `src/a b`')).toEqual([
    'README.md:1 names src/gone.ts, which is not there',
  ]);
  expect(faults('README.md', 'x\n```\n`src/gone.ts` [a](gone.md)\n```\n')).toEqual([]);
});

test('keeps README short', () => {
  expect(faults('README.md', '\n'.repeat(149))).toEqual([]);
  expect(faults('README.md', '\n'.repeat(150))).toHaveLength(1);
  expect(faults('docs/x.md', '\n'.repeat(500))).toEqual([]);
});
