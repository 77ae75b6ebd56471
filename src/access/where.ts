/**
 * Where a login goes: by the edge's replica, through the one function that mail goes by as well. Whom Mailferry does not know lives where people
 * have always lived, on old. While a switch is being decided the login waits at the gate, and goes where it was decided.
 */
import type { Clock } from '../base/clock.ts';
import type { Placement, ServerSide } from '../domain/placement.ts';
import type { Destination } from './proxy-session.ts';
import type { Backend } from './backend.ts';

export interface LoginPlace {
  readonly logins: Placement['logins'];
  readonly oldLogin: string;
  readonly newLogin: string;
}

/** The replica, as the gate sees it. */
export interface Places {
  /** Whether it once had everything. */
  readonly isComplete: boolean;
  findLogin(name: string): LoginPlace | null;
}

export interface WhereOptions {
  /** Null while there is none. */
  readonly places: () => Places | null;
  readonly backends: Readonly<Record<ServerSide, Backend>>;
  readonly clock: Clock;
  /** A switch takes seconds; nobody is sent to old because time ran out. */
  readonly gateMs?: number;
}

const standardGateMs = 90_000;
/** A replica in memory is asked, and the change comes to it by itself. */
const lookEveryMs = 100;

/** Gives `unavailable` for whatever cannot be told. Rejects when `signal` aborts. */
export async function whereTo(
  name: string,
  options: WhereOptions,
  signal: AbortSignal,
): Promise<Destination> {
  const { places, backends, clock, gateMs = standardGateMs } = options;
  const until = clock.monotonic() + gateMs;
  for (;;) {
    const replica = places();
    // "Old" would be a guess, and let somebody who has moved go on working there.
    if (replica === null || !replica.isComplete)
      return { kind: 'unavailable', why: 'the replica is not complete' };
    const place = replica.findLogin(name);
    if (place === null) return { kind: 'backend', backend: backends.old, user: name };
    if (place.logins !== 'gate') {
      const user = place.logins === 'old' ? place.oldLogin : place.newLogin;
      return { kind: 'backend', backend: backends[place.logins], user };
    }
    if (clock.monotonic() >= until) return { kind: 'unavailable', why: 'a switch is still under way' };
    await clock.sleep(lookEveryMs, signal);
  }
}
