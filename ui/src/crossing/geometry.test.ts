import { expect, test } from 'vitest';
import { fleet, narrowFrame, shareAcross, shores, vessels, wideFrame } from './geometry.ts';

const load = (name: string, bytes: number, messages: number, done: number) => ({
  name,
  bytes,
  messages,
  done,
});

test('all is shown as across only when it is', () => {
  expect(shareAcross(9_999_999, 10_000_000)).toBeLessThan(1);
  expect(shareAcross(10, 10)).toBe(1);
  expect(shareAcross(0, 0)).toBe(0);
});

test('a vessel lies at the old shore, on its way, or at the new shore, and never on land', () => {
  for (const frame of [wideFrame, narrowFrame]) {
    const drawn = vessels([load('a', 9e9, 10, 0), load('b', 1e9, 10, 5), load('c', 1e3, 10, 10)], frame);
    const { left, right } = shores(frame);
    expect(drawn[0]?.x).toBeLessThan(drawn[1]?.x ?? 0);
    expect(drawn[1]?.x).toBeLessThan(drawn[2]?.x ?? 0);
    for (const { x, size } of drawn) {
      expect(x - size / 2).toBeGreaterThanOrEqual(left);
      expect(x + size / 2).toBeLessThanOrEqual(right);
    }
  }
});

test('a thousand mailboxes are a few vessels that carry the same', () => {
  const loads = Array.from({ length: 1_000 }, (_, i) => load(`m${i}`, i * 1_000, 2, 1));
  const crew = fleet(loads, wideFrame);
  expect(crew).toHaveLength(wideFrame.most);
  expect(crew.reduce((sum, { messages }) => sum + messages, 0)).toBe(2_000);
  expect(crew.at(-1)?.name).toBe('');
});
