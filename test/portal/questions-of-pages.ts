/**
 * Finds every question that the pages ask of the API, in their text: `ask<T>('GET', ...)`, and addresses that stand
 * there outside of it. No part of a page that it cannot read goes unnoticed: it throws.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Question {
  /** Below `ui/src`. */
  readonly file: string;
  readonly method: string;
  /** Below `/api/v1`; `{}` for what is filled in. */
  readonly path: string;
  /** The type that the page reads the answer as; null where it does not look at it. */
  readonly type: string | null;
}

export function questionsOfPages(root: string): Question[] {
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.tsx?$/.test(file) && !/\.test\.tsx?$/.test(file))
    .flatMap((file) => questionsOf(file, readFileSync(join(root, file), 'utf8')));
}

/** The two that know the address of the API itself. */
const askFile = 'api/ask.ts';

/** Throws where a question is written in a way that this does not read. */
export function questionsOf(file: string, text: string): Question[] {
  if (file === askFile) return [];
  const found: Question[] = [];
  for (const { index } of text.matchAll(/\bask(?=[<(])/g)) {
    let at = index + 'ask'.length;
    let type: string | null = null;
    if (text[at] === '<') {
      const end = closing(text, at);
      type = text.slice(at + 1, end);
      at = end + 1;
    }
    const match = /^\(\s*'([A-Z]+)',\s*/.exec(text.slice(at));
    const method = match?.[1];
    if (match === null || method === undefined) throw unread(file, text, index);
    found.push({ file, method, path: pathAt(file, text, at + match[0].length), type });
  }
  for (const match of text.matchAll(/[`']\/api\/v1/g)) {
    found.push({ file, method: 'GET', path: pathOf(literalAt(text, match.index), '/api/v1'), type: null });
  }
  return found;
}

function pathAt(file: string, text: string, at: number): string {
  if (/[`']/.test(text[at] ?? '')) return pathOf(literalAt(text, at));
  // A function of the same file that makes it.
  const name = /^(\w+)\(/.exec(text.slice(at))?.[1];
  const made = name === undefined ? null : new RegExp(`const ${name} = \\([^)]*\\)[^=]*=>\\s*`).exec(text);
  if (made === null) throw unread(file, text, at);
  return pathOf(literalAt(text, made.index + made[0].length));
}

/** What stands between the quotes that begin at `at`. */
function literalAt(text: string, at: number): string {
  const quote = text[at];
  for (let i = at + 1; i < text.length; i++) {
    if (text.startsWith('${', i)) i = closing(text, i + 1);
    else if (text[i] === quote) return text.slice(at + 1, i);
  }
  throw new Error('a text does not end');
}

/** The bracket that closes the one at `at`; arrows of functions are no brackets. */
function closing(text: string, at: number): number {
  const pairs: Readonly<Record<string, string>> = { '<': '>', '{': '}', '(': ')' };
  const open = text[at] ?? '';
  const close = pairs[open];
  let depth = 0;
  for (let i = at; i < text.length; i++) {
    if (text[i] === open) depth += 1;
    else if (text[i] === close && text[i - 1] !== '=') depth -= 1;
    if (depth === 0) return i;
  }
  throw new Error('a bracket does not close');
}

function pathOf(literal: string, prefix = ''): string {
  let path = '';
  for (let i = 0; i < literal.length; i++) {
    if (!literal.startsWith('${', i)) {
      path += literal[i];
      continue;
    }
    const end = closing(literal, i + 1);
    const inner = literal.slice(i + 2, end);
    // Parameters behind the path, and not a part of it.
    path += inner.startsWith('query(') || inner === 'scope' ? '' : '{}';
    i = end;
  }
  return (path.slice(prefix.length).split('?')[0] ?? '').trim();
}

function unread(file: string, text: string, at: number): Error {
  const line = text.slice(0, at).split('\n').length;
  return new Error(`${file}:${line} asks the API in a way that this test does not read`);
}
