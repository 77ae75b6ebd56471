/**
 * Tokens as text: `mf1.ID.SECRET`, with 256 random bits in SECRET; the operator's own, in a file, has the word
 * `operator` for an id. Only hashes are kept, and they are compared in constant time.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { Secret } from '../../base/secret.ts';

const secretBytes = 32;
/** Longer than any token: what comes is hashed. */
const maxTokenLength = 512;

export function newSecretPart(random: (bytes: number) => Uint8Array = randomBytes): string {
  return Buffer.from(random(secretBytes)).toString('base64url');
}

export function tokenOf(id: string, secretPart: string): Secret {
  return new Secret(`mf1.${id}.${secretPart}`);
}

/** The token of an `Authorization: Bearer` line; null where that holds none. */
export function bearerToken(authorization: string | undefined): Secret | null {
  if (authorization === undefined || authorization.length > maxTokenLength) return null;
  const text = /^Bearer ([\x21-\x7e]+)$/i.exec(authorization)?.[1];
  return text === undefined ? null : new Secret(text);
}

/** Of an edge: no token of the API is one, nor the other way round. */
export function edgeTokenOf(id: string, secretPart: string): Secret {
  return new Secret(`mfe1.${id}.${secretPart}`);
}

/** The edge's id in it; null for one that is not of this form. */
export function edgeIdOf(token: Secret): string | null {
  return /^mfe1\.([0-9a-f-]{36})\.[\w-]{43}$/.exec(token.reveal())?.[1] ?? null;
}

/** The id in it; null for one that is not of this form. */
export function idOf(token: Secret): string | null {
  return /^mf1\.([0-9a-f-]{36})\.[\w-]{43}$/.exec(token.reveal())?.[1] ?? null;
}

/** SHA-256, hexadecimal. */
export function hashOf(token: Secret): string {
  return createHash('sha256').update(token.reveal()).digest('hex');
}

/** Takes the same time wherever they differ. */
export function sameHash(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one, 'hex'), Buffer.from(other, 'hex')];
  return a.length === b.length && timingSafeEqual(a, b);
}
