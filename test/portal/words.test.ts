/** What people read stands in the words, in both languages: no sentence is typed into a page. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../../ui/src');
/** Between tags, on a line by itself or beside them; and what is shown or read out of an attribute. */
const shown = [
  />[ \t]*(?<text>[^<>{}=;()\n]*\p{L}{2,}[^<>{}=;()\n]*)<\//gu,
  /^[ \t]*(?<text>\p{Lu}\p{L}* [\p{L} ,.-]+[.:]?)$/gmu,
  /\s(?:aria-label|placeholder|title|alt|label|lead)="(?<text>[^"]*\p{L}[^"]*)"/gu,
];
/** The name of the product, and what is the same in each language. */
const known = ['Mailferry', 'https://'];

test('no sentence is typed into a page', () => {
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.tsx'),
  );
  expect(files.length).toBeGreaterThan(60);
  const found = files.flatMap((file) => {
    // Comments are for us.
    const text = readFileSync(join(root, file), 'utf8').replaceAll(/\/\*[^]*?\*\/|^\s*\/\/.*$/gm, '');
    return shown
      .flatMap((pattern) => [...text.matchAll(pattern)].map(({ groups }) => groups?.['text']?.trim() ?? ''))
      .filter((one) => !known.includes(one))
      .map((one) => `${file}: ${one}`);
  });
  expect(found).toEqual([]);
});
