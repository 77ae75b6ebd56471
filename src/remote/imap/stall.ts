/**
 * When a connection that is still open is dead: nothing moves while an answer is owed, or a body arrives so slowly that
 * it never ends (F-13). Pure: it is told what was counted, and says what is wrong; the pipe reads the clock and acts.
 */

/** What is looked at, every now and then. */
export interface Sight {
  /** Monotonic, in milliseconds. */
  readonly nowMs: number;
  /** Bytes that went either way, so far. */
  readonly movedBytes: number;
  readonly bytesIn: number;
  /** The server owes nothing, so its silence means nothing. */
  readonly idle: boolean;
  /** Reading is held back by us. */
  readonly holdsPeer: boolean;
}

/** `silent`: no byte for too long. `dripping`: a body comes too slowly. */
export type Stall = 'silent' | 'dripping' | null;

/** A body that arrives slower than this in a window is dripping: give the connection up. */
const dripBytes = 1024;

/** Keeps what the last look saw. */
export class StallWatch {
  readonly idleTimeoutMs: number;
  readonly dripWindowMs: number;
  #lastBytes = 0;
  #lastProgressAt: number;
  #dripFrom: { at: number; bytes: number } | null = null;

  constructor(idleTimeoutMs: number, dripWindowMs: number, nowMs: number) {
    this.idleTimeoutMs = idleTimeoutMs;
    this.dripWindowMs = dripWindowMs;
    this.#lastProgressAt = nowMs;
  }

  /** Often enough to notice a timeout in time; every two seconds with the usual ones. */
  get everyMs(): number {
    return Math.min(2000, this.idleTimeoutMs / 4, this.dripWindowMs / 4);
  }

  /** Something begins of which the server had no chance to answer before. */
  progressed(nowMs: number): void {
    this.#lastProgressAt = nowMs;
  }

  /** A body begins. */
  bodyBegins(nowMs: number, bytesIn: number): void {
    this.#dripFrom = { at: nowMs, bytes: bytesIn };
  }

  /** A body has come to its end. */
  bodyEnds(): void {
    this.#dripFrom = null;
  }

  /** What is wrong at this moment. */
  look({ nowMs, movedBytes, bytesIn, idle, holdsPeer }: Sight): Stall {
    if (movedBytes !== this.#lastBytes || idle || holdsPeer) {
      this.#lastBytes = movedBytes;
      this.#lastProgressAt = nowMs;
    } else if (nowMs - this.#lastProgressAt > this.idleTimeoutMs) return 'silent';
    const drip = this.#dripFrom;
    if (drip === null || nowMs - drip.at < this.dripWindowMs) return null;
    if (bytesIn - drip.bytes < dripBytes && !holdsPeer) return 'dripping';
    this.#dripFrom = { at: nowMs, bytes: bytesIn };
    return null;
  }
}
