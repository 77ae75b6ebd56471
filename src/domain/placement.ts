/**
 * Where an account's mail and logins go: the one function that Postfix's table, Dovecot's rows, the access proxy and the
 * portal derive from, so that delivery and access cannot disagree. Pure.
 */
import { assertNever } from '../base/assert-never.ts';
import type { Phase } from './phase.ts';

export type ServerSide = 'old' | 'new';

export interface Placement {
  /** The server whose mailbox takes new mail. */
  readonly mail: ServerSide;
  /** The server that logins reach; `gate`: they wait there until a switch or a way back is decided. */
  readonly logins: ServerSide | 'gate';
}

export function placementOf(phase: Phase): Placement {
  switch (phase) {
    case 'old':
    case 'copying':
    case 'in-step':
      return { mail: 'old', logins: 'old' };
    case 'switching':
      // Mail is never held: what still comes to old before the commit is carried over by the tail.
      return { mail: 'old', logins: 'gate' };
    case 'switched':
    case 'done':
      return { mail: 'new', logins: 'new' };
    case 'rolling-back':
      return { mail: 'new', logins: 'gate' };
    default:
      return assertNever(phase);
  }
}

/** Whether the host on `side` relays the account's mail to its peer. */
export function isRelayed(side: ServerSide, phase: Phase): boolean {
  return placementOf(phase).mail !== side;
}
