import { describe, expect, it } from 'vitest';
import { phases } from '../domain/phase.ts';
import type { Attention } from '../state/database/account-notes.ts';
import { nextWork } from './next-work.ts';

const quiet = { paused: null, attention: null };
const wants = (code: Attention['code']): Attention => ({ code, reason: 'r', action: 'a', sinceMs: 0 });

describe('what is done for an account', () => {
  it('is a copy, then following, and nothing before and after', () => {
    const work = phases.map((phase) => [phase, nextWork(phase, quiet)]);
    expect(Object.fromEntries(work)).toEqual({
      old: 'rest',
      copying: 'copy',
      'in-step': 'follow',
      switching: 'rest',
      switched: 'rest',
      'rolling-back': 'rest',
      done: 'rest',
    });
  });

  it.each(['copying', 'in-step'] as const)('is nothing while it is paused (%s)', (phase) => {
    expect(nextWork(phase, { ...quiet, paused: { by: 'anna', why: 'holiday' } })).toBe('rest');
  });

  it('is nothing while a person is asked', () => {
    expect(nextWork('in-step', { ...quiet, attention: wants('login-refused') })).toBe('rest');
    expect(nextWork('copying', { ...quiet, attention: wants('internal') })).toBe('rest');
  });

  it('goes on where trouble ends by itself', () => {
    expect(nextWork('in-step', { ...quiet, attention: wants('unreachable') })).toBe('follow');
    expect(nextWork('in-step', { ...quiet, attention: wants('deletions-stopped') })).toBe('follow');
    expect(nextWork('copying', { ...quiet, attention: wants('over-quota') })).toBe('copy');
  });
});
