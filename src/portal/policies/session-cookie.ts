/**
 * The cookie of a session: 256 random bits. `__Host-` binds it to this host and to TLS (browsers take it from loopback
 * without); no script reads it, and no other site sends it along.
 */
import { randomBytes } from 'node:crypto';
import { Secret } from '../../base/secret.ts';

const name = '__Host-mailferry';
const attributes = 'Path=/; HttpOnly; Secure; SameSite=Strict';
const tokenBytes = 32;
/** What a browser sends at most. */
const maxHeaderLength = 8_192;

export function newSessionToken(): Secret {
  return new Secret(randomBytes(tokenBytes).toString('base64url'));
}

export function cookieLine(token: Secret, lifeMs: number): string {
  return `${name}=${token.reveal()}; ${attributes}; Max-Age=${Math.floor(lifeMs / 1000)}`;
}

export const cookieRemoval = `${name}=; ${attributes}; Max-Age=0`;

/** The token of a `Cookie` line; null where that holds none. */
export function sessionToken(header: string | undefined): Secret | null {
  if (header === undefined || header.length > maxHeaderLength) return null;
  for (const part of header.split(';')) {
    const [key, value] = part.trim().split('=', 2);
    if (key === name && value !== undefined && /^[\w-]{43}$/.test(value)) return new Secret(value);
  }
  return null;
}
