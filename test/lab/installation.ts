/** An installation of the daemon for two servers of the lab: a directory with configuration, key, token and SQLite file. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LabUser } from './dovecot.ts';
import { freePort } from './ports.ts';

export interface InstallationOptions {
  readonly dir: string;
  readonly old: { readonly imapPort: number };
  readonly fresh: { readonly imapPort: number };
  /** Trusts this issuer, and goes on with STARTTLS; without it nothing is encrypted. */
  readonly caFile?: string;
  /** Who logs in on behalf of each account on both servers; without it each account needs passwords of its own. */
  readonly masterUser?: LabUser;
  /** An SQLite file in the directory where it is left out. */
  readonly postgres?: { readonly url: string; readonly password: string };
  /** As people reach the portal; links in mails begin with it. */
  readonly publicUrl?: string;
  /** More lines of the configuration, in TOML, before the tables of the servers. */
  readonly more?: string;
}

export interface Installation {
  readonly configFile: string;
  readonly databaseFile: string;
  readonly keyFile: string;
  /** Where the API and the pages will be: `http://127.0.0.1:8420`. */
  readonly origin: string;
  /** Of the operator. */
  readonly tokenFile: string;
}

/** Writes it as `mailferry init` does, whose servers have the usual ports. */
export async function makeInstallation(options: InstallationOptions): Promise<Installation> {
  const { dir, old, fresh, caFile, masterUser, postgres, publicUrl, more = '' } = options;
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const place = (name: string) => join(dir, name);
  const write = (name: string, text: string) => {
    writeFileSync(place(name), text, { mode: 0o600 });
    return place(name);
  };
  const keyFile = write('key', `${randomBytes(32).toString('base64')}\n`);
  const tokenFile = write('operator.token', `mf1.operator.${randomBytes(32).toString('base64url')}\n`);
  const databaseFile = place('mailferry.sqlite');
  const database =
    postgres === undefined
      ? `url = "${databaseFile}"`
      : `url = "${postgres.url}"\npassword_file = "${write('database-password', postgres.password)}"`;
  const tls = caFile === undefined ? 'tls = "none"' : `tls = "starttls"\nca_file = "${caFile}"`;
  const master =
    masterUser === undefined
      ? ''
      : `master_user = "${masterUser.name}"\nmaster_password_file = "${write('master-password', `${masterUser.password}\n`)}"\n`;
  const server = (side: string, port: number) =>
    `[${side}]\nhost = "127.0.0.1"\nport = ${port}\n${tls}\n${master}`;
  const listen = `127.0.0.1:${await freePort()}`;
  const configFile = write(
    'mailferry.toml',
    `[database]\n${database}\n[secrets]\nkey_file = "${keyFile}"\n` +
      `[control]\nlisten = "${listen}"\ntoken_file = "${tokenFile}"\n` +
      `${publicUrl === undefined ? '' : `public_url = "${publicUrl}"\n`}${more}\n` +
      server('old', old.imapPort) +
      server('new', fresh.imapPort),
  );
  return { configFile, databaseFile, keyFile, tokenFile, origin: `http://${listen}` };
}

/** The accounts as a list for `mailferry accounts import`, with a password for each side; all in one team, or in none. */
export function accountsCsv(users: readonly LabUser[], team = ''): string {
  return csv(users, team, ['old_password', 'new_password']);
}

/** The same without any password: for servers with a master user. */
export function accountsWithoutPasswordsCsv(users: readonly LabUser[], team = ''): string {
  return csv(users, team, []);
}

function csv(users: readonly LabUser[], team: string, passwords: readonly string[]): string {
  const rows = users.map(({ name, password }) => {
    const address = name.includes('@') ? name : `${name}@example.org`;
    return [address, team, name, name, ...passwords.map(() => password)].join(',');
  });
  const head = ['address', 'team', 'old_login', 'new_login', ...passwords].join(',');
  return `${[head, ...rows].join('\n')}\n`;
}
