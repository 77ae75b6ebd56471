/**
 * Text of a file and environment in, configuration or faults out. Pure apart from `readFile`, which reads the files that
 * secrets stand in.
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
  readFile: (path: string) => string,
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
  if (faults.length === 0) return { ok: true, value: { configuration, secrets } };
  const placed = faults.map(({ key, text }) => ({
    line: lines.get(key) ?? null,
    variable: variables.get(key) ?? null,
    key,
    text,
  }));
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
  readFile: (path: string) => string,
): { configuration: Configuration; secrets: Map<string, Secret>; faults: { key: string; text: string }[] } {
  const secrets = new Map<string, Secret>();
  const faults: { key: string; text: string }[] = [];
  const configuration = structuredClone(read);
  for (const [section, name] of secretKeys) {
    const table = configuration[section as 'old'] as Record<string, unknown>;
    const key = `${section}.${name}`;
    const { [name]: value, [`${name}_file`]: file } = table;
    delete table[name];
    if (typeof value === 'string' && typeof file === 'string') {
      faults.push({ key: `${key}_file`, text: `stands beside ${name}: give only one of the two` });
    } else if (typeof value === 'string') {
      secrets.set(key, new Secret(value));
    } else if (typeof file === 'string') {
      try {
        const text = readFile(file).replace(/\r?\n$/, '');
        if (text === '') faults.push({ key: `${key}_file`, text: `${file} is empty` });
        else secrets.set(key, new Secret(text));
      } catch (error) {
        faults.push({ key: `${key}_file`, text: `cannot be read: ${(error as Error).message}` });
      }
    }
  }
  return { configuration, secrets, faults };
}
