import { describe, expect, it } from 'vitest';
import { type Sight, StallWatch } from './stall.ts';

const still: Sight = { nowMs: 0, movedBytes: 0, bytesIn: 0, idle: false, holdsPeer: false };
const watch = () => new StallWatch(10_000, 3000, 0);

describe('a connection that is still open', () => {
  it('is dead when no byte moves while an answer is owed', () => {
    const stall = watch();
    expect(stall.look({ ...still, nowMs: 10_000 })).toBeNull();
    expect(stall.look({ ...still, nowMs: 10_001 })).toBe('silent');
  });

  it.each([
    ['bytes move', { movedBytes: 1 }],
    ['the server owes nothing', { idle: true }],
    ['we hold the server back', { holdsPeer: true }],
  ])('lives while %s', (_, how) => {
    const stall = watch();
    expect(stall.look({ ...still, ...how, nowMs: 60_000 })).toBeNull();
    expect(stall.look({ ...still, ...how, nowMs: 70_000 })).toBeNull();
  });

  it('is given up when a body drips, and not before its window is over', () => {
    const stall = watch();
    stall.bodyBegins(0, 100);
    expect(stall.look({ ...still, nowMs: 2999, movedBytes: 1, bytesIn: 101 })).toBeNull();
    expect(stall.look({ ...still, nowMs: 3000, movedBytes: 2, bytesIn: 102 })).toBe('dripping');
  });

  it('has a new window after each kilobyte, and none between bodies', () => {
    const stall = watch();
    stall.bodyBegins(0, 0);
    expect(stall.look({ ...still, nowMs: 3000, movedBytes: 1024, bytesIn: 1024 })).toBeNull();
    stall.bodyEnds();
    expect(stall.look({ ...still, nowMs: 9000, movedBytes: 1025, bytesIn: 1025 })).toBeNull();
  });
});
