/** Where the hashes of old's passwords are copied from, and how one becomes fit for new. */
import { MailferryError } from '../base/errors.ts';
import { Secret } from '../base/secret.ts';
import { foundHash } from '../domain/password-scheme.ts';
import { refused } from './provisioning-error.ts';

/** The port to what knows old's hashes. */
export interface HashReader {
  /** As in the configuration. */
  readonly name: string;
  /**
   * As it stands there; null where it knows no such login. Throws `provisioning-pending` where it cannot be read now.
   */
  hashOf(login: string, signal: AbortSignal): Promise<Secret | null>;
}

export interface FitOptions {
  /** Of hashes that name none. */
  readonly standardScheme: string | null;
  /** What new can be given. */
  readonly schemes: readonly string[];
  /** Gives a hash with its scheme: what stands on old in clear does not stand so on new. */
  readonly hash: (password: Secret) => Promise<Secret>;
}

/** Null: nobody logs in by a password there. Throws `provisioning-refused` for a scheme that new does not know. */
export async function fitForNew(found: Secret, options: FitOptions): Promise<Secret | null> {
  const { standardScheme, schemes, hash } = options;
  const known = foundHash(found.reveal(), standardScheme);
  switch (known.kind) {
    case 'locked':
      return null;
    case 'plain':
      return await hash(new Secret(known.password));
    case 'hash':
      if (schemes.includes(known.scheme)) return new Secret(known.hash);
      throw refused('password', `new cannot be given a hash of the scheme ${known.scheme}`);
    case 'unknown':
      throw refused(
        'password',
        known.scheme === null
          ? 'the hash on old names no scheme that is known; set old.passwords.scheme'
          : `the hash on old is of the scheme ${known.scheme}, which is not known`,
      );
    default:
      throw new MailferryError('internal', 'a hash of no kind');
  }
}
