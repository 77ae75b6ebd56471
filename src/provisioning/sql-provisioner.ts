/**
 * Accounts that the Dovecot of new reads from the replica of its edge: made by telling the edges, and made as soon as all of
 * them have it in force.
 */
import { dovecotSchemes } from '../domain/password-scheme.ts';
import { edgesHave } from '../state/database/app-passwords.ts';
import type { EnvelopeKey } from '../state/database/envelope.ts';
import type { Database } from '../state/database/open-database.ts';
import { offerToEdges } from '../state/database/edge-users.ts';
import { provisionOf } from '../state/database/provisions.ts';
import type { EnsureOptions, Ensured, NewSideAccount, Provisioner, TestAnswer } from './provisioner.ts';
import { pending } from './provisioning-error.ts';
import { edgesOfNew } from '../state/database/edges.ts';

export class SqlProvisioner implements Provisioner {
  readonly name = 'sql';
  readonly schemes = dovecotSchemes;
  readonly #database: Database;
  readonly #key: EnvelopeKey;

  constructor(database: Database, key: EnvelopeKey) {
    this.#database = database;
    this.#key = key;
  }

  async ensure(account: NewSideAccount, { dryRun }: EnsureOptions): Promise<Ensured> {
    const { db } = this.#database;
    const before = await provisionOf(db, this.#key, account.id);
    const same = (account.hashBefore?.reveal() ?? null) === (account.hash?.reveal() ?? null);
    const changes = before?.state !== 'made' ? ['create'] : same ? [] : ['password'];
    const { hash } = account;
    if (dryRun) return { changes, hash };
    const epoch = await offerToEdges(db, this.#key, account.id, account.hash);
    // Before that a login on new would be refused for being early.
    if (!(await edgesHave(db, 'new', epoch))) throw pending(this.name, 'the edges of new do not have it yet');
    return { changes, hash };
  }

  async test(): Promise<TestAnswer> {
    const edges = await edgesOfNew(this.#database.db);
    if (edges.length === 0) {
      throw pending(
        this.name,
        'no edge of new has enrolled; `mailferry edge add NAME --side new` gives a code',
      );
    }
    return { text: `edges of new: ${edges.join(', ')}` };
  }
}
