/** docs/faults.md is a list of promises: what it names as their proof has to be there. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const files = ['src', 'test'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('faults-table.test.ts'))
    .map((name) => `${folder}/${name}`),
);
const rows = readFileSync(join(root, 'docs/faults.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| F-'));

test('docs/faults.md has one row for each fault of a copy, and of routes', () => {
  const numbers = rows.map((row) => Number(/^\| F-(\d+)/.exec(row)?.[1]));
  const routes = [118, 119, 120];
  expect(numbers).toEqual([...Array.from({ length: 110 }, (_, at) => at + 1), ...routes]);
});

test('docs/faults.md names only files and dialogues that exist', () => {
  const named = rows.flatMap((row) => [...row.matchAll(/`([\w./-]+)`/g)].map(([, name = '']) => name));
  const tests = named.filter((name) => name.endsWith('.ts'));
  const dialogues = named.filter((name) =>
    /^(?:append|connection|fetch|greeting|login|mailboxes|watch)\//.test(name),
  );
  expect([tests.length > 50, dialogues.length > 50]).toEqual([true, true]);
  expect(tests.filter((name) => !files.some((file) => `/${file}`.endsWith(`/${name}`)))).toEqual([]);
  const of = (name: string) => join(root, 'test/dialogues', `${name}.dialogue`);
  expect(dialogues.filter((name) => !existsSync(of(name)))).toEqual([]);
});

test('docs/faults.md quotes only titles that a test or scenario bears', () => {
  const text = files
    .map((file) => readFileSync(join(root, file), 'utf8'))
    .join('\n')
    .replaceAll("\\'", "'");
  const quoted = rows
    .flatMap((row) => [...row.matchAll(/"([^"]*)"/g)].map(([, title = '']) => title))
    .filter((title) => title.includes(' '));
  expect(quoted.length).toBeGreaterThan(100);
  expect(quoted.filter((title) => !title.split('…').every((part) => text.includes(part.trim())))).toEqual([]);
});
