/**
 * Where passwords and tokens come from: a file, the environment, or a prompt on a terminal. Never the command line,
 * which every user of the machine can read.
 */
import { readFileSync } from 'node:fs';
import { MailferryError } from '../base/errors.ts';
import { Secret } from '../base/secret.ts';
import type { AccountAccess, CommandEnv } from './command-env.ts';
import { isLoopback, parseImapUrl } from './imap-url.ts';
import { promptPassword } from './prompt.ts';

/** Options of one side as commander gives them. */
export interface SideOptions {
  /** "--from", "--to" or "the address": for messages. */
  readonly what: string;
  /** How the side's options begin: "--from-", "--to-" or "--". */
  readonly optionPrefix: string;
  readonly url: string;
  readonly passwordFile: string | undefined;
  readonly tokenFile: string | undefined;
  readonly authUser: string | undefined;
  /** Name of the environment variable. */
  readonly passwordVariable: string;
  readonly allowPlaintext: boolean;
  readonly caFile: string | undefined;
  readonly tlsFingerprint: readonly string[];
}

/** A secret longer than this is the wrong file. */
const maxSecretBytes = 64 * 1024;

export async function accountAccess(command: CommandEnv, side: SideOptions): Promise<AccountAccess> {
  const url = parseImapUrl(side.url, side.what);
  const wantsToken = url.mechanism === 'XOAUTH2' || url.mechanism === 'OAUTHBEARER';
  if (wantsToken && side.tokenFile === undefined) {
    throw new MailferryError(
      'usage',
      `;AUTH=${url.mechanism} needs a token, as XOAUTH2 and OAUTHBEARER both do: ${side.optionPrefix}token-file`,
    );
  }
  if (side.tokenFile !== undefined && side.authUser !== undefined) {
    throw new MailferryError('usage', `${side.optionPrefix}auth-user goes with a password, not with a token`);
  }
  const common = {
    url,
    authUser: side.authUser ?? null,
    allowPlaintext: side.allowPlaintext || isLoopback(url.host),
    ...trustOf(side.caFile, side.tlsFingerprint),
  };
  if (side.tokenFile !== undefined) {
    return { ...common, password: null, token: readSecret(side.tokenFile, `${side.optionPrefix}token-file`) };
  }
  return { ...common, token: null, password: await password(command, side, url.user) };
}

async function password(command: CommandEnv, side: SideOptions, user: string): Promise<Secret> {
  if (side.passwordFile !== undefined)
    return readSecret(side.passwordFile, `${side.optionPrefix}password-file`);
  const value = command.env[side.passwordVariable];
  if (value !== undefined && value !== '') return new Secret(value);
  if (!command.stdin.isTTY || !command.stderr.isTTY) {
    throw new MailferryError(
      'usage',
      `no password for ${side.what} (${user}): set ${side.passwordVariable}, or give ${side.optionPrefix}password-file`,
    );
  }
  const typed = await promptPassword(command, `Password for ${side.authUser ?? user} (${side.what}): `);
  // Servers count an empty one as a failed login, and some lock the account after a few.
  if (typed.reveal() === '')
    throw new MailferryError('usage', `no password was typed for ${side.what} (${user})`);
  return typed;
}

/** Without the line end at its end. Throws `usage`. */
export function readSecret(path: string, what: string): Secret {
  const text = readText(path, what);
  if (text.length > maxSecretBytes)
    throw new MailferryError('usage', `${what}: ${path} is too large to hold a password`);
  // An editor ends the file with a line end that does not belong to the password.
  const value = text.replace(/\r?\n$/, '');
  if (value === '') throw new MailferryError('usage', `${what}: ${path} is empty`);
  return new Secret(value);
}

export type TlsWishes = Pick<AccountAccess, 'caPem' | 'fingerprintsSha256'>;

/** What `--ca-file` and `--tls-fingerprint` say. Throws `usage`. */
export function trustOf(caFile: string | undefined, fingerprints: readonly string[]): TlsWishes {
  return {
    caPem: caFile === undefined ? null : readText(caFile, '--ca-file'),
    fingerprintsSha256: fingerprints.map(fingerprint),
  };
}

function readText(path: string, what: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const why = (cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'does not exist' : 'cannot be read';
    throw new MailferryError('usage', `${what}: ${path} ${why}`, { cause });
  }
}

function fingerprint(text: string): string {
  const hex = /^sha256:([0-9a-f:]+)$/i.exec(text)?.[1]?.replaceAll(':', '').toLowerCase();
  if (hex === undefined || hex.length !== 64) {
    throw new MailferryError(
      'usage',
      `--tls-fingerprint: write sha256: and 64 hexadecimal digits, not "${text}"`,
    );
  }
  return hex;
}
