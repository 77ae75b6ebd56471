/** Reads the table of docs/reference/cli-accounts.md that says what every verb prints with `--json`. */
import type { Command } from 'commander';
import type { CommandEnv } from '../../src/commands/command-env.ts';
import { buildProgram } from '../../src/commands/program.ts';

export interface Shape {
  readonly verb: string;
  readonly type: string;
  /** Names of all fields, those of objects in them too. */
  readonly fields: ReadonlySet<string>;
}

/** Rows `| verbs | type | fields |`; an empty cell is that of the row before. */
export function documentedShapes(page: string): Shape[] {
  const section = page.slice(page.indexOf('\n## JSON'));
  let verbs: string[] = [];
  let type = '';
  const rows = new Map<string, { verb: string; type: string; fields: Set<string>; same: string[] }>();
  for (const line of section.split('\n')) {
    const cells = /^\| (.*?) ?\| (.*?) ?\| (.+) \|$/.exec(line);
    if (cells === null || cells[1] === 'verb') continue;
    const [, first = '', second = '', third = ''] = cells;
    if (first !== '') verbs = verbsOf(first);
    if (second !== '') type = second.replaceAll('`', '');
    for (const verb of verbs) {
      const name = `${verb} ${type}`;
      const row = rows.get(name) ?? { verb, type, fields: new Set<string>(), same: [] };
      for (const word of fieldsOf(third)) row.fields.add(word);
      for (const [, same = ''] of third.matchAll(sameAs)) row.same.push(same);
      rows.set(name, row);
    }
  }
  const shapes = [...rows.values()];
  for (const { fields, same } of shapes) {
    const others = shapes.filter(({ verb }) => same.includes(verb));
    for (const word of others.flatMap((other) => [...other.fields])) fields.add(word);
  }
  return shapes;
}

/** Where another row says the same. */
const sameAs = /\(as `([\w -]+)`\)/g;

/** "`accounts list`, `show`": the second is one of accounts as well. */
function verbsOf(cell: string): string[] {
  let above = '';
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => {
    const words = name.split(' ');
    if (words.length > 1) above = words[0] ?? '';
    return words.length > 1 || above === '' ? name : `${above} ${name}`;
  });
}

/** Names of fields are written as the program has them; words that a field may hold stand in quotes. */
function fieldsOf(cell: string): string[] {
  return [...cell.replace(sameAs, '').matchAll(/`([A-Za-z0-9]+)(?:\[\])?`/g)].map(([, name = '']) => name);
}

/** Fields that are maps: their keys are words of the installation, and no fields. */
const maps = new Set([
  'phases',
  'trouble',
  'troubleClasses',
  'activities',
  'heardBy',
  'detail',
  'limits',
  'configuration',
  'values',
]);

/** The names of all fields of a value, at any depth. */
export function wordsOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(wordsOf);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, below]) => [name, ...(maps.has(name) ? [] : wordsOf(below))]);
}

/** All verbs that have `--json`, as they are typed. */
export async function allVerbs(): Promise<string[]> {
  const options = { version: '0', called: undefined, done: () => {} };
  const program = await buildProgram({} as CommandEnv, options);
  const below = (command: Command, path: string): string[] =>
    command.commands.length === 0
      ? command.options.some(({ long }) => long === '--json')
        ? [path]
        : []
      : command.commands.flatMap((one) => below(one, `${path} ${one.name()}`.trim()));
  return below(program, '').sort();
}
