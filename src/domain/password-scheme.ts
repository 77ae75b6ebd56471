/**
 * Hashes of passwords as mail servers keep them: with the name of their scheme in braces in front, or as crypt(3) writes them,
 * which tells the scheme as well. Pure; what comes out is never part of a text for people.
 */

export type FoundHash =
  /** `hash` begins with `{SCHEME}`. */
  | { readonly kind: 'hash'; readonly scheme: string; readonly hash: string }
  /** The password itself. */
  | { readonly kind: 'plain'; readonly password: string }
  /** Nobody logs in by a password there: it is locked, or has none. */
  | { readonly kind: 'locked' }
  /** Null: it names no scheme at all. */
  | { readonly kind: 'unknown'; readonly scheme: string | null };

/** By the beginning of what crypt(3) writes. */
const crypts: readonly (readonly [prefix: string, scheme: string])[] = [
  ['$6$', 'SHA512-CRYPT'],
  ['$5$', 'SHA256-CRYPT'],
  ['$1$', 'MD5-CRYPT'],
  ['$2a$', 'BLF-CRYPT'],
  ['$2b$', 'BLF-CRYPT'],
  ['$2x$', 'BLF-CRYPT'],
  ['$2y$', 'BLF-CRYPT'],
  ['$argon2id$', 'ARGON2ID'],
  ['$argon2i$', 'ARGON2I'],
  // What the C library knows beside those, it checks by itself.
  ['$y$', 'CRYPT'],
  ['$gy$', 'CRYPT'],
  ['$7$', 'CRYPT'],
];
const plain = ['PLAIN', 'CLEAR', 'CLEARTEXT', 'PLAIN-TRUNC'];
/** A password that is longer is no hash of anybody. */
const hashAtMost = 4_096;

/** What Dovecot 2.3 verifies (its manual, "Password schemes"). */
export const dovecotSchemes: readonly string[] = (
  'ARGON2I ARGON2ID BLF-CRYPT CRYPT DES-CRYPT MD5-CRYPT SHA256-CRYPT SHA512-CRYPT PBKDF2 SCRAM-SHA-1 SCRAM-SHA-256 ' +
  'SHA SHA1 SHA256 SHA512 SMD5 SSHA SSHA256 SSHA512 PLAIN-MD4 PLAIN-MD5 LDAP-MD5 MD5 CRAM-MD5 HMAC-MD5 DIGEST-MD5 ' +
  'LANMAN NTLM'
).split(' ');

/** `standard`: the scheme of hashes that name none. */
export function foundHash(text: string, standard: string | null = null): FoundHash {
  // A tabulator or line end would end the field that it stands in.
  if (/\p{Cc}/u.test(text) || text.length > hashAtMost) return { kind: 'unknown', scheme: null };
  if (text === '' || /^(x|[*!].*)$/.test(text)) return { kind: 'locked' };
  const named = /^\{([A-Za-z0-9-]{1,32})(\.[A-Za-z0-9]{1,8})?\}(.*)$/.exec(text);
  if (named !== null) {
    const [, name = '', encoding = '', rest = ''] = named;
    const scheme = name.toUpperCase();
    if (plain.includes(scheme) && encoding === '')
      return rest === '' ? { kind: 'locked' } : { kind: 'plain', password: rest };
    // A lock is put in front of the hash, behind the scheme.
    if (/^([*!].*)?$/.test(rest)) return { kind: 'locked' };
    return dovecotSchemes.includes(scheme)
      ? { kind: 'hash', scheme, hash: `{${scheme}${encoding}}${rest}` }
      : { kind: 'unknown', scheme };
  }
  const crypt = crypts.find(([prefix]) => text.startsWith(prefix));
  if (crypt !== undefined) return { kind: 'hash', scheme: crypt[1], hash: `{${crypt[1]}}${text}` };
  if (standard === null || text.startsWith('{')) return { kind: 'unknown', scheme: null };
  return foundHash(`{${standard}}${text}`);
}
