/** Every help screen as somebody on a terminal of 80 columns reads it. */
import type { Command } from 'commander';
import { expect, test } from 'vitest';
import type { CommandEnv } from './command-env.ts';
import { width } from './format.ts';
import { more } from './help-text.ts';
import { buildProgram } from './program.ts';

const program = await buildProgram({} as CommandEnv, {
  version: '0',
  called: undefined,
  done: () => {},
});

function below(command: Command, names = 'mailferry'): (readonly [string, Command])[] {
  return command.commands.flatMap((one) => {
    const path = `${names} ${one.name()}`;
    return [[path, one] as const, ...below(one, path)];
  });
}
const all: (readonly [string, Command])[] = [['mailferry', program], ...below(program)];
const verbs = all.filter(([, { commands }]) => commands.length === 0);

function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({ writeOut: (piece) => (text += piece), getOutHelpWidth: () => 80 });
  command.outputHelp();
  return text;
}

test('there are as many verbs as somebody would look for', () => {
  expect(verbs.length).toBeGreaterThan(30);
});

test.each(all)('%s --help fits 80 columns, and has examples that name it', (path, command) => {
  const text = helpOf(command);
  expect(text.split('\n').filter((line) => width(line) > 80)).toEqual([]);
  expect(text).toMatch(/\n(Examples:|One account, copied once:)\n/);
  expect(text).toMatch(new RegExp(`^  .*\\b${path}\\b`, 'm'));
  for (const one of [...command.options, ...command.registeredArguments])
    expect([one.name(), (one.description ?? '').length > 4]).toEqual([one.name(), true]);
});

test.each(verbs)('%s tells its exit codes, and has --json where it prints values', (path, command) => {
  expect(helpOf(command)).toMatch(/^Exit codes: 0 /m);
  const silent = /^mailferry (serve|control|worker|edge run|completion|config example)$/.test(path);
  expect(command.options.some(({ long }) => long === '--json')).toBe(!silent);
});

test('the examples of all verbs are ones that they take', async () => {
  for (const [path, command] of verbs) {
    const examples = helpOf(command)
      .replaceAll(' \\\n   ', '')
      .matchAll(/^ {2}(?:\S+ <\()?(?:printf .* \| )?(?:MAILFERRY\w+=\S+ )?(mailferry [^|>)\n]*)/gm);
    for (const [, line = ''] of examples) {
      if (!line.startsWith(path)) continue;
      const words = (line.slice(path.length).match(/(?:"[^"]*"|[^\s"])+/g) ?? []).map((word) =>
        word.replaceAll('"', ''),
      );
      const known = command.options.flatMap(({ long, short }) => [long, short]);
      for (const word of words)
        if (word.startsWith('-') && word !== '-')
          expect([line, known]).toEqual([line, expect.arrayContaining([word])]);
      const { operands, unknown } = command.parseOptions(words);
      expect([line, unknown]).toEqual([line, []]);
      const most = command.registeredArguments.some(({ variadic }) => variadic)
        ? 99
        : command.registeredArguments.length;
      const least = command.registeredArguments.filter(({ required }) => required).length;
      expect([line, operands.length >= least && operands.length <= most]).toEqual([line, true]);
    }
  }
});

test('long lines are broken so that a shell takes them, and words are not torn', () => {
  const [first = '', second = ''] = more(`  mailferry x --why "${'word '.repeat(8)}" --and ${'y'.repeat(40)}`)
    .trim()
    .split('\n');
  expect([first.endsWith(' \\'), second.trim()]).toEqual([true, `--and ${'y'.repeat(40)}`]);
  expect(
    more(`${'word '.repeat(30)}end`)
      .split('\n')
      .every((line) => line.length <= 80),
  ).toBe(true);
});
