/**
 * Works a list of mailboxes off with several connection pairs. A lost connection costs its mailbox a fresh start, not
 * the run; a mailbox that cannot be worked on is reported and the rest goes on; an account that cannot log in any more
 * ends the run.
 */
import { type ErrorCode, isMailferryError, MailferryError } from '../base/errors.ts';
import type { EngineDeps } from './engine-options.ts';
import { syncMailbox } from './mailbox-sync.ts';
import { openPair, type SessionPair } from './open-pair.ts';
import type { RunContext } from './mailbox-work.ts';
import { throwIfAborted } from './mailbox-work.ts';

export interface MailboxProblem {
  readonly mailbox: string;
  readonly code: ErrorCode;
  readonly text: string;
}

/** A connection ended: the same mailbox may well go through with the next one. */
const connectionCodes: readonly ErrorCode[] = [
  'connection-lost',
  'connect-timeout',
  'unreachable',
  'server-unavailable',
  'throttled',
  'too-many-connections',
  'protocol-violation',
  'limit-exceeded',
];
const mailboxCodes: readonly ErrorCode[] = [
  'mailbox-unusable',
  'command-refused',
  'mailbox-removed-on-new',
  'mailbox-not-created',
];

/** Four pairs keep two servers busy; more only wait for each other's disk (measured), and servers often allow ten. */
export const maxPairs = 4;
/** Backoff: one second, doubled, up to this. */
const maxBackoffMs = 60_000;

export async function workOff(
  run: RunContext,
  deps: EngineDeps,
  first: SessionPair,
  mailboxIds: readonly number[],
): Promise<MailboxProblem[]> {
  const queue = [...mailboxIds];
  const problems: MailboxProblem[] = [];
  const wanted = Math.max(1, Math.min(run.options.connections ?? maxPairs, queue.length));
  const tasks: Promise<void>[] = [];
  for (let i = 0; i < wanted; i++) {
    const worker = new Worker(run, deps, queue, problems, i === 0 ? first : null);
    tasks.push(worker.work());
  }
  const results = await Promise.allSettled(tasks);
  const failed = results.find((r) => r.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  return problems;
}

class Worker {
  readonly #run: RunContext;
  readonly #deps: EngineDeps;
  readonly #queue: number[];
  readonly #problems: MailboxProblem[];
  /** The first worker uses the run's own pair and never gives up for want of a connection. */
  readonly #main: boolean;
  #pair: SessionPair | null;
  #failures = 0;
  #progressAt = -1;

  constructor(
    run: RunContext,
    deps: EngineDeps,
    queue: number[],
    problems: MailboxProblem[],
    pair: SessionPair | null,
  ) {
    this.#run = run;
    this.#deps = deps;
    this.#queue = queue;
    this.#problems = problems;
    this.#pair = pair;
    this.#main = pair !== null;
  }

  async work(): Promise<void> {
    try {
      for (let id = this.#queue.shift(); id !== undefined; id = this.#queue.shift()) {
        throwIfAborted({ run: this.#run });
        if (!(await this.#oneMailbox(id))) return;
      }
    } catch (error) {
      // The others end with the mailbox they are at.
      this.#queue.length = 0;
      throw error;
    } finally {
      if (!this.#main && this.#pair !== null) {
        await Promise.all([this.#pair.old.close(), this.#pair.fresh.close()]);
      }
    }
  }

  /** False when this worker is one too many. */
  async #oneMailbox(id: number): Promise<boolean> {
    for (;;) {
      let pair: SessionPair;
      try {
        pair = await this.#connected();
      } catch (error) {
        if (!this.#main && isMailferryError(error, ...connectionCodes)) {
          this.#queue.unshift(id);
          return false;
        }
        await this.#backOff(error);
        continue;
      }
      try {
        await syncMailbox(this.#run, id, pair);
        this.#failures = 0;
        return true;
      } catch (error) {
        throwIfAborted({ run: this.#run });
        // Answers of a half-done mailbox may still be on their way: the pair is not used again.
        this.#drop(pair);
        if (isMailferryError(error, ...mailboxCodes)) {
          this.#problem(id, error);
          return true;
        }
        await this.#backOff(error);
      }
    }
  }

  #problem(id: number, error: MailferryError): void {
    const mailbox = this.#run.account.mailbox(id).oldName;
    this.#problems.push({ mailbox, code: error.code, text: error.message });
  }

  #drop(pair: SessionPair): void {
    pair.old.destroy('given up');
    pair.fresh.destroy('given up');
    this.#pair = null;
  }

  /** Waits before the next try, or throws when trying again makes no sense. */
  async #backOff(error: unknown): Promise<void> {
    throwIfAborted({ run: this.#run });
    if (!isMailferryError(error, ...connectionCodes)) throw error;
    const { counts, options, clock, signal, onEvent } = this.#run;
    const progress = counts.copied + counts.flagsChanged + counts.adopted;
    this.#failures = progress === this.#progressAt ? this.#failures + 1 : 1;
    this.#progressAt = progress;
    if (this.#failures > options.maxRetries) throw error;
    const backoff = Math.min(maxBackoffMs, 1000 * 2 ** (this.#failures - 1));
    const ms = error.retryAfterMs ?? backoff * (0.75 + 0.5 * this.#deps.random());
    onEvent({
      type: 'waiting',
      reason: error.code === 'throttled' ? 'throttled' : 'reconnect',
      ms,
      text: error.message,
    });
    await clock.sleep(ms, signal);
  }

  async #connected(): Promise<SessionPair> {
    const now = this.#pair;
    if (now !== null && !now.old.closed && !now.fresh.closed) return now;
    if (now !== null) this.#drop(now);
    this.#pair = await openPair(this.#deps);
    return this.#pair;
  }
}
