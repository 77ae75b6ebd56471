import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../test/fakes/fake-clock.ts';
import { RateLimiter } from './rate-limiter.ts';

const { signal } = new AbortController();

async function secondsFor(
  limiter: RateLimiter,
  clock: FakeClock,
  takes: number,
  bytes: number,
): Promise<number> {
  const from = clock.monotonic();
  for (let i = 0; i < takes; i++) await limiter.take(1, bytes, signal);
  return (clock.monotonic() - from) / 1000;
}

describe('the rate limiter', () => {
  it('has nothing to wait for where no limit is set', () => {
    const limiter = new RateLimiter(new FakeClock(), { messages: null, bytes: null });
    expect(limiter.take(1000, 1e9, signal)).toBeUndefined();
  });

  it('keeps to so many messages a second', async () => {
    const clock = new FakeClock({ mode: 'auto' });
    const limiter = new RateLimiter(clock, { messages: 10, bytes: null });
    const seconds = await secondsFor(limiter, clock, 100, 1);
    expect(seconds).toBeGreaterThan(8);
    expect(seconds).toBeLessThan(11);
  });

  it('keeps to so many octets a second', async () => {
    const clock = new FakeClock({ mode: 'auto' });
    const limiter = new RateLimiter(clock, { messages: null, bytes: 1000 });
    const seconds = await secondsFor(limiter, clock, 40, 500);
    expect(seconds).toBeGreaterThan(18);
    expect(seconds).toBeLessThan(21);
  });

  it('makes up for a pause by one second at most', async () => {
    const clock = new FakeClock({ mode: 'auto' });
    const limiter = new RateLimiter(clock, { messages: 10, bytes: null });
    await clock.sleep(60_000);
    expect(await secondsFor(limiter, clock, 30, 1)).toBeGreaterThan(1.8);
  });
});
