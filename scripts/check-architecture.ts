/**
 * Holds src/ to docs/architecture.md: who may import whom, who may read clock, arguments and environment, how files
 * are named. Tests beside their sources are free. `node scripts/check-architecture.ts` prints what is wrong and where
 * the code belongs, and how long the files are.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { basename, dirname, join, posix, resolve } from 'node:path';
import { doorsClosed, type ImportRule, importRules } from './import-rules.ts';

export interface SourceFile {
  /** Below src/, with slashes. */
  readonly path: string;
  readonly text: string;
}

export interface ArchitectureFault {
  readonly path: string;
  readonly line: number;
  readonly what: string;
}

/** All that breaks the rules, in the order of the files. */
export function architectureFaults(files: readonly SourceFile[]): ArchitectureFault[] {
  return files.filter(({ path }) => !path.endsWith('.test.ts')).flatMap((file) => faultsOf(file));
}

function faultsOf(file: SourceFile): ArchitectureFault[] {
  const code = withoutComments(file.text);
  const faults: ArchitectureFault[] = [];
  const say = (at: number, what: string) =>
    faults.push({ path: file.path, line: code.slice(0, at).split('\n').length, what });

  const rule = ruleOf(file.path);
  if (rule === undefined) {
    say(0, 'lies in a folder that docs/architecture.md does not know');
  } else {
    for (const found of importsOf(code)) {
      const what = judgeImport(file.path, rule, found);
      if (what !== null) say(found.at, what);
    }
  }
  for (const { pattern, allowedIn, what } of forbiddenWords) {
    if (allowedIn.includes(file.path)) continue;
    for (const match of code.matchAll(pattern)) say(match.index, what);
  }
  if (pureFolders.some((folder) => isBelow(file.path, folder))) {
    for (const match of code.matchAll(/\b(?:fetch|setTimeout|setInterval|setImmediate)\(/g))
      say(match.index, 'acts or waits in a folder that is pure: values in, values out');
  }
  if (/(^|-)(utils?|helpers?|common|managers?|handlers?)(\.|-|$)/.test(basename(file.path))) {
    say(0, 'is named after nothing: name the file after the one thing it does (style guide, 4)');
  }
  return faults;
}

const pureFolders = ['domain', 'wire', 'sync/reconcile', 'migration/plan', 'migration/transitions'];

const forbiddenWords: readonly { pattern: RegExp; allowedIn: readonly string[]; what: string }[] = [
  {
    pattern: /\bDate\.now\(|\bnew Date(?:\(\s*\)|\b(?!\())|\bperformance\.now\(/g,
    allowedIn: ['base/clock.ts'],
    what: 'reads the clock: take a Clock (base/clock.ts) as an argument',
  },
  {
    pattern:
      /\bprocess\.(argv|env)\b|\{[^{}=]*\b(argv|env)\b[^{}=]*\}\s*=\s*process\b|\bfrom\s*['"](node:)?process['"]/g,
    allowedIn: ['main.ts'],
    what: 'reads arguments or environment: only main.ts does; take the value as an argument',
  },
  {
    pattern: /\bMath\.random\(/g,
    allowedIn: [],
    what: 'draws a random number: take the source as an argument, so that a test can repeat it',
  },
  {
    pattern: /\bcreateRequire\b|\bgetBuiltinModule\b|\brequire\(|\bimport\((?!\s*['"`])/g,
    allowedIn: [],
    what: 'loads a module in a way that this check cannot see: write an import with the name in it',
  },
  {
    pattern: /^export default\b/gm,
    allowedIn: [],
    what: 'has a default export: name it, so that it has one name everywhere',
  },
];

interface Import {
  readonly specifier: string;
  readonly typesOnly: boolean;
  readonly at: number;
}

function importsOf(code: string): Import[] {
  const found: Import[] = [];
  for (const match of code.matchAll(
    /(?:^|[;{}])[ \t]*(?:import|export)\b([^'";]*?)\bfrom\s*['"]([^'"]+)['"]/gm,
  )) {
    const [, clause = '', specifier = ''] = match;
    const names =
      /\{([^}]*)\}/
        .exec(clause)?.[1]
        ?.split(',')
        .map((name) => name.trim()) ?? null;
    const allTypes =
      names?.every((name) => name === '' || name.startsWith('type ')) === true && /^\s*\{/.test(clause);
    found.push({ specifier, typesOnly: /^\s*type\b/.test(clause) || allTypes, at: match.index });
  }
  for (const match of code.matchAll(
    /(?:^|[;{}])[ \t]*import\s*['"]([^'"]+)['"]|\bimport\(\s*['"`]([^'"`]+)['"`]/gm,
  )) {
    found.push({ specifier: match[1] ?? match[2] ?? '', typesOnly: false, at: match.index });
  }
  return found;
}

function judgeImport(path: string, rule: ImportRule, { specifier, typesOnly }: Import): string | null {
  if (specifier.startsWith('.')) {
    const target = posix.normalize(posix.join(dirname(path), specifier));
    if (target.startsWith('..')) return `imports ${specifier}, which is outside src/`;
    for (const [closed, open] of Object.entries(doorsClosed)) {
      if (isBelow(target, closed) && !open.some((one) => isBelow(path, one))) {
        return `imports ${target}: nothing imports ${closed}, it is what starts everything`;
      }
    }
    if (isBelow(target, rule.from) && ruleOf(target) === rule) return null;
    if (rule.may.some((one) => isBelow(target, one))) return null;
    const types = rule.types?.some((one) => isBelow(target, one)) === true;
    if (types && typesOnly) return null;
    // The parts of one feature that have a stricter rule may be used by the feature itself.
    if (isBelow(target, rule.from)) return null;
    return types
      ? `imports values of ${target}; only its types are allowed here. ${rule.instead}`
      : `imports ${target}, which ${rule.from} may not. ${rule.instead}`;
  }
  if (specifier.startsWith('node:') || builtinModules.includes(specifier)) {
    const allowed = typeof rule.node === 'boolean' ? rule.node : rule.node.includes(specifier);
    return allowed ? null : `imports ${specifier}. ${rule.instead}`;
  }
  const packageName = specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
  if (rule.npm === 'any' || rule.npm.includes(packageName)) return null;
  return `imports the package ${packageName}. ${rule.instead}`;
}

function ruleOf(path: string): ImportRule | undefined {
  return importRules
    .filter(({ from }) => isBelow(path, from))
    .sort((a, b) => b.from.length - a.from.length)[0];
}

function isBelow(path: string, folder: string): boolean {
  return folder === '' || path === folder || path === `${folder}.ts` || path.startsWith(`${folder}/`);
}

/** Comments become blanks, so that lines keep their numbers. Good enough for code that biome has formatted. */
function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\/|(^|[\s;{(,])\/\/[^\n]*/g, (comment) =>
    comment.replace(/[^\n]/g, ' '),
  );
}

export function fileLengths(files: readonly SourceFile[]): { median: number; ninetieth: number } {
  const lengths = files
    .filter(({ path }) => !path.endsWith('.test.ts'))
    .map(({ text }) => text.split('\n').length - 1)
    .sort((a, b) => a - b);
  const at = (share: number) =>
    lengths[Math.min(lengths.length - 1, Math.floor(lengths.length * share))] ?? 0;
  return { median: at(0.5), ninetieth: at(0.9) };
}

export function readSources(srcDir: string): SourceFile[] {
  return readdirSync(srcDir, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .sort()
    .map((path) => ({ path, text: readFileSync(join(srcDir, path), 'utf8') }));
}

if (import.meta.main) {
  const files = readSources(resolve(import.meta.dirname, '../src'));
  const faults = architectureFaults(files);
  for (const { path, line, what } of faults) process.stdout.write(`src/${path}:${line} ${what}\n`);
  const { median, ninetieth } = fileLengths(files);
  process.stdout.write(`${files.length} files; lines: median ${median}, 90th percentile ${ninetieth}\n`);
  process.exitCode = faults.length === 0 ? 0 : 1;
}
