import { describe, expect, it } from 'vitest';
import { afterRefusalForNow, maxInRow, type TemporaryTrouble } from './temporary-refusal.ts';

const batch = { firstUid: 10, lastUid: 19, messages: 10, inRow: 0, tries: 3 };
const known: TemporaryTrouble = { firstUid: 10, lastUid: 19, times: 3 };

describe('a batch that is refused for now', () => {
  it('is tried again as a whole before it is halved', () => {
    const first = afterRefusalForNow(null, batch);
    const second = afterRefusalForNow(first.trouble, batch);
    const third = afterRefusalForNow(second.trouble, batch);
    expect([first.next, second.next, third.next]).toEqual(['again', 'again', 'halve']);
  });

  it('is halved down to the message without further tries of its parts', () => {
    expect(afterRefusalForNow(known, { ...batch, firstUid: 15, messages: 5 }).next).toBe('halve');
    const one = { ...batch, firstUid: 17, lastUid: 17, messages: 1 };
    expect(afterRefusalForNow(known, one).next).toBe('set-aside');
  });

  it('is another matter behind the part that was in trouble', () => {
    const next = afterRefusalForNow(known, { ...batch, firstUid: 20, lastUid: 29 });
    expect(next).toEqual({ next: 'again', trouble: { firstUid: 20, lastUid: 29, times: 1 } });
  });

  it('is not halved any more when the server refused several single messages in a row', () => {
    const last = { ...batch, firstUid: 17, lastUid: 17, messages: 1, inRow: maxInRow - 1 };
    expect(afterRefusalForNow(known, last).next).toBe('stop');
    expect(afterRefusalForNow(known, { ...batch, inRow: maxInRow }).next).toBe('stop');
  });

  it('is halved at once where no failure is to be waited out', () => {
    expect(afterRefusalForNow(null, { ...batch, tries: 1 }).next).toBe('halve');
  });
});
