/** What a control does by the clock, one thing after the other; what fails is told and tried again with the next beat. */
import type { Clock } from '../base/clock.ts';
import type { ControlLog } from '../portal/control-context.ts';

export interface Errand {
  /** For the log. */
  readonly name: string;
  readonly everyMs: number;
  run(): Promise<void>;
}

/** Where every errand rests, the clock is looked at this often. */
const beatMs = 1_000;

export class Clockwork {
  readonly #over = new AbortController();
  readonly #life: Promise<void>;

  constructor(errands: readonly Errand[], clock: Clock, log: ControlLog) {
    this.#life = this.#live(errands, clock, log);
  }

  async close(): Promise<void> {
    this.#over.abort();
    await this.#life;
  }

  async #live(errands: readonly Errand[], clock: Clock, log: ControlLog): Promise<void> {
    const { signal } = this.#over;
    const due = new Map(errands.map((one) => [one, clock.monotonic()]));
    while (!signal.aborted) {
      for (const [errand, atMs] of due) {
        if (signal.aborted || clock.monotonic() < atMs) continue;
        due.set(errand, clock.monotonic() + errand.everyMs);
        await errand.run().catch((err: unknown) => {
          log.error({ err, errand: errand.name }, 'an errand failed');
        });
      }
      await clock.sleep(beatMs, signal).catch(() => {});
    }
  }
}
