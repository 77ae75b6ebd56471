/**
 * Where an account's password on new comes from: the first rung that has one. Copied is what old knows at this moment;
 * captured is what its owner gave in the portal for this, which may be older.
 */
import { isMailferryError, type MailferryError } from '../base/errors.ts';
import type { Secret } from '../base/secret.ts';
import { credentialOf, newHashOwner } from '../state/database/credentials.ts';
import type { EnvelopeKey } from '../state/database/envelope.ts';
import type { Database } from '../state/database/open-database.ts';
import type { PasswordOrigin, WantedAccount } from '../state/database/provisions.ts';
import { type FitOptions, fitForNew, type HashReader } from './hash-reader.ts';

export type Rung = Exclude<PasswordOrigin, 'none' | 'locked'>;

export interface LadderOptions {
  readonly database: Database;
  readonly key: EnvelopeKey;
  readonly rungs: readonly Rung[];
  /** Null: nothing is copied. */
  readonly reader: HashReader | null;
  readonly fit: FitOptions;
}

export interface FoundPassword {
  readonly origin: PasswordOrigin;
  readonly hash: Secret | null;
}

/** Throws `provisioning-pending`, `secret-unreadable`, and `provisioning-refused` where all that there is does not fit new. */
export async function passwordFor(
  options: LadderOptions,
  account: WantedAccount,
  signal: AbortSignal,
): Promise<FoundPassword> {
  let unfit: MailferryError | null = null;
  let isLocked = false;
  for (const rung of options.rungs) {
    try {
      const found = await standsOn(rung, options, account, signal);
      const hash = found === null ? null : await fitForNew(found, options.fit);
      if (hash !== null) return { origin: rung, hash };
      isLocked ||= found !== null && rung === 'copied';
    } catch (error) {
      // Another rung may have one that fits.
      if (!isMailferryError(error, 'provisioning-refused')) throw error;
      unfit ??= error;
    }
  }
  if (unfit !== null) throw unfit;
  return { origin: isLocked ? 'locked' : 'none', hash: null };
}

async function standsOn(
  rung: Rung,
  { database, key, reader }: LadderOptions,
  account: WantedAccount,
  signal: AbortSignal,
): Promise<Secret | null> {
  if (rung === 'copied') return (await reader?.hashOf(account.oldLogin, signal)) ?? null;
  const kept = await credentialOf(database.db, key, { owner: newHashOwner(account.id), side: 'new' });
  return kept?.secret ?? null;
}
