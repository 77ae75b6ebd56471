/** Looks at the files that a configuration names, apart from those with passwords, as the daemon will at its start. */
import { readFileSync } from 'node:fs';
import { isMailferryError } from '../../base/errors.ts';
import { readKeyFile } from '../../state/database/envelope.ts';
import { readPrivately } from '../../state/private-file.ts';
import { unreadable } from './read.ts';
import type { Configuration } from './schema.ts';

export interface FileFindings {
  /** What the daemon would refuse to start with, by dotted key. */
  readonly faults: readonly { readonly key: string; readonly text: string }[];
  readonly warnings: readonly string[];
}

/** Reads the key, the token and the certificates, and forgets them. */
export function checkFiles({ secrets, control, ...rest }: Configuration): FileFindings {
  const faults: { key: string; text: string }[] = [];
  const warnings: string[] = [];
  const look = (key: string, file: string, remedy: string, read: (file: string) => unknown) => {
    try {
      read(file);
    } catch (error) {
      faults.push({ key, text: reasonOf(file, error, remedy) });
    }
  };
  look('secrets.key_file', secrets.key_file, '`mailferry init` makes one', readKeyFile);
  try {
    readPrivately(control.token_file);
  } catch (error) {
    const text = reasonOf(control.token_file, error, '`mailferry init` makes one');
    // The daemon starts without it.
    if (codeOf(error) === 'ENOENT')
      warnings.push(`control.token_file: ${text}; until then only tokens of the database are good`);
    else faults.push({ key: 'control.token_file', text });
  }
  const certificates = {
    'old.ca_file': rest.old.ca_file,
    'new.ca_file': rest.new.ca_file,
    'new.provisioning.ca_file': rest.new.provisioning.ca_file,
  };
  for (const [key, file] of Object.entries(certificates)) {
    if (file === undefined) continue;
    look(key, file, 'put the certificates of the issuer there (PEM)', (path) => {
      if (!readFileSync(path, 'utf8').includes('-----BEGIN CERTIFICATE-----')) {
        throw new Error('it holds no certificate in PEM');
      }
    });
  }
  return { faults, warnings };
}

function reasonOf(file: string, error: unknown, remedy: string): string {
  const cause = isMailferryError(error) && error.cause !== undefined ? error.cause : error;
  if (codeOf(cause) !== undefined) return unreadable(file, cause, remedy);
  const text = cause instanceof Error ? cause.message : String(cause);
  if (text.startsWith('its mode')) return `${file}: ${text} (chmod 600 it)`;
  // The key file's own words name it already.
  return isMailferryError(error) ? `${text}; ${remedy}` : `${file}: ${text}; ${remedy}`;
}

function codeOf(error: unknown): string | undefined {
  return (error as { readonly code?: string } | null)?.code;
}
