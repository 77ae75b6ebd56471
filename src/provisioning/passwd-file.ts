/**
 * Dovecot's passwd-file: `user:hash:uid:gid:gecos:home:shell:extra`, a line each. Read whole, and again when it has changed;
 * what stands in it is kept no longer than that.
 */
import { readFileSync, statSync } from 'node:fs';
import { Secret } from '../base/secret.ts';
import type { HashReader } from './hash-reader.ts';
import { pending } from './provisioning-error.ts';

/** A file with more is none. */
const maxFileBytes = 512 * 1024 * 1024;

export interface PasswdEntry {
  readonly login: string;
  /** As it stands there; empty where there is none. */
  readonly hash: string;
}

/** Lines that are none are passed over, as Dovecot does. */
export function* passwdEntries(text: string): Iterable<PasswdEntry> {
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const [login = '', hash = ''] = line.trimEnd().split(':');
    if (login !== '') yield { login, hash };
  }
}

/** Throws where it cannot be read. */
export function readPasswdFile(file: string): string {
  const { size } = statSync(file);
  if (size > maxFileBytes) throw new Error('it is too large for a passwd-file');
  return readFileSync(file, 'utf8');
}

export class PasswdFileHashes implements HashReader {
  readonly name = 'passwd-file';
  readonly #file: string;
  readonly #domain: string | null;
  #stamp = '';
  #hashes: ReadonlyMap<string, string> = new Map();

  /** `domain`: of logins that stand there without one. */
  constructor(file: string, domain: string | null = null) {
    this.#file = file;
    this.#domain = domain;
  }

  async hashOf(login: string): Promise<Secret | null> {
    const hashes = this.#read();
    const wanted = login.toLowerCase();
    const bare =
      this.#domain !== null && wanted.endsWith(`@${this.#domain}`)
        ? wanted.slice(0, -this.#domain.length - 1)
        : null;
    const found = hashes.get(wanted) ?? (bare === null ? undefined : hashes.get(bare));
    return found === undefined ? null : new Secret(found);
  }

  #read(): ReadonlyMap<string, string> {
    try {
      const { mtimeMs, size, ino } = statSync(this.#file);
      const stamp = `${mtimeMs} ${size} ${ino}`;
      if (stamp === this.#stamp) return this.#hashes;
      const text = readPasswdFile(this.#file);
      this.#hashes = new Map(
        Array.from(passwdEntries(text), ({ login, hash }) => [login.toLowerCase(), hash]),
      );
      this.#stamp = stamp;
      return this.#hashes;
    } catch (error) {
      throw pending(
        'old.passwords',
        `${this.#file}: ${error instanceof Error ? error.message : 'unreadable'}`,
        error,
      );
    }
  }
}
