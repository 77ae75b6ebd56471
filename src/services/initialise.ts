/** Writes what a new installation needs. Never overwrites a key: what it sealed could not be read again. */
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Installation, Initialised } from '../commands/command-env.ts';
import { MailferryError } from '../base/errors.ts';
import type { Secret } from '../base/secret.ts';
import { newSecretPart, tokenOf } from '../portal/policies/token-text.ts';
import { makeDirectoryPrivately } from '../state/private-file.ts';
import { exampleConfiguration } from './configuration/example.ts';
import { readConfiguration } from './configuration/read.ts';
import { faultText } from './configuration/faults.ts';

/** Throws `usage` where files are there already, `configuration-invalid` where what was given cannot stand. */
export function initialise(installation: Installation): Initialised {
  const directory = resolve(installation.directory);
  const place = (name: string) => join(directory, name);
  const configuration = place('mailferry.toml');
  const passwords = (['old', 'new'] as const).flatMap((side) => {
    const secret = installation[side].masterPassword;
    return secret === null ? [] : [{ side, secret, file: place(`${side}.password`) }];
  });
  const text = exampleConfiguration(valuesOf(installation, place));
  checkText(configuration, text, new Map(passwords.map(({ file, secret }) => [file, secret])));

  const files: (readonly [string, string])[] = [
    [configuration, text],
    [place('operator.token'), `${tokenOf('operator', newSecretPart()).reveal()}\n`],
    ...passwords.map(({ file, secret }) => [file, `${secret.reveal()}\n`] as const),
  ];
  const key = place('key');
  const there = [...files.map(([file]) => file), key].filter((file) => existsSync(file));
  if (there.length > 0 && !installation.force) {
    throw new MailferryError(
      'usage',
      `${there.join(', ')}: there already; --force overwrites all but the key`,
    );
  }
  const keepsKey = existsSync(key);
  try {
    makeDirectoryPrivately(directory);
    for (const [file, content] of files) writePrivately(file, content);
    if (!keepsKey) writePrivately(key, `${randomBytes(32).toString('base64')}\n`);
  } catch (cause) {
    throw new MailferryError('usage', `cannot write into ${directory} (${(cause as Error).message})`, {
      cause,
    });
  }
  const written = files.map(([file]) => file);
  return { files: keepsKey ? written : [...written, key], kept: keepsKey ? [key] : [] };
}

/** TOML values by key. */
function valuesOf(installation: Installation, place: (name: string) => string): Record<string, string> {
  const { database, listen } = installation;
  const values: Record<string, string> = {
    'secrets.key_file': quoted(place('key')),
    'control.token_file': quoted(place('operator.token')),
    ...(database === null ? {} : { 'database.url': quoted(database) }),
    ...(listen === null ? {} : { 'control.listen': quoted(listen) }),
  };
  for (const side of ['old', 'new'] as const) {
    const { host, port, masterUser, masterPassword } = installation[side];
    values[`${side}.host`] = quoted(host);
    if (port !== null) values[`${side}.port`] = String(port);
    if (masterUser !== null) values[`${side}.master_user`] = quoted(masterUser);
    if (masterPassword !== null) values[`${side}.master_password_file`] = quoted(place(`${side}.password`));
  }
  return values;
}

/** A basic string of TOML has the escapes of JSON. */
function quoted(text: string): string {
  return JSON.stringify(text);
}

function checkText(file: string, text: string, secrets: ReadonlyMap<string, Secret>): void {
  const read = readConfiguration(text, {}, (path) => secrets.get(path)?.reveal() ?? '');
  if (read.ok) return;
  throw new MailferryError(
    'configuration-invalid',
    read.faults.map((fault) => faultText(file, fault)).join('\n'),
  );
}

function writePrivately(file: string, text: string): void {
  writeFileSync(file, text, { mode: 0o600 });
  // A file that was there keeps its mode otherwise.
  chmodSync(file, 0o600);
}
