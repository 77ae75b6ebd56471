import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { errorTable } from './errors.ts';

test('docs/reference/errors.md says of every error what the table says, in its order', () => {
  const page = readFileSync(new URL('../../docs/reference/errors.md', import.meta.url), 'utf8');
  const rows = page.matchAll(/^\| `([a-z-]+)` \| (.+ \| .+ \| .+ \| .+) \|$/gm);
  const documented = [...rows].map(([, code, rest = '']) => [code, ...rest.split(' | ')]);
  const known = Object.entries(errorTable).map(([code, { scope, retry, fault, action }]) => [
    code,
    scope,
    retry,
    fault,
    action,
  ]);
  expect(documented).toEqual(known);
});
