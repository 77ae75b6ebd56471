import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

test('docs/flows/copy.md names every step of the journal, and no other', () => {
  const code = readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .map((name) => readFileSync(join(import.meta.dirname, name), 'utf8'))
    .join('\n');
  const written = [...code.matchAll(/(?:\bstep: |\brecord\()'([a-z-]+)'/g)].map(([, step]) => step);
  const page = readFileSync(join(import.meta.dirname, '../../docs/flows/copy.md'), 'utf8');
  const table = page.slice(page.indexOf('## The journal'));
  const named = [...table.matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, step]) => step);
  expect(new Set(named)).toEqual(new Set(written));
  expect(named.length).toBe(new Set(named).size);
});
