/** The operator's configuration: read, checked, described. */
import { readFileSync, statSync } from 'node:fs';
import { MailferryError } from '../../base/errors.ts';
import type { Secret } from '../../base/secret.ts';
import { faultText } from './faults.ts';
import { maxFileBytes, readConfiguration } from './read.ts';
import type { Configuration } from './schema.ts';
import type { CheckedConfiguration } from '../../commands/command-env.ts';

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

/** As `openConfiguration`, for people who check it. */
export function loadConfiguration(environment: Environment, named: string | null): CheckedConfiguration {
  const { file, configuration, secrets, warnings } = openConfiguration(environment, named);
  const { listen, token_file: tokenFile } = configuration.control;
  const control = { listen, tokenFile };
  return { file, effective: configuration, secretsGiven: [...secrets.keys()], control, warnings };
}

/** Throws `configuration-missing` or, with every fault a line, `configuration-invalid`. */
export function openConfiguration(environment: Environment, named: string | null): OpenedConfiguration {
  const file = named ?? environment.MAILFERRY_CONFIG ?? standardFile;
  let text: string;
  try {
    text = readSmall(file);
  } catch (error) {
    throw new MailferryError('configuration-missing', `${file} cannot be read: ${(error as Error).message}`);
  }
  const result = readConfiguration(text, environment, readSmall);
  if (!result.ok) {
    const lines = result.faults.map((fault) => faultText(file, fault));
    throw new MailferryError('configuration-invalid', lines.join('\n'));
  }
  const { configuration, secrets } = result.value;
  return { file, configuration, secrets, warnings: openToOthers(configuration) };
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
