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
  expect(looks(judge, 25, 500, 500, 800)).toMatchObject({ 'give-back': 1 });
  // Nine minutes and a half of looks twice a second.
  expect(looks(judge, 1_140, 500, 500, 800)).toMatchObject({ 'give-back': 0, collect: 0 });
  expect(looks(judge, 100, 500, 500, 800)).toMatchObject({ 'give-back': 1 });
});
