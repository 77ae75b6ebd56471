/**
 * What follows when a server says "later" to a batch, every time (F-82). First it gets what it asks for; where that does
 * not help, one message may be at fault, which is found by halves and set aside. But a server that says so to everything
 * is down: then nobody is helped by hearing it once for each message. Pure: one refusal in, what comes next out.
 */

/** The part of a mailbox in which the server said "later", and how often it was asked as a whole. */
export interface TemporaryTrouble {
  readonly firstUid: number;
  readonly lastUid: number;
  readonly times: number;
}

export interface RefusedForNow {
  readonly firstUid: number;
  readonly lastUid: number;
  readonly messages: number;
  /** Single messages that were refused for now, on this side, since one went through. */
  readonly inRow: number;
  /** How often a batch is tried as a whole. */
  readonly tries: number;
}

export interface AfterRefusal {
  /**
   * again      pause, and everything as before
   * halve      the halves, one after the other
   * set-aside  the message waits for the next run; listed as soon as it is known that the server takes others
   * stop       it is not the message
   */
  readonly next: 'again' | 'halve' | 'set-aside' | 'stop';
  readonly trouble: TemporaryTrouble;
}

/** Two pauses cover a restart of a server; a third would keep a whole mailbox waiting for one message. */
export const batchTries = 3;
/** So many single messages in a row say that the server is down, not that they are at fault. */
export const maxInRow = 5;

export function afterRefusalForNow(before: TemporaryTrouble | null, now: RefusedForNow): AfterRefusal {
  const { firstUid, lastUid, messages, inRow, tries } = now;
  // What lies within the part that is being halved was asked often enough, as a part of it.
  const same = before !== null && firstUid >= before.firstUid && firstUid <= before.lastUid;
  const trouble: TemporaryTrouble = same
    ? { ...before, times: before.times + 1 }
    : { firstUid, lastUid, times: 1 };
  if (trouble.times < tries) return { next: 'again', trouble };
  if (inRow >= maxInRow) return { next: 'stop', trouble };
  if (messages > 1) return { next: 'halve', trouble };
  return { next: inRow + 1 >= maxInRow ? 'stop' : 'set-aside', trouble };
}
