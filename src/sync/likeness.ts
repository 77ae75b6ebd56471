/**
 * Recognises a message that the new server changed on saving it (F-48, F-61): the same body where line ends do not
 * count, and no line of the header missing; what the server added does not matter. Two deliveries of one message differ
 * in their Received lines, so they never pass for each other.
 */
import { digestKey, startDigest } from './digest.ts';
import { CanonicalDigest } from './fingerprints.ts';
import type { StoreSession } from './mail-store.ts';

export interface Likeness {
  /** Key of the digest of all bytes as they are. */
  readonly exact: string;
  readonly sizeBytes: number;
  readonly body: string;
  readonly lines: ReadonlySet<string>;
}

/** Longer headers are compared by their beginning. */
const maxHeaderBytes = 65_536;

const lf = 10;
const cr = 13;

export function isAltered(original: Likeness, copy: Likeness): boolean {
  if (original.body !== copy.body) return false;
  for (const line of original.lines) if (!copy.lines.has(line)) return false;
  return true;
}

export function likenessOf(body: Uint8Array): Likeness {
  const running = new RunningLikeness();
  running.update(body);
  return running.done();
}

/** By UID; what cannot be read is missing. */
export async function readLikeness(
  session: StoreSession,
  uids: readonly number[],
): Promise<Map<number, Likeness>> {
  const found = new Map<number, Likeness>();
  if (uids.length === 0) return found;
  let running = new RunningLikeness();
  await session.fetchBodies(uids, {
    begin: () => {
      running = new RunningLikeness();
    },
    chunk: (bytes) => running.update(bytes),
    end: (uid) => {
      found.set(uid, running.done());
    },
    missing: () => {},
  });
  return found;
}

export class RunningLikeness {
  readonly #header: Uint8Array[] = [];
  #headerBytes = 0;
  #inBody = false;
  /** Of the line under way: nothing but CR so far. */
  #lineIsBlank = true;
  readonly #body = new CanonicalDigest();
  readonly #exact = startDigest();
  #sizeBytes = 0;

  update(bytes: Uint8Array): void {
    this.#exact.update(bytes);
    this.#sizeBytes += bytes.length;
    const rest = this.#inBody ? bytes : this.#takeHeader(bytes);
    if (rest.length > 0) this.#body.update(rest);
  }

  done(): Likeness {
    const header = Buffer.concat(this.#header).toString('latin1');
    const lines = header.split(/[\r\n]+/).map((line) => line.trimEnd());
    return {
      exact: digestKey(this.#exact.done()),
      sizeBytes: this.#sizeBytes,
      body: digestKey(this.#body.done()),
      lines: new Set(lines.filter((line) => line !== '')),
    };
  }

  /** Keeps what belongs to the header; gives what follows the blank line. */
  #takeHeader(bytes: Uint8Array): Uint8Array {
    let at = 0;
    for (; at < bytes.length && !this.#inBody; at++) {
      const byte = bytes[at];
      if (byte === lf) {
        if (this.#lineIsBlank) this.#inBody = true;
        this.#lineIsBlank = true;
      } else if (byte !== cr) this.#lineIsBlank = false;
    }
    const part = bytes.slice(0, Math.min(at, Math.max(0, maxHeaderBytes - this.#headerBytes)));
    // Not a view: the chunk is valid only during the call, and a Buffer's slice is one.
    this.#header.push(new Uint8Array(part));
    this.#headerBytes += part.length;
    return bytes.subarray(at);
  }
}
