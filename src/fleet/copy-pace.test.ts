import { describe, expect, it } from 'vitest';
import { copiesAllowed, minuteOf, type PaceLimits } from './copy-pace.ts';

const limits: PaceLimits = { copiesAtOnce: 8, window: null, bytesPerDay: null, latencyBrakeMs: 500 };
const now = { minute: 12 * 60, bytesToday: 0, latencyMs: 0 };

describe('the number of first copies', () => {
  it('doubles while the server has air, up to the limit', () => {
    expect([0, 1, 2, 4, 8].map((current) => copiesAllowed(current, limits, now))).toEqual([2, 2, 4, 8, 8]);
  });

  it('stays where it is when latency is above half of the brake', () => {
    expect(copiesAllowed(4, limits, { ...now, latencyMs: 250 })).toBe(4);
    expect(copiesAllowed(4, limits, { ...now, latencyMs: 249 })).toBe(8);
  });

  it('is halved above the brake, and never comes to nothing for it', () => {
    const slow = { ...now, latencyMs: 501 };
    expect([8, 4, 2, 1, 0].map((current) => copiesAllowed(current, limits, slow))).toEqual([4, 2, 1, 1, 1]);
    expect(copiesAllowed(4, limits, { ...now, latencyMs: 500 })).toBe(4);
  });

  it('comes down to a limit that was lowered', () => {
    expect(copiesAllowed(8, { ...limits, copiesAtOnce: 3 }, now)).toBe(3);
  });

  it("is none once the day's octets are used up", () => {
    const perDay = { ...limits, bytesPerDay: 1000 };
    expect(copiesAllowed(4, perDay, { ...now, bytesToday: 999 })).toBe(8);
    expect(copiesAllowed(4, perDay, { ...now, bytesToday: 1000 })).toBe(0);
  });

  it.each([
    ['08:00', '18:00', { '07:59': 0, '08:00': 2, '17:59': 2, '18:00': 0 }],
    ['22:30', '06:00', { '22:29': 0, '22:30': 2, '23:59': 2, '00:00': 2, '05:59': 2, '06:00': 0 }],
    ['05:00', '05:00', { '04:59': 2, '05:00': 2, '17:00': 2 }],
  ])('is none outside the window from %s to %s', (from, to, times) => {
    const window = { fromMinute: minuteOf(from), toMinute: minuteOf(to) };
    const found = Object.keys(times).map((time) => [
      time,
      copiesAllowed(1, { ...limits, window }, { ...now, minute: minuteOf(time) }),
    ]);
    expect(Object.fromEntries(found)).toEqual(times);
  });
});
