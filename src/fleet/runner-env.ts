/** What the work on an account needs of the worker that does it. */
import type { Clock } from '../base/clock.ts';
import type { Account } from '../state/database/accounts.ts';
import type { Lease } from '../state/database/leases.ts';
import type { Database } from '../state/database/open-database.ts';
import type { EngineDeps, EngineOptions } from '../sync/index.ts';
import type { Outage } from './outage.ts';
import type { Turns } from './turns.ts';

/** What a runner has in common with those of the other accounts. */
export interface RunnerEnv {
  readonly database: Database;
  readonly clock: Clock;
  readonly random: () => number;
  /** For first copies, and for passes of accounts in step. */
  readonly copyTurns: Turns;
  readonly stepTurns: Turns;
  readonly engine: EngineOptions;
  readonly timing: RunnerTiming;
  /** The account's name in rows that say who did what. */
  readonly actor: string;
  /** Stores with the account's secrets, journal, limiter. Throws `secret-missing`, `secret-unreadable`. */
  engineDeps(account: Account, lease: Lease, mayWrite: () => boolean): Promise<OpenedEngine>;
  /** Whether the account is there on new, where Mailferry makes it; absent: others make accounts. */
  readonly isMade?: (accountId: string) => Promise<boolean>;
  /** For those who wait until a server can be reached again. */
  readonly outages: Readonly<Record<'old' | 'new', Pick<Outage, 'waits'>>>;
  log(level: 'info' | 'warn' | 'error', text: string, detail: Readonly<Record<string, unknown>>): void;
  /** From the server's word to the message on new, milliseconds. */
  carried(accountId: string, ms: number): void;
}

export interface OpenedEngine extends Omit<EngineDeps, 'signal' | 'onEvent'> {
  /** `close` may be called when the account's connections rest and somebody needs their places. */
  rests(close: () => void): () => void;
  /** Cuts all of the account's connections at once, whoever uses them; none is opened any more. */
  cut(): void;
}

export interface RunnerTiming {
  /** Where old tells nothing of a mailbox by itself. */
  readonly pollMs: number;
  /** Where it tells of all: servers forget to tell. */
  readonly distrustMs: number;
  /** Where the connection that listens looks for what old forgets: only what nobody thought of is left. */
  readonly lookedMs: number;
  /** Connections of an account in step are closed after so long without use. */
  readonly restMs: number;
  /** From a failure to the next try, after so many in a row; `random` is 0 <= x < 1. */
  readonly retryAfterMs: (failures: number, random: number) => number;
}
