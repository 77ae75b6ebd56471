/**
 * The only place that reads the machine's time. Everything else takes a `Clock`, so that tests can hold time still
 * and no decision depends on two hosts agreeing about the hour.
 */
export interface Clock {
  /** Milliseconds since 1970 by the wall clock: for rows and reports only, never for deadlines. */
  now(): number;
  /** Milliseconds that only ever grow: for deadlines, rates and durations. */
  monotonic(): number;
  /** Resolves after `ms`; rejects with the signal's reason when it aborts first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason);
        return;
      }
      const onAbort = () => {
        clearTimeout(timer);
        reject(signal?.reason);
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      }, ms);
      signal?.addEventListener('abort', onAbort, { once: true });
    }),
};
