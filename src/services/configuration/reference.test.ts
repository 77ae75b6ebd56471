import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { allKeys } from './describe-key.ts';

test('the reference page shows every key with what it may hold', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../docs/reference/configuration.md'), 'utf8');
  const shown = page.split('\n').filter((line) => line.startsWith('| `'));
  const wanted = allKeys().map(
    ({ key, allowed, standard, required, description }) =>
      `| \`${key}\` | ${allowed} | ${required ? 'has to be given' : standard === null ? '' : `\`${standard}\``} | ${description} |`,
  );
  expect(shown).toEqual(wanted);
});
