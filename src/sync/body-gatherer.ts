/**
 * The reading side of one window: bodies as they come from the old server. Small ones are copied into an arena of one
 * megabyte, which becomes a batch when it is full; a body above the streaming size goes straight through a pipe.
 */
import { BodyPipe } from './body-pipe.ts';
import { type RunningDigest, startDigest } from './digest.ts';
import { RunningLikeness } from './likeness.ts';
import type { BodySink, Refusal } from './mail-store.ts';
import type { MailboxWork } from './mailbox-work.ts';
import type { Outgoing } from './outgoing.ts';
import type { SmallMessage } from './appender.ts';
import type { Sender } from './sender.ts';
import type { Tuning } from './engine-options.ts';

export class BodyGatherer implements BodySink {
  readonly #work: MailboxWork;
  readonly #sender: Sender;
  readonly #tuning: Tuning;
  #messages: ReadonlyMap<number, Outgoing> = new Map();
  readonly missed: Outgoing[] = [];
  /** Of the expected ones those whose digest is known, ascending. */
  #known: Outgoing[] = [];
  /** Of the expected ones those that have not come yet, ascending. */
  #open = new Set<number>();
  /** Why the server did not deliver what was asked for last, where it said. */
  refusal: Refusal | null = null;
  /** The last message that came whole. */
  lastCame: number | null = null;
  expected = 0;
  #arena: Uint8Array | null = null;
  #used = 0;
  #batch: SmallMessage[] = [];
  #current: Outgoing | null = null;
  #filled = 0;
  #big: { pipe: BodyPipe; digest: RunningDigest; likeness: RunningLikeness | null } | null = null;

  constructor(work: MailboxWork, sender: Sender) {
    this.#work = work;
    this.#sender = sender;
    this.#tuning = work.run.options.tuning;
  }

  /** What the next fetch will bring; a batch may hold messages of two windows. */
  expect(messages: readonly Outgoing[]): void {
    this.#messages = new Map(messages.map((m) => [m.uid, m]));
    this.refusal = null;
    this.#open = new Set(messages.filter((m) => m.digest === null).map((m) => m.uid));
    this.expected = this.#open.size;
    this.#known = messages.filter((m) => m.digest !== null);
  }

  /** Hands messages below this UID that are claimed without being fetched to the sender, in their turn. */
  passKnown(uid: number): void {
    for (let next = this.#known[0]; next !== undefined && next.uid < uid; next = this.#known[0]) {
      this.cut();
      this.#sender.enqueue({ kind: 'known', message: next });
      this.#known.shift();
    }
  }

  /** The first message of the fetch under way that has not come; null when all have. */
  firstOpen(): number | null {
    return this.#open.values().next().value ?? null;
  }

  /** Whether the sender failed: then it is the one that ended the fetch. */
  get stopped(): boolean {
    return this.#sender.failure !== null;
  }

  begin(uid: number, sizeBytes: number): void {
    const message = this.#messages.get(uid) ?? null;
    this.#current = message;
    this.#filled = 0;
    if (message === null) return;
    this.passKnown(uid);
    const toldBytes = message.sizeBytes;
    message.sizeBytes = sizeBytes;
    const { arenaBytes, batchMessages, streamAboveBytes } = this.#tuning;
    if (sizeBytes > streamAboveBytes && this.#mayBeThere(message, toldBytes)) {
      this.#current = null;
      this.#open.delete(uid);
      this.missed.push(message);
      return;
    }
    if (sizeBytes > streamAboveBytes) {
      this.cut();
      const { fresh, run } = this.#work;
      const silent = !fresh.abilities.uidPlus || run.servers.appendUid === 'doubted';
      const likeness = silent ? new RunningLikeness() : null;
      this.#big = { pipe: new BodyPipe(), digest: startDigest(), likeness };
      this.#sender.enqueue({ kind: 'big', message, ...this.#big });
      return;
    }
    // An empty literal cancels a MULTIAPPEND (RFC 3502 §6.3.11), so an empty message goes alone.
    const { limiter } = this.#work.run;
    const fullBytes = this.#used + sizeBytes > Math.min(arenaBytes, limiter.batchBytes);
    const full = fullBytes || this.#batch.length >= Math.min(batchMessages, limiter.batchMessages);
    if (full || sizeBytes === 0) this.cut();
    this.#arena ??= this.#sender.freeArenas.pop() ?? new Uint8Array(arenaBytes);
  }

  /**
   * RFC822.SIZE was wrong (F-53), and by its true size the big message may be on new already: it is not streamed but
   * compared first, after the window.
   */
  #mayBeThere({ sizeBytes, compared }: Outgoing, toldBytes: number): boolean {
    const { pool, run } = this.#work;
    if (sizeBytes === toldBytes || compared === true) return false;
    return pool.hasSize(sizeBytes) || run.vanished.hasSize(sizeBytes);
  }

  chunk(bytes: Uint8Array): void | Promise<void> {
    if (this.#current === null) return;
    if (this.#big !== null) {
      this.#big.digest.update(bytes);
      this.#big.likeness?.update(bytes);
      return this.#big.pipe.chunk(bytes);
    }
    this.#arena?.set(bytes, this.#used + this.#filled);
    this.#filled += bytes.length;
  }

  end(): void | Promise<void> {
    const message = this.#current;
    this.#current = null;
    if (message === null) return;
    this.#open.delete(message.uid);
    this.lastCame = message.uid;
    if (this.#big !== null) {
      this.#big.pipe.end();
      this.#big = null;
    } else if (this.#arena !== null) {
      const bytes = this.#arena.subarray(this.#used, this.#used + this.#filled);
      this.#used += this.#filled;
      this.#batch.push({ message, bytes });
      if (message.sizeBytes === 0) this.cut();
    }
    return this.#sender.room();
  }

  missing(uid: number, reason?: Refusal): void {
    this.refusal = reason ?? null;
    const message = this.#messages.get(uid);
    this.#open.delete(uid);
    if (message !== undefined) this.missed.push(message);
  }

  /** Hands the gathered batch to the sender. */
  cut(): void {
    if (this.#arena === null || this.#batch.length === 0) return;
    this.#sender.enqueue({ kind: 'batch', messages: this.#batch, arena: this.#arena });
    this.#arena = null;
    this.#used = 0;
    this.#batch = [];
  }

  /** The old connection broke: a body on its way is void, a gathered batch is whole and still goes. */
  fail(error: unknown): void {
    this.#big?.pipe.fail(error);
    this.cut();
  }
}
