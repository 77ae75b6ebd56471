/** How a wave of accounts goes on: begun at a time, at a pace, stopped by failures. Pure. */

export const waveStates = ['planned', 'running', 'stopped', 'done'] as const;
export type WaveState = (typeof waveStates)[number];

export interface WaveProgress {
  readonly state: WaveState;
  readonly atMs: number;
  readonly ratePerHour: number | null;
  readonly stopOnFailurePercent: number | null;
  /** Epoch milliseconds; null before the first start. */
  readonly lastStartMs: number | null;
  readonly accounts: number;
  readonly started: number;
  /** Of the started ones, those that a person has to do something about. */
  readonly failed: number;
}

/** One failure among the first is no measure. */
const leastStarted = 5;
const hourMs = 3_600_000;
/** Of one step: the rest with the next, some seconds later. */
const mostAtOnce = 500;

export interface WaveStep {
  readonly state: WaveState;
  /** So many accounts are to be started now. */
  readonly start: number;
}

export function nextWaveStep(wave: WaveProgress, nowMs: number): WaveStep {
  const { state, atMs, ratePerHour, stopOnFailurePercent, lastStartMs, accounts, started, failed } = wave;
  if (state === 'stopped' || state === 'done' || nowMs < atMs) return { state, start: 0 };
  const share = (failed * 100) / Math.max(1, started);
  if (stopOnFailurePercent !== null && started >= leastStarted && share >= stopOnFailurePercent) {
    return { state: 'stopped', start: 0 };
  }
  const left = accounts - started;
  if (left <= 0) return { state: 'done', start: 0 };
  if (ratePerHour === null) return { state: 'running', start: Math.min(left, mostAtOnce) };
  // The first at once; then by the time since the last, so that a control that was away does not catch up in a rush.
  const due = lastStartMs === null ? 1 : Math.floor(((nowMs - lastStartMs) * ratePerHour) / hourMs);
  const burst = Math.max(1, Math.ceil(ratePerHour / 60));
  return { state: 'running', start: Math.max(0, Math.min(left, due, burst, mostAtOnce)) };
}
