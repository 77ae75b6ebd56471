import { expect, it } from 'vitest';
import { afterLostBatch, afterLostMessage, dropsKeywords, isGivenUp, noLosses } from './lost-uploads.ts';

it('tries a MULTIAPPEND twice, also where it is cut otherwise the second time', () => {
  const once = afterLostBatch(noLosses, 1, 500);
  expect(once.apart).toBe(false);
  expect(afterLostBatch(once, 1, 300).apart).toBe(true);
});

it('does not take losses at different places for one', () => {
  const once = afterLostBatch(noLosses, 1, 500);
  expect(afterLostBatch(once, 501, 900).apart).toBe(false);
  const one = afterLostMessage(afterLostMessage(noLosses, 3), 4);
  expect(dropsKeywords(one, 4)).toBe(false);
  expect(dropsKeywords(one, 3)).toBe(false);
});

it('drops keywords after two losses of a message, and gives it up after four', () => {
  let losses = noLosses;
  const seen: string[] = [];
  for (let i = 1; i <= 4; i++) {
    losses = afterLostMessage(losses, 3);
    seen.push(isGivenUp(losses) ? 'given up' : dropsKeywords(losses, 3) ? 'fewer' : 'again');
  }
  expect(seen).toEqual(['again', 'fewer', 'fewer', 'given up']);
});

it('counts the lost batches as one for a message in them, and for no other', () => {
  const apart = afterLostBatch(afterLostBatch(noLosses, 1, 500), 1, 500);
  expect(dropsKeywords(afterLostMessage(apart, 3), 3)).toBe(true);
  expect(dropsKeywords(afterLostMessage(apart, 600), 600)).toBe(false);
});
