import { expect, test } from 'vitest';
import { FakeClock } from '../../test/fakes/fake-clock.ts';
import { spared } from './spared.ts';

const counter = (clock: FakeClock, tookMs: number) => {
  let made = 0;
  const make = async (): Promise<{ accounts: number }> => {
    made += 1;
    await clock.sleep(tookMs);
    return { accounts: made };
  };
  return spared(make, clock);
};

test('an answer that took long serves all who ask, until making it has become a tenth of the time', async () => {
  const clock = new FakeClock();
  const status = counter(clock, 200);
  const asked = [status(), status()];
  await clock.advance(200);
  expect((await Promise.all(asked)).map(({ accounts }) => accounts)).toEqual([1, 1]);
  await clock.advance(1_799);
  expect((await status()).accounts).toBe(1);
  await clock.advance(1);
  const next = status();
  await clock.advance(200);
  expect((await next).accounts).toBe(2);
});

test('a cheap answer is made anew each time, and so is one that failed', async () => {
  const clock = new FakeClock();
  const status = counter(clock, 0);
  for (const accounts of [1, 2]) {
    const asked = status();
    await clock.advance(0);
    expect(await asked).toEqual({ accounts });
  }
  let tries = 0;
  const failing = spared(async () => {
    tries += 1;
    throw new Error('no');
  }, clock);
  for (let n = 0; n < 2; n += 1) await expect(failing()).rejects.toThrow('no');
  expect(tries).toBe(2);
});
