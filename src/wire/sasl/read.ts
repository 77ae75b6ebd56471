/**
 * The other side of the mechanisms: what a client's message says. Null for whatever is no such message; what is read is strict, for it is
 * written again for another server: no control character, no text that is no UTF-8, no empty name or password.
 */
import { Secret } from '../../base/secret.ts';

export interface PasswordLogin {
  /** Whose mail is to be opened; null where it is the user's own. */
  readonly authzid: string | null;
  readonly user: string;
  readonly password: Secret;
}

export interface TokenLogin {
  readonly user: string;
  readonly token: Secret;
}

/** RFC 4616 §2 allows a kilobyte each; an address has at most 320 octets (RFC 5321 §4.5.3.1). */
const maxNameChars = 512;
/** Tokens of large providers have some 2,000. */
const maxSecretChars = 8_192;

/** PLAIN, RFC 4616: `[authzid] NUL authcid NUL passwd`. */
export function readPlain(message: Uint8Array): PasswordLogin | null {
  const parts = textOf(message)?.split('\0');
  if (parts?.length !== 3) return null;
  const [authzid = '', user = '', password = ''] = parts;
  const login = passwordLogin(user, password);
  if (login === null || (authzid !== '' && !isName(authzid))) return null;
  return { ...login, authzid: authzid === '' ? null : authzid };
}

/** What LOGIN (draft-murchison-sasl-login) and the IMAP command of that name give. */
export function passwordLogin(user: string, password: string): PasswordLogin | null {
  if (!isName(user) || !isSecret(password)) return null;
  return { authzid: null, user, password: new Secret(password) };
}

/** One of the two answers of LOGIN. */
export function readField(message: Uint8Array): string | null {
  return textOf(message);
}

/** XOAUTH2: `user=NAME U+0001 auth=Bearer TOKEN U+0001 U+0001`. */
export function readXoauth2(message: Uint8Array): TokenLogin | null {
  const [first, second, ...rest] = textOf(message)?.split('\x01') ?? [];
  if (first === undefined || second === undefined || rest.join() !== ',') return null;
  const user = /^user=(.*)$/s.exec(first)?.[1];
  return user === undefined ? null : tokenLogin(user, bearerOf(second));
}

/** OAUTHBEARER, RFC 7628 §3.1: a GS2 header with the name, then fields ended by U+0001; host and port are for others. */
export function readOauthbearer(message: Uint8Array): TokenLogin | null {
  const [header, ...fields] = textOf(message)?.split('\x01') ?? [];
  const name = /^[ny],a=([^,]*),$/.exec(header ?? '')?.[1];
  if (name === undefined || fields.slice(-2).join() !== ',') return null;
  const named = fields.slice(0, -2);
  if (!named.every((one) => /^[a-z]+=/i.test(one))) return null;
  const [bearer, ...more] = named.filter((one) => /^auth=/i.test(one));
  if (bearer === undefined || more.length > 0) return null;
  // `saslname`, RFC 5801 §4: no other use of the equals sign is one.
  if (/=(?!2C|3D)/.test(name)) return null;
  return tokenLogin(name.replaceAll('=2C', ',').replaceAll('=3D', '='), bearerOf(bearer));
}

const bearerOf = (field: string): string => /^auth=Bearer +([\x21-\x7e]+)$/i.exec(field)?.[1] ?? '';

function tokenLogin(user: string, token: string): TokenLogin | null {
  return isName(user) && isSecret(token) ? { user, token: new Secret(token) } : null;
}

function textOf(message: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(message);
  } catch {
    return null;
  }
}

/** C0 and C1 controls and DEL: what no name holds and no line of a log should. */
const control = /\p{Cc}/u;

function isName(text: string): boolean {
  return text !== '' && text.length <= maxNameChars && !control.test(text);
}

/** Passwords may hold what a keyboard gives, and nothing that ends a line or a field. */
function isSecret(text: string): boolean {
  return text !== '' && text.length <= maxSecretChars && !control.test(text);
}
