/** What a control does by the clock, each for itself; what fails is told, and tried again when its time comes anew. */
import type { Clock } from '../base/clock.ts';
import type { ControlLog } from '../portal/control-context.ts';

export interface Errand {
  /** For the log. */
  readonly name: string;
  /** From its end to its next beginning. */
  readonly everyMs: number;
  /** `over`: what takes long stops where it is. */
  run(over: AbortSignal): Promise<void>;
}

export class Clockwork {
  readonly #over = new AbortController();
  readonly #lives: readonly Promise<void>[];

  constructor(errands: readonly Errand[], clock: Clock, log: ControlLog) {
    this.#lives = errands.map((errand) => this.#live(errand, clock, log));
  }

  /** Resolves when the errands under way have come to their end. */
  async close(): Promise<void> {
    this.#over.abort();
    await Promise.all(this.#lives);
  }

  async #live({ name, everyMs, run }: Errand, clock: Clock, log: ControlLog): Promise<void> {
    const { signal } = this.#over;
    while (!signal.aborted) {
      await run(signal).catch((err: unknown) => log.error({ err, errand: name }, 'an errand failed'));
      await clock.sleep(everyMs, signal).catch(() => {});
    }
  }
}
