/** Hashes of old by a question of the operator's to old's own database. */
import { Secret } from '../base/secret.ts';
import { askForeign, type ForeignDatabase } from '../state/foreign-database.ts';
import type { HashReader } from './hash-reader.ts';
import { pending } from './provisioning-error.ts';

export class SqlHashes implements HashReader {
  readonly name = 'sql';
  readonly #database: ForeignDatabase;
  readonly #query: string;

  /** The first column of its first row is the hash of the login $1. */
  constructor(database: ForeignDatabase, query: string) {
    this.#database = database;
    this.#query = query;
  }

  async hashOf(login: string): Promise<Secret | null> {
    try {
      const [row] = await askForeign(this.#database, this.#query, [login]);
      const value = row === undefined ? null : Object.values(row)[0];
      if (value == null) return null;
      if (value instanceof Uint8Array) return new Secret(Buffer.from(value).toString('utf8'));
      if (typeof value === 'string') return new Secret(value);
    } catch (error) {
      throw pending('old.passwords', error instanceof Error ? error.message : 'the database cannot be asked');
    }
    throw pending('old.passwords', 'the first column of the query is no text');
  }
}
