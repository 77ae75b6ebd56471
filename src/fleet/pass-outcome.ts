/**
 * What came of a pass, or of a try that failed, as it stands at the account: its mailboxes' problems and what wants
 * attention. Rows are written only where something differs: an account in step has a pass at every news.
 */
import type { Clock } from '../base/clock.ts';
import type { MailferryError } from '../base/errors.ts';
import { type Attention, notesOf, setNotes } from '../state/database/account-notes.ts';
import type { Lease } from '../state/database/leases.ts';
import {
  mailboxProblemsOf,
  setMailboxProblems,
  type StandingProblem,
} from '../state/database/mailbox-problems.ts';
import type { Database } from '../state/database/open-database.ts';
import type { CopyResult } from '../sync/index.ts';
import { attentionOf, problemsIn, troubleIn } from './trouble-of.ts';

export interface OutcomeEnv {
  readonly database: Database;
  readonly clock: Clock;
  /** The account's name in rows that say who did what. */
  readonly actor: string;
}

export class PassOutcome {
  readonly #env: OutcomeEnv;
  readonly #accountId: string;
  readonly #lease: Lease;
  /** As they stand in the database; null before they were read. */
  #problems: readonly StandingProblem[] | null = null;

  constructor(env: OutcomeEnv, accountId: string, lease: Lease) {
    this.#env = env;
    this.#accountId = accountId;
    this.#lease = lease;
  }

  /** A pass came to its end. Gives the problems that stand now. Throws `lease-lost`. */
  async passed(result: CopyResult): Promise<readonly StandingProblem[]> {
    const { db } = this.#env.database;
    const found = problemsIn(result);
    const before = this.#problems ?? (await mailboxProblemsOf(db, this.#accountId));
    this.#problems = sameProblems(before, found)
      ? before
      : await setMailboxProblems(db, this.#accountId, found, this.#lease);
    const nowMs = this.#env.clock.now();
    const trouble = troubleIn(result, this.#problems, nowMs);
    await this.#attention(trouble === null ? null : attentionOf(trouble, nowMs));
    return this.#problems;
  }

  /** Nothing came of the try. Throws `lease-lost`, and what the database throws. */
  async failed(error: MailferryError): Promise<void> {
    await this.#attention(attentionOf(error, this.#env.clock.now()));
  }

  async #attention(next: Attention | null): Promise<void> {
    const { database, actor } = this.#env;
    const { attention } = await notesOf(database.db, this.#accountId);
    if (attention?.code === next?.code && attention?.reason === next?.reason) return;
    // What is missing in old's list stays told until it is there again, however well a pass goes.
    if (attention?.code === 'account-vanished' && next === null) return;
    await setNotes(database.db, this.#accountId, { attention: next }, { actor, lease: this.#lease });
  }
}

function sameProblems(before: readonly StandingProblem[], found: ReturnType<typeof problemsIn>): boolean {
  if (before.length !== found.length) return false;
  const known = new Map(before.map((one) => [one.mailbox, one]));
  return found.every(({ mailbox, code, reason }) => {
    const one = known.get(mailbox);
    return one?.code === code && one.reason === reason;
  });
}
