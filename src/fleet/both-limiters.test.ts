import { expect, onTestFinished, test } from 'vitest';
import { FakeClock } from '../../test/fakes/fake-clock.ts';
import { BothLimiters } from './both-limiters.ts';

const perSecond = (messages: number) => ({ messages, bytes: null });

test('keeps to the slower of the two servers', async () => {
  const clock = new FakeClock({ mode: 'auto' });
  const limiter = new BothLimiters(clock);
  limiter.setRates(perSecond(10), perSecond(2));
  const from = clock.monotonic();
  for (let i = 0; i < 20; i++) await limiter.take(1, 1, new AbortController().signal);
  const seconds = (clock.monotonic() - from) / 1_000;
  expect(seconds).toBeGreaterThan(8);
  expect(seconds).toBeLessThan(11);
});

test('whoever gives up while both servers are waited for is told once, and nothing is left unheard', async () => {
  const unheard: unknown[] = [];
  const note = (reason: unknown) => void unheard.push(reason);
  process.on('unhandledRejection', note);
  onTestFinished(() => void process.off('unhandledRejection', note));
  const limiter = new BothLimiters(new FakeClock());
  limiter.setRates(perSecond(1), perSecond(1));
  const given = new AbortController();
  const waiting = Promise.resolve(limiter.take(10, 1, given.signal));
  given.abort();
  await expect(waiting).rejects.toThrow(/abort/i);
  await new Promise((resolve) => setTimeout(resolve, 0));
  expect(unheard).toEqual([]);
});
