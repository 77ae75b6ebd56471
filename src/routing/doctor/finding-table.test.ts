import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findingTable } from './finding-table.ts';

test('the reference page shows every finding, in the order of the table', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../docs/reference/findings.md'), 'utf8');
  const shown = page.split('\n').filter((line) => line.startsWith('| `'));
  // What stands for what was seen is no HTML and no code: it is written as it is in the table.
  const wanted = Object.entries(findingTable).map(
    ([code, { severity, what, fix }]) => `| \`${code}\` | ${severity} | ${what.en} | ${fix.en} |`,
  );
  expect(shown).toEqual(wanted);
});
