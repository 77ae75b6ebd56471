import { expect, test } from 'vitest';
import { localInput, tonight, whenToSend } from './when-choice.tsx';

const at = (text: string) => new Date(text);

test('tonight is ten o’clock today, and tomorrow once that is past', () => {
  expect(localInput(tonight(at('2026-11-24T09:00')))).toBe('2026-11-24T22:00');
  expect(localInput(tonight(at('2026-11-24T22:00')))).toBe('2026-11-25T22:00');
  expect(localInput(tonight(at('2026-12-31T23:30')))).toBe('2027-01-01T22:00');
});

test('a time that is over, or none, cannot be planned', () => {
  const now = at('2026-11-24T09:00');
  expect(whenToSend('picked', '2026-11-24T08:59', now)).toBe('past');
  expect(whenToSend('picked', '', now)).toBe('past');
  expect(whenToSend('picked', '2026-11-24T09:30', now)).toEqual({ at: at('2026-11-24T09:30').toISOString() });
  expect(whenToSend('now', '', now)).toEqual({ at: null });
});
