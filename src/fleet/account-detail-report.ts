/** Mailboxes, speed and last mails of one account, out of the engine's events; for people who look. */
import { displayName } from '../domain/mailbox-mapping.ts';
import type {
  AccountDetail,
  CarriedMail,
  CopyEffort,
  DetailRow,
  MailboxDetail,
} from '../state/database/account-detail.ts';
import type { EngineEvent } from '../sync/index.ts';

interface Mailbox {
  readonly name: string;
  readonly role: string | null;
  messages: number;
  readonly bytes: number | null;
  /** On new when the pass came to it. */
  there: number;
  /** Copied by this run before the pass came to it. */
  before: number;
  here: number;
  complete: boolean;
}

/** What is shown of mails that came over. */
const carriedShown = 3;
/** Speed is smoothed over about so long: a large message does not make it jump. */
const smoothMs = 10_000;
/** An account with many mailboxes is written less often. */
const rarelyAbove = 100;
const rarelyMs = 5_000;

export class AccountDetailReport {
  readonly #accountId: string;
  readonly #mailboxes = new Map<string, Mailbox>();
  #carried: readonly CarriedMail[];
  #countedMs: number;
  #effort: CopyEffort;
  #counts = { copied: 0, bytes: 0 };
  #rate: { messages: number; bytes: number } | null = null;
  #measured: { atMs: number; copied: number; bytes: number } | null = null;
  #changed = false;
  #savedAtMs = Number.NEGATIVE_INFINITY;
  /** Of earlier times, until the engine lists anew. */
  #before: readonly MailboxDetail[];

  constructor(accountId: string, before: DetailRow | undefined) {
    this.#accountId = accountId;
    this.#before = before?.detail.mailboxes ?? [];
    this.#carried = before?.detail.carried ?? [];
    this.#countedMs = before?.detail.countedMs ?? 0;
    this.#effort = before?.effort ?? { ms: 0, messages: 0, bytes: 0 };
  }

  event(event: EngineEvent, nowMs: number): void {
    switch (event.type) {
      case 'mailboxes':
        this.#listed(event.each, nowMs);
        break;
      case 'mailbox-started': {
        const box = this.#mailboxes.get(event.mailbox);
        if (box === undefined) return;
        box.messages = event.messages;
        box.there = event.messages - event.missing;
        box.before = box.here;
        box.complete = event.missing === 0;
        break;
      }
      case 'mailbox-done': {
        const box = this.#mailboxes.get(event.mailbox);
        if (box !== undefined) box.complete = true;
        break;
      }
      case 'progress': {
        this.#counts = event.counts;
        const box = this.#mailboxes.get(event.mailbox);
        if (box !== undefined) box.here = event.here;
        break;
      }
      default:
        return;
    }
    this.#changed = true;
  }

  carried(mailbox: string, subject: string | null, atMs: number): void {
    const one = { mailbox: displayName(mailbox), subject, atMs };
    this.#carried = [one, ...this.#carried].slice(0, carriedShown);
    this.#changed = true;
  }

  /** A pass begins: the engine counts from nothing again. */
  begins(): void {
    this.#counts = { copied: 0, bytes: 0 };
    this.#measured = null;
    for (const box of this.#mailboxes.values()) {
      box.there += box.here - box.before;
      box.here = box.before = 0;
    }
  }

  /** About once a second, by the clock that only grows. */
  tick(monotonicMs: number, copies: boolean): void {
    const { copied, bytes } = this.#counts;
    if (!copies) {
      if (this.#rate !== null) this.#changed = true;
      this.#rate = this.#measured = null;
      return;
    }
    const last = this.#measured;
    this.#measured = { atMs: monotonicMs, copied, bytes };
    if (last === null || monotonicMs <= last.atMs) return;
    const ms = monotonicMs - last.atMs;
    const now = { messages: ((copied - last.copied) * 1000) / ms, bytes: ((bytes - last.bytes) * 1000) / ms };
    const weight = this.#rate === null ? 1 : 1 - Math.exp(-ms / smoothMs);
    const smooth = (before: number, fresh: number) => before + weight * (fresh - before);
    const before = this.#rate ?? now;
    this.#rate = { messages: smooth(before.messages, now.messages), bytes: smooth(before.bytes, now.bytes) };
    this.#effort = {
      ms: this.#effort.ms + ms,
      messages: this.#effort.messages + copied - last.copied,
      bytes: this.#effort.bytes + bytes - last.bytes,
    };
    this.#changed = true;
  }

  /** What was taken could not be saved. */
  notSaved(): void {
    this.#changed = true;
    this.#savedAtMs = Number.NEGATIVE_INFINITY;
  }

  /** What is to be saved; null where nothing changed, or it was saved a moment ago. */
  take(monotonicMs: number): DetailRow | null {
    const often = this.#mailboxes.size <= rarelyAbove;
    if (!this.#changed || (!often && monotonicMs - this.#savedAtMs < rarelyMs)) return null;
    this.#changed = false;
    this.#savedAtMs = monotonicMs;
    return { accountId: this.#accountId, detail: this.#detail(), effort: this.#effort };
  }

  #detail(): AccountDetail {
    const rate = this.#rate;
    return {
      mailboxes: this.#mailboxes.size === 0 ? this.#before : [...this.#mailboxes.values()].map(detailOf),
      carried: this.#carried,
      rate: rate === null ? null : { messagesPerSecond: rate.messages, bytesPerSecond: rate.bytes },
      countedMs: this.#countedMs,
    };
  }

  #listed(each: (EngineEvent & { type: 'mailboxes' })['each'], nowMs: number): void {
    const known = new Map(this.#mailboxes);
    this.#mailboxes.clear();
    for (const { mailbox, specialUse, messages, bytes, complete } of each) {
      const name = displayName(mailbox);
      const before = known.get(mailbox);
      const told = before === undefined ? this.#before.find((one) => one.name === name)?.done : undefined;
      const there = complete ? messages : (before?.there ?? told ?? 0);
      const { before: at = 0, here = 0 } = before ?? {};
      // Nothing of it is to be copied any more: what this run brought is among what is there.
      const counted = complete ? { before: here, here } : { before: at, here };
      this.#mailboxes.set(mailbox, { name, role: specialUse, messages, bytes, there, complete, ...counted });
    }
    this.#countedMs = nowMs;
  }
}

function detailOf({ name, role, messages, bytes, there, before, here, complete }: Mailbox): MailboxDetail {
  return { name, role, messages, bytes, done: Math.min(messages, there + here - before), complete };
}
