/** The two promises that compare states: a run with nothing to do is idle (I6), an interrupted one ends the same (I7). */
import type { FakeServer, LogEntry } from '../fakes/fake-server.ts';
import type { Allowances } from './judge.ts';
import { tagOf } from './letters.ts';
import { digestOf } from './world.ts';

const changingOps = new Set([
  'APPEND',
  'STORE',
  'CREATE',
  'EXPUNGE',
  'MOVE',
  'COPY',
  'RENAME',
  'DELETE',
  'SUBSCRIBE',
]);

/** I6: what a run with nothing to do sent to the new side. */
export function notIdle(log: readonly LogEntry[]): string[] {
  return log
    .filter((entry) => changingOps.has(entry.op))
    .map((entry) => `I6 ${entry.op} in ${entry.mailbox} though nothing had changed`);
}

export interface EndState {
  readonly [mailbox: string]: readonly string[];
}

/** What I7 compares: contents, flags and dates in UID order, special use and subscription; not the UIDs themselves. */
export function endState(server: FakeServer): EndState {
  const state: Record<string, readonly string[]> = {};
  for (const name of server.names().sort()) {
    const box = server.mailbox(name);
    const marks =
      `${box.specialUse.join(' ')}${server.state.subscribed.has(name) ? ' subscribed' : ''}`.trim();
    state[name] = [
      ...(marks === '' ? [] : [`[${marks}]`]),
      ...box.messages.map((m) => {
        const flags = m.flags.map((f) => f.toLowerCase()).sort();
        return `${tagOf(m.body)} ${digestOf(m.body).slice(0, 8)} (${flags.join(' ')}) ${m.internalDate}`;
      }),
    ];
  }
  return state;
}

/** I7: the state after an interruption is the state without one. */
export function differentEnd(reference: EndState, end: EndState, allow: Allowances = {}): string[] {
  const order = (rows: readonly string[] | undefined) => {
    const given = rows ?? ['(no mailbox)'];
    const list = allow.datesMayDiffer ? given.map((row) => row.replace(/\) [^)]*$/, ')')) : given;
    return (allow.anyOrder ? [...list].sort() : [...list]).join('\n    ');
  };
  const violations: string[] = [];
  for (const name of new Set([...Object.keys(reference), ...Object.keys(end)])) {
    const a = order(reference[name]);
    const b = order(end[name]);
    if (a !== b) violations.push(`I7 ${name} ended as\n    ${b}\n  instead of\n    ${a}`);
  }
  return violations;
}
