/**
 * Holds the documentation to the tree: every relative link leads to a file (and its # to a heading), every path in
 * backticks below src/, test/, docs/ or scripts/ exists, and README stays short enough to be read.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, resolve } from 'node:path';

export interface Page {
  /** Below the root, with slashes. */
  readonly path: string;
  readonly text: string;
}

/** What a visitor reads before trying anything; the rest belongs to docs/. */
const maxReadmeLines = 150;

export function docFaults(pages: readonly Page[], exists: (path: string) => boolean): string[] {
  const headings = new Map(pages.map(({ path, text }) => [path, anchorsOf(text)]));
  const faults: string[] = [];
  for (const { path, text } of pages) {
    if (path === 'README.md') {
      const lines = text.split('\n').length - 1;
      if (lines >= maxReadmeLines) faults.push(`${path} has ${lines} lines; ${maxReadmeLines} are too many`);
    }
    const prose = withoutFences(text);
    const say = (at: number, what: string) =>
      faults.push(`${path}:${prose.slice(0, at).split('\n').length} ${what}`);
    for (const match of prose.matchAll(/\]\(([^()\s]+)\)/g)) {
      const link = match[1] ?? '';
      if (/^[a-z]+:/i.test(link)) continue;
      const [file = '', anchor] = link.split('#');
      const target = file === '' ? path : posix.join(dirname(path), file);
      if (file !== '' && !exists(target)) say(match.index, `links to ${link}, which is not there`);
      else if (anchor !== undefined && headings.get(target)?.has(anchor) === false) {
        say(match.index, `links to ${link}, but no heading there is called so`);
      }
    }
    for (const match of prose.matchAll(/`((?:src|test|docs|scripts)\/[\w./-]+)`/g)) {
      const named = match[1] ?? '';
      if (!exists(named)) say(match.index, `names ${named}, which is not there`);
    }
  }
  return faults;
}

/** The names that GitHub gives to headings. */
function anchorsOf(text: string): Set<string> {
  const titles = withoutFences(text).matchAll(/^#+ +(.+)$/gm);
  return new Set(
    [...titles].map(([, title = '']) =>
      title
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, '')
        .trim()
        .replaceAll(' ', '-'),
    ),
  );
}

/** Fenced blocks become blank lines: what a program printed is no claim of ours. */
function withoutFences(text: string): string {
  return text.replace(/^```[\s\S]*?^```/gm, (block) => block.replace(/[^\n]/g, ''));
}

function readPages(root: string): Page[] {
  const below = ['docs', 'scripts', 'src', 'test'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) => `${folder}/${name}`),
  );
  return [...readdirSync(root), ...below]
    .filter((path) => path.endsWith('.md'))
    .sort()
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
}

if (import.meta.main) {
  const root = resolve(import.meta.dirname, '..');
  const faults = docFaults(readPages(root), (path) => existsSync(join(root, path)));
  for (const fault of faults) process.stdout.write(`${fault}\n`);
  process.exitCode = faults.length === 0 ? 0 : 1;
}
