/**
 * Text of a file and environment in, configuration or faults out. Pure apart from `readFile`, which reads the files that
 * secrets stand in; null leaves these alone, for whoever needs none of the secrets and may not read them.
 *
 *   TOML -> variables of the environment over it -> schema -> secrets out of their files
 */
import { parse, TomlError } from 'smol-toml';
import { Secret } from '../../base/secret.ts';
import { type ConfigurationFault, faultsOf } from './faults.ts';
import { keyLines } from './key-lines.ts';
import { type Configuration, configurationSchema, secretKeys } from './schema.ts';

/** As in the file, but secrets are `Secret` values wherever they came from, and their `_file` twins are gone. */
export interface ReadConfiguration {
  readonly configuration: Configuration;
  /** By dotted key, as `old.master_password`. */
  readonly secrets: ReadonlyMap<string, Secret>;
  /** Where a dotted key was set: its line in the file, or the variable. Both null for one that was not given. */
  readonly placeOf: (key: string) => Pick<ConfigurationFault, 'line' | 'variable'>;
}

export type ReadResult =
  | { readonly ok: true; readonly value: ReadConfiguration }
  | { readonly ok: false; readonly faults: readonly ConfigurationFault[] };

/** A file larger than this is not a configuration. */
export const maxFileBytes = 1_000_000;
/** `MAILFERRY__OLD__LIMITS__CONNECTIONS=20` sets old.limits.connections. */
const prefix = 'MAILFERRY__';

export function readConfiguration(
  toml: string,
  environment: Readonly<Record<string, string | undefined>>,
  readFile: ((path: string) => string) | null,
): ReadResult {
  let tree: Record<string, unknown>;
  try {
    tree = parse(toml, { maxDepth: 8 });
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const text = `column ${error.column}: ${(error.message.split('\n')[0] ?? '').replace('Invalid TOML document: ', '')}`;
    return { ok: false, faults: [{ line: error.line, variable: null, key: '', text }] };
  }
  const variables = new Map<string, string>();
  for (const [name, value] of Object.entries(environment)) {
    if (!name.startsWith(prefix) || value === undefined) continue;
    const path = name.slice(prefix.length).toLowerCase().split('__');
    put(tree, path, value);
    variables.set(path.join('.'), name);
  }
  const lines = keyLines(toml);
  let parsed = configurationSchema.safeParse(tree);
  if (!parsed.success && retype(tree, parsed.error.issues, variables))
    parsed = configurationSchema.safeParse(tree);
  if (!parsed.success) return { ok: false, faults: faultsOf(parsed.error.issues, lines, variables) };

  const { configuration, secrets, faults } = takeSecrets(parsed.data, readFile);
  const placeOf = (key: string) => {
    const variable = variables.get(key) ?? null;
    return { line: variable === null ? (lines.get(key) ?? null) : null, variable };
  };
  if (faults.length === 0) return { ok: true, value: { configuration, secrets, placeOf } };
  const placed = faults.map(({ key, text }) => ({ ...placeOf(key), key, text }));
  return { ok: false, faults: placed };
}

/** Variables are text; where the schema wants a number, a truth value or a list, they are read as TOML would. */
function retype(
  tree: Record<string, unknown>,
  issues: readonly { readonly code: string; readonly path: readonly PropertyKey[] }[],
  variables: ReadonlyMap<string, string>,
): boolean {
  let changed = false;
  for (const { code, path } of issues) {
    if (code !== 'invalid_type' || !variables.has(path.join('.'))) continue;
    const names = path.map(String);
    try {
      put(tree, names, parse(`value = ${String(valueAt(tree, names))}`).value);
      changed = true;
    } catch {
      // It stays a text, and the schema says what is wanted.
    }
  }
  return changed;
}

function put(tree: Record<string, unknown>, path: readonly string[], value: unknown): void {
  let at = tree;
  for (const name of path.slice(0, -1)) {
    const below = Object.hasOwn(at, name) ? at[name] : undefined;
    const next = typeof below === 'object' && below !== null ? (below as Record<string, unknown>) : {};
    define(at, name, next);
    at = next;
  }
  define(at, path.at(-1) ?? '', value);
}

/** `__proto__` is a name like any other here. */
function define(target: Record<string, unknown>, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true });
}

function valueAt(tree: Record<string, unknown>, path: readonly string[]): unknown {
  let at: unknown = tree;
  for (const name of path) at = (at as Record<string, unknown> | undefined)?.[name];
  return at;
}

function takeSecrets(
  read: Configuration,
  readFile: ((path: string) => string) | null,
): { configuration: Configuration; secrets: Map<string, Secret>; faults: { key: string; text: string }[] } {
  const secrets = new Map<string, Secret>();
  const faults: { key: string; text: string }[] = [];
  const configuration = structuredClone(read);
  for (const [section, name] of secretKeys) {
    const table = tableAt(configuration, section);
    const key = `${section}.${name}`;
    const { [name]: value, [`${name}_file`]: file } = table;
    delete table[name];
    if (typeof value === 'string' && typeof file === 'string') {
      faults.push({ key: `${key}_file`, text: `stands beside ${name}: give only one of the two` });
    } else if (typeof value === 'string') {
      secrets.set(key, new Secret(value));
    } else if (typeof file === 'string' && readFile !== null) {
      try {
        const text = readFile(file).replace(/\r?\n$/, '');
        if (text === '')
          faults.push({ key: `${key}_file`, text: `${file} is empty: write the password into it` });
        else secrets.set(key, new Secret(text));
      } catch (error) {
        faults.push({ key: `${key}_file`, text: unreadable(file, error, 'write the password into it') });
      }
    }
  }
  return { configuration, secrets, faults };
}

/** `section` dotted. */
function tableAt(configuration: object, section: string): Record<string, unknown> {
  let table = configuration as Record<string, unknown>;
  for (const name of section.split('.')) table = table[name] as Record<string, unknown>;
  return table;
}

/** What keeps a file from being read, and what to do; `remedy` where there is none. */
export function unreadable(file: string, error: unknown, remedy: string): string {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOENT':
      return `${file} does not exist: ${remedy}, or name another file`;
    case 'EACCES':
    case 'EPERM':
      return `${file} may not be read by this user: run this as the user of the daemon, or give that user the file (chown)`;
    case 'EISDIR':
      return `${file} is a directory: name a file`;
    default:
      return `${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`;
  }
}
