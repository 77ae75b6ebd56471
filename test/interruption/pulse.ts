/**
 * I8: once faults stop, a run comes to its end. Counts its passes and its waits since a fault last struck, and ends the
 * run when they are more than any honest run needs: without this, one that never settles would only hang.
 */
import type { EngineEvent } from '../../src/sync/engine-options.ts';
import type { World } from './world.ts';

interface Bound {
  readonly passes: number;
  readonly waits: number;
}

/**
 * Measured over all scenarios with all their interruptions: 2 passes (one that works, one that finds nothing) and 2 waits
 * (a new connection, the grace); random scripts needed 3 and 4, where several mailboxes had to settle something. A little
 * more is allowed, so that a campaign does not report mere bad luck.
 */
const afterFaults: Bound = { passes: 4, waits: 6 };
/**
 * Servers with a fault that never ends: all five passes of a run, and 11 waits, were needed where a message kills each
 * connection. Patience ends such a run; this only tells it from one that hangs.
 */
const underLastingFault: Bound = { passes: 5, waits: 16 };

export class Pulse {
  readonly #world: Pick<World, 'old' | 'fresh'>;
  readonly #end: (reason: Error) => void;
  #faults = -1;
  #passes = 0;
  #waits = 0;
  #stuck: Error | null = null;

  constructor(world: Pick<World, 'old' | 'fresh'>, end: (reason: Error) => void) {
    this.#world = world;
    this.#end = end;
  }

  /** To be called with every event of the run. */
  count(event: EngineEvent): void {
    const faults = this.#world.old.state.faults + this.#world.fresh.state.faults;
    if (faults !== this.#faults) {
      this.#faults = faults;
      this.#passes = 0;
      this.#waits = 0;
    }
    if (event.type === 'listed') this.#passes++;
    if (event.type === 'waiting') this.#waits++;
    const { passes, waits } = this.#bound();
    if (this.#stuck !== null || (this.#passes <= passes && this.#waits <= waits)) return;
    this.#stuck = new Error(
      `I8 no end in sight: ${this.#passes} passes and ${this.#waits} waits since the last fault`,
    );
    this.#end(this.#stuck);
  }

  #bound(): Bound {
    const rules = [...this.#world.old.state.rules, ...this.#world.fresh.state.rules];
    return rules.some((rule) => !Number.isFinite(rule.timesLeft)) ? underLastingFault : afterFaults;
  }

  /** What really ended the run. */
  throwIfStuck(): void {
    if (this.#stuck !== null) throw this.#stuck;
  }
}
