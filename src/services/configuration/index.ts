/** The operator's configuration: read, checked, described. */
import { readFileSync, statSync } from 'node:fs';
import { MailferryError } from '../../base/errors.ts';
import { faultText } from './faults.ts';
import { maxFileBytes, readConfiguration } from './read.ts';
import type { CheckedConfiguration } from '../../commands/command-env.ts';

export { allKeys } from './describe-key.ts';
export { exampleConfiguration } from './example.ts';

/** Where it is looked for when nobody says. */
const standardFile = '/etc/mailferry/mailferry.toml';

/** Throws `configuration-missing` or, with every fault a line, `configuration-invalid`. */
export function loadConfiguration(
  environment: Readonly<Record<string, string | undefined>>,
  named: string | null,
): CheckedConfiguration {
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
  const warnings = openToOthers(result.value.configuration);
  return {
    file,
    effective: result.value.configuration,
    secretsGiven: [...result.value.secrets.keys()],
    warnings,
  };
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
