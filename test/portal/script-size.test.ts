/** What a mailbox's owner has to load before anything is seen: people come once, on a phone, by a slow line. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeAll, expect, test } from 'vitest';
import { buildUi } from '../../scripts/build-ui.mjs';
import { pagesFolder } from './serve-pages.ts';

/** Of compressed script. A budget: half a second at 4 Mbit/s. */
const mostBytes = 250_000;

interface Chunk {
  readonly file: string;
  readonly isEntry?: boolean;
  readonly imports?: readonly string[];
  readonly dynamicImports?: readonly string[];
  readonly css?: readonly string[];
}

beforeAll(() => {
  buildUi();
});

function chunks(): Record<string, Chunk> {
  return JSON.parse(readFileSync(join(pagesFolder, 'manifest.json'), 'utf8')) as Record<string, Chunk>;
}

function firstLoad(): string[] {
  const manifest = chunks();
  const files = new Set<string>();
  const add = (name: string): void => {
    const chunk = manifest[name];
    if (chunk === undefined || files.has(chunk.file)) return;
    files.add(chunk.file);
    for (const more of chunk.imports ?? []) add(more);
  };
  for (const [name, { isEntry }] of Object.entries(manifest)) if (isEntry === true) add(name);
  return [...files];
}

test('the first load is at most 250 kB of compressed script', () => {
  const files = firstLoad();
  const sizes = files.map((file) => gzipSync(readFileSync(join(pagesFolder, file))).length);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  expect(total).toBeGreaterThan(20_000);
  expect(total).toBeLessThanOrEqual(mostBytes);
  // What draws a QR code comes with the page that shows one.
  expect(files.filter((file) => file.includes('programs-page'))).toEqual([]);
  expect(Object.keys(chunks())).toContain('src/pages/mailbox/programs-page.tsx');
});

test('the page has nothing inline, which its policy would stop', () => {
  const html = readFileSync(join(pagesFolder, 'index.html'), 'utf8');
  expect(html).not.toMatch(/<style|style=|<script(?![^>]*\ssrc=)|\son[a-z]+=/i);
});

test('the pages are built for use, whoever has them built: a development build checks everything twice', () => {
  for (const file of firstLoad())
    expect(readFileSync(join(pagesFolder, file), 'utf8').includes('jsxDEV'), file).toBe(false);
});
