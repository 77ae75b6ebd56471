/**
 * One mailbox of the fake server: UIDs ascend and are never reused, each change takes the next MODSEQ (RFC 7162).
 * Messages are values that are replaced, never altered, and the list is copied on the first write after a clone, so a
 * world of many mailboxes can be cloned thousands of times.
 */
import type { Flags, UidSpan } from '../../src/sync/mail-store.ts';

export interface FakeMessage {
  readonly uid: number;
  readonly body: Uint8Array;
  readonly flags: Flags;
  readonly internalDate: string | null;
  readonly modSeq: bigint;
}

interface Vanished {
  readonly uid: number;
  readonly modSeq: bigint;
}

const sameFlag = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();

/** Flags without repetitions (flags are compared without regard to case) and without \Recent. */
export function cleanFlags(flags: Flags): string[] {
  const kept: string[] = [];
  for (const flag of flags) {
    if (!sameFlag(flag, '\\Recent') && !kept.some((one) => sameFlag(one, flag))) kept.push(flag);
  }
  return kept;
}

/** Ascending UIDs as inclusive spans. */
export function spansOf(uids: readonly number[]): UidSpan[] {
  const spans: [number, number][] = [];
  for (const uid of uids) {
    const last = spans.at(-1);
    if (last && last[1] + 1 === uid) last[1] = uid;
    else spans.push([uid, uid]);
  }
  return spans;
}

export class FakeMailbox {
  name: string;
  uidValidity: number;
  uidNext = 1;
  highestModSeq = 1n;
  selectable = true;
  specialUse: readonly string[] = [];
  readonly mailboxId: string;
  /** Octets of all bodies. */
  sizeBytes = 0;
  /** Set by the server that holds the mailbox; clones are nobody's yet. */
  onChange: (() => void) | null = null;
  #messages: FakeMessage[] = [];
  #vanished: Vanished[] = [];
  /** True while the two lists are shared with a clone. */
  #shared = false;

  constructor(name: string, uidValidity: number, mailboxId: string) {
    this.name = name;
    this.uidValidity = uidValidity;
    this.mailboxId = mailboxId;
  }

  /** Ascending by UID. */
  get messages(): readonly FakeMessage[] {
    return this.#messages;
  }

  clone(): FakeMailbox {
    const copy = new FakeMailbox(this.name, this.uidValidity, this.mailboxId);
    copy.uidNext = this.uidNext;
    copy.highestModSeq = this.highestModSeq;
    copy.selectable = this.selectable;
    copy.specialUse = this.specialUse;
    copy.sizeBytes = this.sizeBytes;
    copy.#messages = this.#messages;
    copy.#vanished = this.#vanished;
    copy.#shared = true;
    this.#shared = true;
    return copy;
  }

  message(uid: number): FakeMessage | undefined {
    return this.#messages[this.#indexOf(uid)];
  }

  add(body: Uint8Array, flags: Flags, internalDate: string | null): FakeMessage {
    this.#own();
    const message = {
      uid: this.uidNext++,
      body,
      flags: cleanFlags(flags),
      internalDate,
      modSeq: this.#bump(),
    };
    this.#messages.push(message);
    this.sizeBytes += body.length;
    return message;
  }

  /** One STORE: all changed messages share one MODSEQ; a flag that is set already changes nothing. */
  store(uids: readonly number[], op: '+' | '-', flags: Flags): void {
    const wanted = cleanFlags(flags);
    let modSeq: bigint | null = null;
    for (const uid of uids) {
      const at = this.#indexOf(uid);
      const message = this.#messages[at];
      if (!message) continue;
      const next =
        op === '+'
          ? cleanFlags([...message.flags, ...wanted])
          : message.flags.filter((flag) => !wanted.some((one) => sameFlag(one, flag)));
      if (next.length === message.flags.length) continue;
      this.#own();
      modSeq ??= this.#bump();
      this.#messages[at] = { ...message, flags: next, modSeq };
    }
  }

  /** Expunges; gives the UIDs that were there. */
  remove(uids: readonly number[]): number[] {
    const gone = new Set(uids.filter((uid) => this.#indexOf(uid) >= 0));
    if (gone.size === 0) return [];
    this.#own();
    const modSeq = this.#bump();
    this.#messages = this.#messages.filter((message) => {
      if (!gone.has(message.uid)) return true;
      this.sizeBytes -= message.body.length;
      this.#vanished.push({ uid: message.uid, modSeq });
      return false;
    });
    return [...gone].sort((a, b) => a - b);
  }

  /** UIDs expunged after this MODSEQ, ascending. */
  vanishedSince(modSeq: bigint): number[] {
    const uids = this.#vanished.filter((one) => one.modSeq > modSeq).map((one) => one.uid);
    return [...new Set(uids)].sort((a, b) => a - b);
  }

  /** Against RFC 9051 §2.3.1.1: the bytes under a UID become others (Exchange does it). */
  rewrite(uid: number, body: Uint8Array): void {
    const at = this.#indexOf(uid);
    const message = this.#messages[at];
    if (!message) throw new RangeError(`no message ${uid} in ${this.name}`);
    this.#own();
    this.sizeBytes += body.length - message.body.length;
    this.#messages[at] = { ...message, body, modSeq: this.#bump() };
  }

  /** A new UIDVALIDITY numbers all messages anew from `first`. */
  renumber(uidValidity: number, first = 1): void {
    this.#own();
    this.uidValidity = uidValidity;
    this.#messages = this.#messages.map((message, i) => ({ ...message, uid: first + i }));
    this.uidNext = first + this.#messages.length;
    this.#vanished = [];
    this.#bump();
  }

  /** Against RFC 9051 §2.3.1.1: UIDNEXT falls back behind the last message that is left. */
  forgetUidNext(): void {
    this.uidNext = (this.#messages.at(-1)?.uid ?? 0) + 1;
  }

  #bump(): bigint {
    this.highestModSeq += 1n;
    this.onChange?.();
    return this.highestModSeq;
  }

  #own(): void {
    if (!this.#shared) return;
    this.#messages = [...this.#messages];
    this.#vanished = [...this.#vanished];
    this.#shared = false;
  }

  /** -1 when the UID is not there. */
  #indexOf(uid: number): number {
    let low = 0;
    let high = this.#messages.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const found = this.#messages[middle]?.uid ?? 0;
      if (found === uid) return middle;
      if (found < uid) low = middle + 1;
      else high = middle - 1;
    }
    return -1;
  }
}
