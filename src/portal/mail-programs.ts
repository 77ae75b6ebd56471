/** What owners type into their mail programs for the new server: as the operator configured it, for one account. Pure. */
import type { Phase } from '../domain/phase.ts';

/** TLS from the first octet, or STARTTLS; clear text is never offered. */
export type ProgramSecurity = 'implicit' | 'starttls';

export interface ProgramServer {
  readonly host: string;
  readonly port: number;
  readonly security: ProgramSecurity;
}

/** The new server as mail programs reach it. */
export interface MailPrograms {
  /** Of the provider; null where nobody said. */
  readonly name: string | null;
  readonly imap: ProgramServer;
  readonly submission: ProgramServer;
  readonly pop3: ProgramServer | null;
}

/**
 * Phases in which the new server has all mail and goes on having it. Before, a program that is pointed there finds half
 * a mailbox; on the way back it would be left behind.
 */
const usable: ReadonlySet<Phase> = new Set(['in-step', 'switching', 'switched', 'done']);

/** Whether the owner may be told to use the new server in their programs. */
export function newServerUsable(phase: Phase): boolean {
  return usable.has(phase);
}

/** Both servers are in use: what is sent through new lies on new alone. */
export function bothInUse(phase: Phase): boolean {
  return phase === 'in-step' || phase === 'switching';
}
