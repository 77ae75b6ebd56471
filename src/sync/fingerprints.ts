/**
 * Digests of bodies for comparing: of the bytes as they are, and, where asked for, with every line ended by CRLF, and
 * without all that servers are known to change on saving.
 */
import { type RunningDigest, startDigest } from './digest.ts';
import type { StoreSession } from './mail-store.ts';
import type { Fingerprint } from './reconcile/classify-differences.ts';

/** `canonical` and `loose` cost ten times as much as the exact digest, so they are read only for what did not match. */
export async function readFingerprints(
  session: StoreSession,
  uids: readonly number[],
  withCanonical: boolean,
): Promise<Map<number, Fingerprint>> {
  const prints = new Map<number, Fingerprint>();
  let exact = startDigest();
  let canonical: CanonicalDigest | null = null;
  let loose: LooseDigest | null = null;
  if (uids.length === 0) return prints;
  await session.fetchBodies(uids, {
    begin: () => {
      exact = startDigest();
      canonical = withCanonical ? new CanonicalDigest() : null;
      loose = withCanonical ? new LooseDigest() : null;
    },
    chunk: (bytes) => {
      exact.update(bytes);
      canonical?.update(bytes);
      loose?.update(bytes);
    },
    end: (uid) => {
      prints.set(uid, {
        exact: exact.done(),
        canonical: canonical?.done() ?? null,
        loose: loose?.done() ?? null,
      });
    },
    missing: () => {},
  });
  return prints;
}

const cr = 13;
const lf = 10;
const lineEnd = Uint8Array.of(cr, lf);

/** Takes LF, CR LF and CR CR LF for one line end; bytes between line ends go through as they are. */
export class CanonicalDigest {
  readonly #running: RunningDigest = startDigest();
  #pendingEnds = 0;
  #afterCr = false;

  update(bytes: Uint8Array): void {
    let from = 0;
    for (;;) {
      const end = bytes.indexOf(lf, from);
      const stop = end === -1 ? bytes.length : end;
      this.#line(bytes.subarray(from, stop), end !== -1);
      if (end === -1) return;
      this.#pendingEnds++;
      from = end + 1;
    }
  }

  done(): Uint8Array {
    return this.#running.done();
  }

  #line(part: Uint8Array, ended: boolean): void {
    let length = part.length;
    if (this.#afterCr && length > 0) this.#flush(Uint8Array.of(cr), false);
    if (length > 0 || ended) this.#afterCr = false;
    if (length > 0 && part[length - 1] === cr) {
      while (length > 0 && part[length - 1] === cr) length--;
      if (!ended) this.#afterCr = true;
    }
    this.#flush(part.subarray(0, length), true);
  }

  #flush(part: Uint8Array, skipEmpty: boolean): void {
    if (part.length === 0 && skipEmpty) return;
    for (; this.#pendingEnds > 0; this.#pendingEnds--) this.#running.update(lineEnd);
    this.#running.update(part);
  }
}

/** Dovecot stores NUL as 0x80; others drop it. */
const nulStandIn = 0x80;
/** What servers put for an eight-bit character of the header: Cyrus an X, others a question mark. */
const eightBitStandIns: readonly number[] = [0x58, 0x3f];

/**
 * Leaves out what servers are known to change on saving: CR and LF wherever they stand, NUL, and in the header all that
 * is not ASCII, each with what stands for it. Messages that differ otherwise never have the same digest.
 */
export class LooseDigest {
  readonly #running: RunningDigest = startDigest();
  #inHeader = true;
  /** Of the line under way: nothing so far. */
  #lineIsBlank = true;

  update(bytes: Uint8Array): void {
    const kept = new Uint8Array(bytes.length);
    let length = 0;
    for (const byte of bytes) {
      if (byte === lf) {
        if (this.#lineIsBlank) this.#inHeader = false;
        this.#lineIsBlank = true;
        continue;
      }
      if (byte === cr) continue;
      this.#lineIsBlank = false;
      if (byte === 0 || byte === nulStandIn) continue;
      if (this.#inHeader && (byte > 0x7f || eightBitStandIns.includes(byte))) continue;
      kept[length++] = byte;
    }
    this.#running.update(kept.subarray(0, length));
  }

  done(): Uint8Array {
    return this.#running.done();
  }
}
