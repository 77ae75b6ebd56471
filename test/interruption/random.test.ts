import { expect, it } from 'vitest';
import { play } from './random-play.ts';
import { randomScript } from './random-script.ts';

/** A part of each hundred in every run of the tests; campaign.ts goes on for as long as one likes. */
const perTest = 50;

it.each([1, 51, 101, 151])('random scenarios from seed %i on keep every promise', async (first) => {
  for (let seed = first; seed < first + perTest; seed++) {
    expect(await play(randomScript(seed)), `seed ${seed}`).toEqual([]);
  }
});
