/** SHA-256 of message bodies, cut to 16 bytes: enough that two different messages never agree by chance. */
import { createHash, hash } from 'node:crypto';

export const digestBytes = 16;

export function digestOf(body: Uint8Array): Uint8Array {
  // The string form of the result is the fast one for small inputs; the bytes are what is kept.
  return new Uint8Array(hash('sha256', body, 'buffer').subarray(0, digestBytes));
}

export interface RunningDigest {
  update(bytes: Uint8Array): void;
  done(): Uint8Array;
}

export function startDigest(): RunningDigest {
  const running = createHash('sha256');
  return {
    update: (bytes) => {
      running.update(bytes);
    },
    done: () => new Uint8Array(running.digest().subarray(0, digestBytes)),
  };
}

/** Key for maps: equal digests give equal text. */
export function digestKey(digest: Uint8Array): string {
  return Buffer.from(digest.buffer, digest.byteOffset, digest.byteLength).toString('latin1');
}

/** The digest of which this is the key. */
export function digestOfKey(key: string): Uint8Array {
  return new Uint8Array(Buffer.from(key, 'latin1'));
}
