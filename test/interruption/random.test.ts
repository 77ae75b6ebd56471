import { expect, it } from 'vitest';
import { play } from './random-play.ts';
import { randomScript } from './random-script.ts';
import { crashedElsewhere, replays } from './replays.ts';

/** Some hundreds in every run of the tests; campaign.ts goes on for as long as one likes. */
const perTest = 150;

it.each([1, 151, 301, 451])('random scenarios from seed %i on keep every promise', async (first) => {
  for (let seed = first; seed < first + perTest; seed++) {
    expect(await play(randomScript(seed)), `seed ${seed}`).toEqual([]);
  }
});

it.each(replays)('$title', async ({ script }) => {
  for (const one of crashedElsewhere(script, 20)) {
    expect(await play(one), JSON.stringify(one.rounds.map((r) => r.crash))).toEqual([]);
  }
});
