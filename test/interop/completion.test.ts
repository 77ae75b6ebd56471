/** The completion script in a real bash: at every place of the line what the verbs really take, and nothing else. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CommandEnv } from '../../src/commands/command-env.ts';
import { buildProgram } from '../../src/commands/program.ts';
import { mailferry } from './mailferry.ts';

const dir = mkdtempSync(join(tmpdir(), 'mf-completion-'));
const nothing = { version: '0', called: undefined, done: () => {} };
const program = await buildProgram({} as CommandEnv, nothing);
let script: string;

beforeAll(async () => {
  const printed = await mailferry(['completion', 'bash']);
  expect([printed.code, printed.stderr]).toEqual([0, '']);
  script = printed.stdout;
  writeFileSync(join(dir, 'list.csv'), '');
  mkdirSync(join(dir, 'sub'));
});
afterAll(() => rmSync(dir, { recursive: true }));

/** What Tab offers at the end of each line, whose last word is still being typed. All in one shell. */
function offered(lines: readonly (readonly string[])[]): string[][] {
  const asked = lines
    .map((words) => {
      const quoted = ['mailferry', ...words].map((word) => `'${word}'`).join(' ');
      return `COMP_WORDS=(${quoted}); COMP_CWORD=${words.length}; COMPREPLY=(); _mailferry; printf '%s\\n' "\${COMPREPLY[*]}"`;
    })
    .join('\n');
  // As in a person's shell: unset variables and failures are no excuse, and its IFS is the usual one.
  const { stdout, stderr, status } = spawnSync('bash', ['-c', `set -u\n${script}\n${asked}`], {
    cwd: dir,
    encoding: 'utf8',
  });
  expect([status, stderr]).toEqual([0, '']);
  return stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => line.split(' ').filter((word) => word !== ''));
}

interface Place {
  readonly words: readonly string[];
  readonly command: Command;
}

function places(command: Command, words: readonly string[] = []): Place[] {
  return command.commands
    .filter((one) => one.name() !== 'help')
    .flatMap((one) => {
      const here = [...words, one.name()];
      return [{ words: here, command: one }, ...places(one, here)];
    });
}

const options = (command: Command) => command.options.map(({ long }) => long ?? '');
const all = places(program);

test('offers every verb first, and after help', () => {
  const names = program.commands.map((one) => one.name());
  const [first, help, some] = offered([[''], ['help', ''], ['re']]);
  expect(first?.sort()).toEqual([...names, 'help', '--help', '--version'].sort());
  expect(help?.sort()).toEqual([...names].sort());
  expect(some?.sort()).toEqual(['refused', 'report']);
});

test('offers behind each verb its own verbs, words and options, and those of no other', () => {
  expect(all.length).toBeGreaterThan(40);
  const got = offered(all.map(({ words }) => [...words, '']));
  for (const [i, { words, command }] of all.entries()) {
    const below = command.commands.map((one) => one.name()).filter((name) => name !== 'help');
    const choices = command.registeredArguments.flatMap((one) => one.argChoices ?? []);
    const files = command.registeredArguments.some((one) => one.name() === 'file') ? ['list.csv', 'sub'] : [];
    const wanted = [...below, ...choices, ...files, ...options(command), '--help'];
    expect([words, got[i]?.sort()]).toEqual([words, wanted.sort()]);
  }
});

test('offers behind an option what it may hold, and an option’s value is not taken for a verb', () => {
  const asked = all.flatMap(({ words, command }) =>
    command.options
      .filter((option) => option.required)
      .map((option) => ({ line: [...words, option.long ?? '', ''], option })),
  );
  const got = offered(asked.map(({ line }) => line));
  let files = 0;
  for (const [i, { line, option }] of asked.entries()) {
    const holdsFile = option.flags.endsWith('<file>');
    if (holdsFile) files += 1;
    const wanted =
      option.argChoices ?? (holdsFile ? ['list.csv', 'sub'] : option.flags.endsWith('<dir>') ? ['sub'] : []);
    expect([line, got[i]?.sort()]).toEqual([line, [...wanted].sort()]);
  }
  expect(files).toBeGreaterThan(30);
  const [after, behind, trouble] = offered([
    ['sync', 'pause', '--why', 'status', '--ye'],
    ['accounts', 'list', '--json', '--phase', 'in'],
    ['accounts', 'list', '--trouble', '--ph'],
  ]);
  expect([after, behind, trouble]).toEqual([[], ['in-step'], ['--phase']]);
});

test('is for zsh the same, with what zsh needs before it', async () => {
  const { stdout } = await mailferry(['completion', 'zsh']);
  expect(stdout).toBe(`#compdef mailferry\nautoload -U +X bashcompinit && bashcompinit\n${script}`);
  const other = await mailferry(['completion', 'fish']);
  expect([other.code, other.stderr]).toEqual([2, expect.stringContaining('bash or zsh')]);
});
