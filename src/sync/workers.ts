/**
 * Works a list of mailboxes off with several connection pairs. A lost connection costs its mailbox a fresh start, not
 * the run; a mailbox that cannot be worked on is reported and the rest goes on; an account that cannot log in any more
 * ends the run.
 */
import { type ErrorCode, isMailferryError, type MailferryError } from '../base/errors.ts';
import type { EngineDeps } from './engine-options.ts';
import { syncMailbox } from './mailbox-sync.ts';
import { PairKeeper, type SessionPair } from './open-pair.ts';
import { isConnectionError, Patience } from './patience.ts';
import type { RunContext } from './mailbox-work.ts';
import { throwIfAborted } from './mailbox-work.ts';

export interface MailboxProblem {
  readonly mailbox: string;
  readonly code: ErrorCode;
  readonly text: string;
}

const mailboxCodes: readonly ErrorCode[] = [
  'mailbox-unusable',
  'command-refused',
  'mailbox-removed-on-new',
  'mailbox-not-created',
];

/** Four pairs keep two servers busy; more only wait for each other's disk (measured), and servers often allow ten. */
export const maxPairs = 4;
export async function workOff(
  run: RunContext,
  deps: EngineDeps,
  keeper: PairKeeper,
  patience: Patience,
  mailboxIds: readonly number[],
): Promise<MailboxProblem[]> {
  const queue = [...mailboxIds];
  const problems: MailboxProblem[] = [];
  const wanted = Math.max(1, Math.min(run.options.connections ?? maxPairs, queue.length));
  const shared = { run, deps, queue, problems };
  const tasks = [new Worker(shared, keeper, patience, true).work()];
  for (let i = 1; i < wanted; i++) {
    tasks.push(new Worker(shared, new PairKeeper(deps), new Patience(run, deps), false).work());
  }
  const results = await Promise.allSettled(tasks);
  const failed = results.find((r) => r.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  return problems;
}

/** What the workers of one pass have in common. */
interface Shared {
  readonly run: RunContext;
  readonly deps: EngineDeps;
  readonly queue: number[];
  readonly problems: MailboxProblem[];
}

class Worker {
  readonly #shared: Shared;
  readonly #keeper: PairKeeper;
  readonly #patience: Patience;
  /** The first worker uses the run's own pair and never gives up for want of a connection. */
  readonly #main: boolean;

  constructor(shared: Shared, keeper: PairKeeper, patience: Patience, main: boolean) {
    this.#shared = shared;
    this.#keeper = keeper;
    this.#patience = patience;
    this.#main = main;
  }

  async work(): Promise<void> {
    const { run, queue } = this.#shared;
    try {
      for (let id = queue.shift(); id !== undefined; id = queue.shift()) {
        throwIfAborted({ run });
        if (!(await this.#oneMailbox(id))) return;
      }
    } catch (error) {
      // The others end with the mailbox they are at.
      queue.length = 0;
      throw error;
    } finally {
      if (!this.#main) await this.#keeper.close();
    }
  }

  /** False when this worker is one too many. */
  async #oneMailbox(id: number): Promise<boolean> {
    const { run, queue } = this.#shared;
    for (;;) {
      let pair: SessionPair;
      try {
        pair = await this.#keeper.open();
      } catch (error) {
        if (!this.#main && isConnectionError(error)) {
          queue.unshift(id);
          return false;
        }
        await this.#patience.afterFailure(error);
        continue;
      }
      try {
        await syncMailbox(run, id, pair);
        this.#patience.succeeded();
        return true;
      } catch (error) {
        throwIfAborted({ run });
        // Answers of a half-done mailbox may still be on their way: the pair is not used again.
        this.#keeper.drop();
        if (isMailferryError(error, ...mailboxCodes)) {
          this.#problem(id, error);
          return true;
        }
        await this.#patience.afterFailure(error);
      }
    }
  }

  #problem(id: number, error: MailferryError): void {
    const mailbox = this.#shared.run.account.mailbox(id).oldName;
    this.#shared.problems.push({ mailbox, code: error.code, text: error.message });
  }
}
