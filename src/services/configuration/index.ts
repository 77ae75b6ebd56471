/** The operator's configuration: read, checked, described. */
import { readFileSync, statSync } from 'node:fs';
import { MailferryError } from '../../base/errors.ts';
import type { Secret } from '../../base/secret.ts';
import { checkFiles } from './check-files.ts';
import { type ConfigurationFault, faultText } from './faults.ts';
import { maxFileBytes, type ReadConfiguration, readConfiguration, unreadable } from './read.ts';
import type { Configuration } from './schema.ts';
import type { ApiPlace, CheckedConfiguration } from '../../commands/command-env.ts';

type Environment = Readonly<Record<string, string | undefined>>;

export { allKeys } from './describe-key.ts';
export { exampleConfiguration } from './example.ts';

/** Where it is looked for when nobody says. */
const standardFile = '/etc/mailferry/mailferry.toml';

export interface OpenedConfiguration {
  readonly file: string;
  /** Without secrets. */
  readonly configuration: Configuration;
  /** By dotted key, as `old.master_password`. */
  readonly secrets: ReadonlyMap<string, Secret>;
  readonly warnings: readonly string[];
}

/** Where the API is, for its clients. They need none of the daemon's secrets, and often may not read them. */
export function apiPlace(environment: Environment, named: string | null): ApiPlace {
  const { listen, token_file: tokenFile } = read(environment, named, null).value.configuration.control;
  return { listen, tokenFile };
}

/**
 * As the daemon reads it at its start, with the files that it names, or without them: then nothing is said about
 * secrets. Throws as `openConfiguration`.
 */
export function checkConfiguration(
  environment: Environment,
  named: string | null,
  { files }: { readonly files: boolean },
): CheckedConfiguration {
  const { file, text, value } = read(environment, named, null);
  const { configuration, placeOf } = value;
  if (!files) return { file, effective: configuration, secretsGiven: [], warnings: [] };
  const found = checkFiles(configuration);
  const whole = readConfiguration(text, environment, readSmall);
  const faults = [
    ...(whole.ok ? [] : whole.faults),
    ...found.faults.map((fault) => ({ ...placeOf(fault.key), ...fault })),
  ];
  if (faults.length > 0 || !whole.ok) return refuse(file, faults);
  return {
    file,
    effective: whole.value.configuration,
    secretsGiven: [...whole.value.secrets.keys()],
    warnings: [...openToOthers(configuration), ...found.warnings],
  };
}

/** Throws `configuration-missing` or, with every fault a line, `configuration-invalid`. */
export function openConfiguration(environment: Environment, named: string | null): OpenedConfiguration {
  const { file, value } = read(environment, named, readSmall);
  const { configuration, secrets } = value;
  return { file, configuration, secrets, warnings: openToOthers(configuration) };
}

function read(
  environment: Environment,
  named: string | null,
  readFile: ((path: string) => string) | null,
): { readonly file: string; readonly text: string; readonly value: ReadConfiguration } {
  const file = named ?? environment.MAILFERRY_CONFIG ?? standardFile;
  let text: string;
  try {
    text = readSmall(file);
  } catch (error) {
    const why = unreadable(file, error, '`mailferry init` writes one');
    throw new MailferryError('configuration-missing', why, { cause: error });
  }
  const result = readConfiguration(text, environment, readFile);
  return result.ok ? { file, text, value: result.value } : refuse(file, result.faults);
}

function refuse(file: string, faults: readonly ConfigurationFault[]): never {
  const lines = faults.map((fault) => faultText(file, fault));
  throw new MailferryError('configuration-invalid', lines.join('\n'));
}

function readSmall(path: string): string {
  const { size } = statSync(path);
  if (size > maxFileBytes) throw new Error(`it is larger than ${maxFileBytes} octets`);
  return readFileSync(path, 'utf8');
}

/** Files with secrets that everybody on this machine can read. */
function openToOthers(configuration: object): string[] {
  const warnings: string[] = [];
  const visit = (value: unknown, path: string): void => {
    if (typeof value === 'string' && path.endsWith('password_file') && (statSync(value).mode & 0o007) !== 0) {
      warnings.push(`${path}: everybody on this machine may read ${value}; chmod 600 it`);
    }
    if (typeof value === 'object' && value !== null) {
      for (const [name, below] of Object.entries(value)) visit(below, path === '' ? name : `${path}.${name}`);
    }
  };
  visit(configuration, '');
  return warnings;
}
