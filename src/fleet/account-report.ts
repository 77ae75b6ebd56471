/** What the events of an account's passes add up to, for people who look. */
import type { Activity, Progress } from '../state/database/progress.ts';
import type { DetailRow } from '../state/database/account-detail.ts';
import type { CopyResult, EngineEvent } from '../sync/index.ts';
import { AccountDetailReport } from './account-detail-report.ts';

export class AccountReport {
  readonly accountId: string;
  readonly detail: AccountDetailReport;
  /** Something changed since `take`. */
  #changed = true;
  #progress: Progress;
  /** Octets of earlier passes; those of the pass under way come on top. */
  #bytesBefore: number;
  /** Messages that the pass under way found on new already, mailbox by mailbox. */
  #there = 0;

  constructor(accountId: string, before: Progress | undefined, detail?: DetailRow) {
    this.accountId = accountId;
    this.detail = new AccountDetailReport(accountId, detail);
    this.#progress = { ...empty, ...before, activity: 'waiting', heardBy: 'nothing' };
    this.#bytesBefore = this.#progress.bytesCopied;
  }

  get progress(): Progress {
    return this.#progress;
  }

  set(part: Partial<Progress>): void {
    this.#progress = { ...this.#progress, ...part };
    this.#changed = true;
  }

  activity(activity: Activity): void {
    if (activity !== this.#progress.activity) this.set({ activity });
  }

  /** A pass begins to count at nothing. What one sent that did not get to its end stays counted. */
  begins(): void {
    this.#bytesBefore = this.#progress.bytesCopied;
  }

  event(event: EngineEvent): void {
    if (event.type === 'listed') {
      this.#there = event.unchanged;
      this.set({ messagesTotal: event.messages, mailboxes: event.mailboxes });
    } else if (event.type === 'mailbox-started') {
      this.#there += event.messages - event.missing;
    } else if (event.type === 'progress') {
      const { copied, bytes } = event.counts;
      const { messagesTotal, messagesDone } = this.#progress;
      this.set({
        messagesDone: Math.min(messagesTotal, Math.max(messagesDone, this.#there + copied)),
        bytesCopied: this.#bytesBefore + bytes,
      });
    }
  }

  passed({ messages, mailboxes, counts }: CopyResult, nowMs: number): void {
    this.#bytesBefore += counts.bytes;
    this.set({
      messagesTotal: messages.total - messages.vanished,
      messagesDone: messages.present + messages.copied,
      messagesRefused: messages.refused,
      mailboxes: mailboxes.length,
      bytesCopied: this.#bytesBefore,
      lastPassMs: nowMs,
    });
  }

  /** What was taken could not be saved. */
  notSaved(): void {
    this.#changed = true;
  }

  /** What is to be saved, or null where nothing changed since the last call. */
  take(): (Progress & { readonly accountId: string }) | null {
    if (!this.#changed) return null;
    this.#changed = false;
    return { accountId: this.accountId, ...this.#progress };
  }
}

const empty: Progress = {
  messagesTotal: 0,
  messagesDone: 0,
  messagesRefused: 0,
  mailboxes: 0,
  bytesCopied: 0,
  activity: 'waiting',
  heardBy: 'nothing',
  lagMs: null,
  lastPassMs: null,
};
