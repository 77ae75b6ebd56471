/**
 * Whose token it is. A token in force always passes, so that nobody can lock others out by trying; who tries wrong ones
 * is slowed down.
 */
import type { Kysely } from 'kysely';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { MailferryError } from '../../base/errors.ts';
import type { Secret } from '../../base/secret.ts';
import { noteTokenUse, tokenInForce } from '../../state/database/api-tokens.ts';
import { enrolledEdge } from '../../state/database/edges.ts';
import type { Tables } from '../../state/database/tables.ts';
import { knownScopes, type Principal } from './scopes.ts';
import { bearerToken, edgeIdOf, hashOf, idOf, sameHash } from './token-text.ts';

/** Wrong tokens from one address: a person who mistypes needs three; a script that goes on is stopped. */
const wrongAtMost = 10;
const perSeconds = 60;

/** A hash of nothing: an unknown id costs the comparison that a known one does. */
const noHash = '0'.repeat(64);

export interface Authenticator {
  /** Throws `api-token-refused`, `too-many-attempts` (with `retryAfterMs`). */
  (authorization: string | undefined, address: string): Promise<Principal>;
}

/** `operatorHash`: of the token in the operator's file; null without one. */
export function authenticator(db: Kysely<Tables>, operatorHash: string | null): Authenticator {
  const wrong = new RateLimiterMemory({ points: wrongAtMost, duration: perSeconds });
  return async (authorization, address) => {
    const token = bearerToken(authorization);
    const principal = token === null ? null : await principalOf(db, operatorHash, token);
    if (principal !== null) return principal;
    // Nothing was tried: a page whose session has ended asks like this, perhaps often.
    if (authorization === undefined) throw new MailferryError('api-token-refused', 'no token was given');
    await countWrong(wrong, address);
    throw new MailferryError('api-token-refused', 'the token is not in force');
  };
}

async function principalOf(
  db: Kysely<Tables>,
  operatorHash: string | null,
  token: Secret,
): Promise<Principal | null> {
  const hash = hashOf(token);
  if (sameHash(hash, operatorHash ?? noHash)) return { actor: 'operator', scopes: ['admin'], session: null };
  const edgeId = edgeIdOf(token);
  if (edgeId !== null) return await edgePrincipal(db, edgeId, hash);
  const id = idOf(token);
  const row = id === null ? null : await tokenInForce(db, id);
  if (!sameHash(hash, row?.hash ?? noHash) || row === null) return null;
  await noteTokenUse(db, row.id);
  return { actor: `token:${row.name}`, scopes: knownScopes(row.scopes), session: null };
}

async function edgePrincipal(db: Kysely<Tables>, edgeId: string, hash: string): Promise<Principal | null> {
  const edge = await enrolledEdge(db, edgeId);
  if (!sameHash(hash, edge?.tokenHash ?? noHash) || edge === null) return null;
  const { id, side, name } = edge;
  return { actor: `edge:${name}`, scopes: [], session: null, edge: { id, side, name } };
}

async function countWrong(wrong: RateLimiterMemory, address: string): Promise<void> {
  try {
    await wrong.consume(address);
  } catch (error) {
    if (!(error instanceof RateLimiterRes)) throw error;
    throw new MailferryError('too-many-attempts', 'too many wrong tokens came from this address', {
      retryAfterMs: error.msBeforeNext,
    });
  }
}
