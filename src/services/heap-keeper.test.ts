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
  { lateMs = 1, gaveBackMs = 0 } = {},
) {
  const look = { alive: alive * mb, used: used * mb, total: total * mb, lateMs, gaveBackMs };
  const told = Array.from({ length: many }, () => judge(look));
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
  const told = Array.from({ length: 1_000 }, (_, i) =>
    judge({
      alive: 500 * mb,
      used: (500 + (i % 10) * 3) * mb,
      total: 800 * mb,
      lateMs: 1,
      gaveBackMs: 100,
    }),
  );
  expect(told.filter((one) => one === 'give-back')).toHaveLength(2);
});

it('gives nothing back while others want the processor: it would stand still for so long that its leases run out', () => {
  const judge = daemonJudge();
  expect(looks(judge, 1_000, 500, 500, 800, { lateMs: 60 })).toMatchObject({ 'give-back': 0 });
  expect(looks(judge, 250, 500, 500, 800)).toMatchObject({ 'give-back': 1 });
});

it('gives back the less often the longer it takes', () => {
  const judge = daemonJudge();
  expect(looks(judge, 175, 500, 500, 800)).toMatchObject({ 'give-back': 1 });
  // Twenty minutes for 1.2 s.
  expect(looks(judge, 2_370, 500, 500, 800, { gaveBackMs: 1_200 })).toMatchObject({ 'give-back': 0 });
  expect(looks(judge, 200, 500, 500, 800, { gaveBackMs: 1_200 })).toMatchObject({ 'give-back': 1 });
});
