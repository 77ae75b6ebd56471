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

  it('lets who waits go at once when the limit is taken away', async () => {
    const clock = new FakeClock();
    const limiter = new RateLimiter(clock, { messages: 1, bytes: null });
    let gone = false;
    const waiting = Promise.resolve(limiter.take(200, 1, signal)).then(() => (gone = true));
    await clock.advance(2_000);
    expect(gone).toBe(false);
    limiter.setRates({ messages: null, bytes: null });
    await waiting;
    expect(clock.monotonic()).toBeLessThan(3_000);
  });

  it('lets who waits go sooner under a higher rate, and others after it', async () => {
    const clock = new FakeClock({ mode: 'auto' });
    const limiter = new RateLimiter(clock, { messages: 1, bytes: null });
    await clock.sleep(10_000);
    const from = clock.monotonic();
    const waiting = Promise.resolve(limiter.take(101, 1, signal));
    limiter.setRates({ messages: 10, bytes: null });
    await waiting;
    expect(clock.monotonic() - from).toBeCloseTo(10_000, -3);
    await limiter.take(10, 1, signal);
    expect(clock.monotonic() - from).toBeCloseTo(11_000, -3);
  });

  it('does not make who waits wait longer under a lower rate', async () => {
    const clock = new FakeClock({ mode: 'auto' });
    const limiter = new RateLimiter(clock, { messages: 10, bytes: null });
    const from = clock.monotonic();
    const waiting = Promise.resolve(limiter.take(20, 1, signal));
    limiter.setRates({ messages: 1, bytes: null });
    await waiting;
    expect(clock.monotonic() - from).toBeLessThanOrEqual(2_000);
    expect(limiter.batchMessages).toBe(1);
  });

  it('ends a wait whose work is over', async () => {
    const clock = new FakeClock();
    const over = new AbortController();
    const limiter = new RateLimiter(clock, { messages: 1, bytes: null });
    const waiting = limiter.take(200, 1, over.signal);
    over.abort(new Error('over'));
    await expect(waiting).rejects.toThrow('over');
  });
});
