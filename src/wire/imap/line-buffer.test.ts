import { expect, test } from 'vitest';
import { bytesOf, latin1Of } from '../../base/bytes.ts';
import { LineBuffer } from './line-buffer.ts';

test('gathers stretches behind each other', () => {
  const line = new LineBuffer();
  line.append(bytesOf('abc'), 1, 3);
  line.append(bytesOf('def'), 0, 3);
  expect(latin1Of(line.bytes.subarray(0, line.length))).toBe('bcdef');
});

test('gives the memory of a long line back', () => {
  const line = new LineBuffer();
  const { length: atFirst } = line.bytes;
  const long = new Uint8Array(1_000_000);
  line.append(long, 0, long.length);
  expect(line.bytes.length).toBeGreaterThanOrEqual(long.length);
  line.clear();
  expect([line.length, line.bytes.length]).toEqual([0, atFirst]);
});
