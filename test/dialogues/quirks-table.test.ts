import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '../..');

test('docs/quirks names only tests that exist', () => {
  const table = readFileSync(join(root, 'docs/quirks/index.md'), 'utf8');
  const named = [...table.matchAll(/`([\w./-]+\.(?:dialogue|ts))`/g)].map(([, path = '']) =>
    path.includes('.dialogue') ? join('test/dialogues', path) : path,
  );
  expect(named.length).toBeGreaterThan(30);
  expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([]);
});
