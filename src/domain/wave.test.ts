import { describe, expect, it } from 'vitest';
import { nextWaveStep, type WaveProgress } from './wave.ts';

const wave: WaveProgress = {
  state: 'planned',
  atMs: 1_000,
  ratePerHour: null,
  stopOnFailurePercent: null,
  lastStartMs: null,
  accounts: 20,
  started: 0,
  failed: 0,
};

describe('a wave', () => {
  it('waits for its time', () => {
    expect(nextWaveStep(wave, 999)).toEqual({ state: 'planned', start: 0 });
    expect(nextWaveStep(wave, 1_000)).toEqual({ state: 'running', start: 20 });
  });

  it('starts one at once and the others at its pace', () => {
    const paced = { ...wave, ratePerHour: 60 };
    expect(nextWaveStep(paced, 1_000).start).toBe(1);
    const running = { ...paced, state: 'running', started: 1, lastStartMs: 1_000 } as const;
    expect(nextWaveStep(running, 60_999).start).toBe(0);
    expect(nextWaveStep(running, 61_000).start).toBe(1);
  });

  it('does not catch up in a rush after control was away', () => {
    const running = { ...wave, state: 'running', ratePerHour: 600, started: 1, lastStartMs: 1_000 } as const;
    expect(nextWaveStep(running, 3_601_000).start).toBe(10);
  });

  it('stops where too many failed, and not by the first', () => {
    const careful = { ...wave, state: 'running', stopOnFailurePercent: 20 } as const;
    expect(nextWaveStep({ ...careful, started: 4, failed: 4 }, 2_000).state).toBe('running');
    expect(nextWaveStep({ ...careful, started: 10, failed: 1 }, 2_000).state).toBe('running');
    expect(nextWaveStep({ ...careful, started: 10, failed: 2 }, 2_000)).toEqual({
      state: 'stopped',
      start: 0,
    });
  });

  it('is done when all were started', () => {
    expect(nextWaveStep({ ...wave, state: 'running', started: 20 }, 2_000)).toEqual({
      state: 'done',
      start: 0,
    });
    expect(nextWaveStep({ ...wave, state: 'stopped' }, 2_000)).toEqual({ state: 'stopped', start: 0 });
  });
});
