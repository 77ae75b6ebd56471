/**
 * Works a list of mailboxes off with several connection pairs. A lost connection costs its mailbox a fresh start, not
 * the run; a mailbox that cannot be worked on is reported and the rest goes on; an account that cannot log in any more
 * ends the run.
 */
import { type ErrorCode, isMailferryError, type MailferryError } from '../base/errors.ts';
import type { EngineDeps } from './engine-options.ts';
import { syncMailbox } from './mailbox-sync.ts';
import { firstState, nextState, workOf } from './reconcile/pair-count.ts';
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

export async function workOff(
  run: RunContext,
  deps: EngineDeps,
  keeper: PairKeeper,
  patience: Patience,
  mailboxIds: readonly number[],
): Promise<MailboxProblem[]> {
  const fixed = run.options.connections;
  const crew = new Crew(fixed ?? firstState.wanted);
  const tuner = fixed === null ? new Tuner(run, crew) : null;
  const onEvent: RunContext['onEvent'] = (event) => {
    run.onEvent(event);
    if (event.type === 'progress' && tuner?.look()) hire();
  };
  const shared: Shared = { run: { ...run, onEvent }, deps, queue: [...mailboxIds], problems: [], crew };
  const hire = () => {
    // Each takes its mailbox from the queue before `add` returns.
    while (crew.wanted > crew.working && shared.queue.length > 0) {
      crew.add(new Worker(shared, new PairKeeper(deps), new Patience(run, deps), false).work());
    }
  };
  crew.add(new Worker(shared, keeper, patience, true).work());
  hire();
  await crew.done();
  return shared.problems;
}

/** The workers at work, and how many there should be. */
class Crew {
  wanted: number;
  working = 0;
  readonly #tasks: Promise<void>[] = [];

  constructor(wanted: number) {
    this.wanted = wanted;
  }

  add(task: Promise<void>): void {
    this.working++;
    const counted = task.finally(() => {
      this.working--;
    });
    // Waited for in `done`; until then a failure must not count as unhandled.
    counted.catch(() => {});
    this.#tasks.push(counted);
  }

  /** All have ended, those that were added meanwhile too; throws the first failure. */
  async done(): Promise<void> {
    let failure: { readonly error: unknown } | null = null;
    for (let i = 0; i < this.#tasks.length; i++) {
      try {
        await this.#tasks[i];
      } catch (error) {
        failure ??= { error };
      }
    }
    if (failure !== null) throw failure.error;
  }
}

/** A reading is taken with the first progress after so long: a second holds many batches even on a slow server. */
const readingMs = 1000;

/** Watches how fast the run is and says when another worker is worth trying. */
class Tuner {
  readonly #run: RunContext;
  readonly #crew: Crew;
  #state = firstState;
  #since: number;
  #done: number;

  constructor(run: RunContext, crew: Crew) {
    this.#run = run;
    this.#crew = crew;
    this.#since = run.clock.monotonic();
    this.#done = workOf(run.counts.copied, run.counts.bytes);
  }

  /** True when a reading was taken. */
  look(): boolean {
    const now = this.#run.clock.monotonic();
    if (this.#state.settled || now - this.#since < readingMs) return false;
    const done = workOf(this.#run.counts.copied, this.#run.counts.bytes);
    this.#state = nextState(this.#state, ((done - this.#done) * 1000) / (now - this.#since));
    this.#since = now;
    this.#done = done;
    this.#crew.wanted = this.#state.wanted;
    return true;
  }
}

/** What the workers of one pass have in common. */
interface Shared {
  readonly run: RunContext;
  readonly deps: EngineDeps;
  readonly queue: number[];
  readonly problems: MailboxProblem[];
  readonly crew: Crew;
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
    const { run, queue, crew } = this.#shared;
    try {
      for (let id = queue.shift(); id !== undefined; id = queue.shift()) {
        throwIfAborted({ run });
        if (!this.#main && crew.working > crew.wanted) {
          queue.unshift(id);
          return;
        }
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
