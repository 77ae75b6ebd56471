/** An answer that is dear to make, shared among those who ask for it. */
import type { Clock } from '../base/clock.ts';

/** Below this an answer is made anew each time. */
const cheapMs = 50;
/** Of the time, at most so much goes into making an answer. */
const share = 0.1;

/**
 * Counting a million accounts takes a while, and many may watch: an answer that was dear serves all who ask, for so long
 * that making them stays a tenth of the time.
 */
export function spared<T>(make: () => Promise<T>, clock: Pick<Clock, 'monotonic'>): () => Promise<T> {
  let last: { readonly answer: Promise<T>; goodUntil: number } | null = null;
  return () => {
    const startedAt = clock.monotonic();
    if (last !== null && startedAt < last.goodUntil) return last.answer;
    const made = { answer: make(), goodUntil: Number.POSITIVE_INFINITY };
    last = made;
    const settle = () => {
      const took = clock.monotonic() - startedAt;
      made.goodUntil = took < cheapMs ? 0 : startedAt + took / share;
    };
    made.answer.then(settle, () => {
      made.goodUntil = 0;
    });
    return made.answer;
  };
}
