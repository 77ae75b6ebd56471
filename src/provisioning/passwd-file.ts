/**
 * Dovecot's passwd-file: `user:hash:uid:gid:gecos:home:shell:extra`, a line each. Read whole, and again when it has changed;
 * what stands in it is kept no longer than that.
 */
import { statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { Secret } from '../base/secret.ts';
import { inSlices } from '../base/slices.ts';
import type { HashReader } from './hash-reader.ts';
import { pending } from './provisioning-error.ts';

/** A file with more is none. */
const maxFileBytes = 512 * 1024 * 1024;

export interface PasswdEntry {
  readonly login: string;
  /** As it stands there; empty where there is none. */
  readonly hash: string;
}

/** One after the other: a list of all of them would take long to make. */
export function* linesOf(text: string): Iterable<string> {
  for (let at = 0; at < text.length; ) {
    const end = text.indexOf('\n', at);
    yield text.slice(at, end < 0 ? text.length : end);
    at = end < 0 ? text.length : end + 1;
  }
}

/** Lines that are none are passed over, as Dovecot does. */
export function* passwdEntries(text: string): Iterable<PasswdEntry> {
  for (const line of linesOf(text)) {
    if (line === '' || line.startsWith('#')) continue;
    const [login = '', hash = ''] = line.trimEnd().split(':');
    if (login !== '') yield { login, hash };
  }
}

/** Rejects where it cannot be read. */
export async function readPasswdFile(file: string): Promise<string> {
  const { size } = statSync(file);
  if (size > maxFileBytes) throw new Error('it is too large for a passwd-file');
  return (await readFile(file)).toString('utf8');
}

async function hashesOf(file: string): Promise<ReadonlyMap<string, string>> {
  const text = await readPasswdFile(file);
  const hashes = new Map<string, string>();
  await inSlices(passwdEntries(text), ({ login, hash }) => hashes.set(login.toLowerCase(), hash));
  return hashes;
}

export class PasswdFileHashes implements HashReader {
  readonly name = 'passwd-file';
  readonly #file: string;
  readonly #domain: string | null;
  #stamp = '';
  #hashes: Promise<ReadonlyMap<string, string>> = Promise.resolve(new Map());

  /** `domain`: of logins that stand there without one. */
  constructor(file: string, domain: string | null = null) {
    this.#file = file;
    this.#domain = domain;
  }

  async hashOf(login: string): Promise<Secret | null> {
    const hashes = await this.#read();
    const wanted = login.toLowerCase();
    const bare =
      this.#domain !== null && wanted.endsWith(`@${this.#domain}`)
        ? wanted.slice(0, -this.#domain.length - 1)
        : null;
    const found = hashes.get(wanted) ?? (bare === null ? undefined : hashes.get(bare));
    return found === undefined ? null : new Secret(found);
  }

  /** Read once for all who ask meanwhile. */
  async #read(): Promise<ReadonlyMap<string, string>> {
    try {
      const { mtimeMs, size, ino } = statSync(this.#file);
      const stamp = `${mtimeMs} ${size} ${ino}`;
      if (stamp !== this.#stamp) {
        this.#hashes = hashesOf(this.#file);
        this.#stamp = stamp;
      }
      return await this.#hashes;
    } catch (error) {
      this.#stamp = '';
      throw pending(
        'old.passwords',
        `${this.#file}: ${error instanceof Error ? error.message : 'unreadable'}`,
        error,
      );
    }
  }
}
