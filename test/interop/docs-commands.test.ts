/** Every command that README and docs/ show is one that the program takes: its verb, each option, and as many words. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { expect, test } from 'vitest';
import type { CommandEnv } from '../../src/commands/command-env.ts';
import { buildProgram } from '../../src/commands/program.ts';

const root = resolve(import.meta.dirname, '../..');
const pages = [
  'README.md',
  ...['operations', 'reference', 'flows'].flatMap((folder) =>
    readdirSync(join(root, 'docs', folder)).map((name) => `docs/${folder}/${name}`),
  ),
].filter((name) => name.endsWith('.md'));
const options = { version: '0', called: undefined, done: () => {} };
const program = await buildProgram({} as CommandEnv, options);

/** Commands at the beginning of a line of a fence, up to what the shell does with them; others in backticks, in prose. */
function commandsOf(text: string): { readonly line: string; readonly whole: boolean }[] {
  const fences = text.match(/^```[\s\S]*?^```/gm) ?? [];
  const prose = text.replace(/^```[\s\S]*?^```/gm, '');
  const whole = fences
    .flatMap((fence) => fence.replaceAll('\\\n', ' ').split('\n'))
    .flatMap((line) => /^\s*(?:\$ )?(?:MAILFERRY\w+=\S+ )?(mailferry .*)$/.exec(line)?.[1] ?? [])
    .map((line) => ({ line: line.replace(/ (#|>|\|).*$/, ''), whole: true }));
  const named = [...prose.matchAll(/`(mailferry [^`]+)`/g)].map(([, line = '']) => ({ line, whole: false }));
  // "bash\|zsh" of a table, and words in capitals, stand for others.
  return [...whole, ...named].map((one) => ({ ...one, line: one.line.replace(/\\\|.*$/, '') }));
}

/** What is wrong with it; empty where nothing is. `whole`: as somebody would type it, with all its words. */
function fault({ line, whole }: { readonly line: string; readonly whole: boolean }): string {
  const words = (line.match(/(?:"[^"]*"|'[^']*'|\S)+/g) ?? []).slice(1);
  if (words[0]?.startsWith('-') === true || words[0] === 'VERB') return '';
  let command: Command = program;
  while (command.commands.length > 0) {
    const next = command.commands.find((one) => one.name() === words[0]);
    if (next === undefined)
      return words.length === 0 && !whole ? '' : `no verb ${words[0] ?? ''} of ${command.name()}`;
    command = next;
    words.shift();
  }
  // In prose an option is named without its value.
  const last = command.options.find(({ long }) => long === words.at(-1));
  if (!whole && last?.required === true) words.push('x');
  const { operands, unknown } = command.parseOptions(words);
  if (unknown.length > 0 && unknown.join() !== '--help') return `does not know ${unknown.join(' ')}`;
  const { registeredArguments: wanted } = command;
  const most = wanted.some(({ variadic }) => variadic) ? Number.POSITIVE_INFINITY : wanted.length;
  if (operands.length > most) return `too many words: ${operands.join(' ')}`;
  const missing = whole && operands.length < wanted.filter(({ required }) => required).length;
  return missing ? 'a word is missing' : '';
}

test.each(pages)('%s shows commands that there are', (page) => {
  const commands = commandsOf(readFileSync(join(root, page), 'utf8'));
  expect(commands.map((one) => ({ ...one, fault: fault(one) })).filter((one) => one.fault !== '')).toEqual(
    [],
  );
});

test('there are many, and a wrong one would be found', () => {
  const all = pages.flatMap((page) => commandsOf(readFileSync(join(root, page), 'utf8')));
  expect(all.filter(({ whole }) => whole).length).toBeGreaterThan(40);
  const wrong = [
    'mailferry sinc start',
    'mailferry sync begin',
    'mailferry ls',
    'mailferry report a b',
    'mailferry audit --who x',
  ];
  for (const line of wrong) expect([line, fault({ line, whole: true })]).not.toEqual([line, '']);
});
