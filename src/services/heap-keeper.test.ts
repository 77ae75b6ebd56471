import { expect, it } from 'vitest';
import { daemonJudge } from './heap-keeper.ts';

const mb = 2 ** 20;

/** Verdicts of so many looks at the same numbers. */
function looks(
  judge: ReturnType<typeof daemonJudge>,
  many: number,
  alive: number,
  used: number,
  total: number,
) {
  const told = Array.from({ length: many }, () => judge(alive * mb, used * mb, total * mb));
  return {
    'give-back': told.filter((one) => one === 'give-back').length,
    collect: told.filter((one) => one === 'collect').length,
  };
}

it('collects when the heap has doubled, however much happens', () => {
  expect(looks(daemonJudge(), 1, 500, 1_001, 1_100)).toMatchObject({ collect: 1 });
  expect(looks(daemonJudge(), 1, 500, 900, 1_100)).toMatchObject({ collect: 0 });
});

it('collects a little garbage when it is quiet', () => {
  expect(looks(daemonJudge(), 25, 500, 540, 600)).toMatchObject({ collect: 1, 'give-back': 0 });
});

it('gives back what the heap holds without using it, but not again and again where that frees nothing', () => {
  const judge = daemonJudge();
  // As long as unused connections may still be open, there is more to come.
  expect(looks(judge, 149, 500, 500, 800)).toMatchObject({ 'give-back': 0 });
  expect(looks(judge, 25, 500, 500, 800)).toMatchObject({ 'give-back': 1 });
  // Four minutes and a half of looks twice a second.
  expect(looks(judge, 540, 500, 500, 800)).toMatchObject({ 'give-back': 0, collect: 0 });
  expect(looks(judge, 200, 500, 500, 800)).toMatchObject({ 'give-back': 1 });
});

it('gives back also while a little happens all the time, as with many accounts', () => {
  const judge = daemonJudge();
  const told = Array.from({ length: 1_000 }, (_, i) => judge(500 * mb, (500 + (i % 10) * 3) * mb, 800 * mb));
  expect(told.filter((one) => one === 'give-back')).toHaveLength(2);
});
