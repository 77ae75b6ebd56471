import { describe, expect, test } from 'vitest';
import { bytesOf, latin1Of } from '../../base/bytes.ts';
import { FrontInput } from './front-input.ts';

const shown = (line: ReturnType<FrontInput['line']>) => (typeof line === 'string' ? line : [latin1Of(line)]);

describe('lines', () => {
  test('end with CRLF or LF, and are read one at a time', () => {
    const input = new FrontInput();
    input.push(bytesOf('one\r\ntwo\n\r\nth'));
    expect([1, 2, 3, 4].map(() => shown(input.line(10)))).toEqual([['one'], ['two'], [''], 'more']);
    input.push(bytesOf('ree\r'));
    expect(shown(input.line(10))).toBe('more');
    input.push(bytesOf('\n'));
    expect(shown(input.line(10))).toEqual(['three']);
    expect(input.length).toBe(0);
  });

  test('a CR within is part of the line', () => {
    const input = new FrontInput();
    input.push(bytesOf('a\rb\r\r\n'));
    expect(shown(input.line(10))).toEqual(['a\rb\r']);
  });

  test('that are too long are said to be so before they end', () => {
    const input = new FrontInput();
    input.push(bytesOf('1234567890'));
    expect(shown(input.line(10))).toBe('more');
    input.push(bytesOf('\r'));
    expect(shown(input.line(10))).toBe('more');
    input.push(bytesOf('x'));
    expect(shown(input.line(10))).toBe('too-long');
    const whole = new FrontInput();
    whole.push(bytesOf('12345678901\r\n'));
    expect(shown(whole.line(10))).toBe('too-long');
  });

  test('are the same however they come in pieces', () => {
    const text = 'a1 NOOP\r\na2 LOGIN {4}\r\nanna x\r\n\r\nrest without an end';
    for (let size = 1; size < text.length; size++) {
      const input = new FrontInput();
      const lines: unknown[] = [];
      for (let at = 0; at < text.length; at += size) {
        input.push(bytesOf(text.slice(at, at + size)));
        for (let line = input.line(100); line !== 'more'; line = input.line(100)) lines.push(shown(line));
      }
      expect(lines).toEqual([['a1 NOOP'], ['a2 LOGIN {4}'], ['anna x'], ['']]);
      expect(latin1Of(input.rest())).toBe('rest without an end');
    }
  });
});

test('so many octets are taken when they are there, and what is behind stays', () => {
  const input = new FrontInput();
  input.push(bytesOf('abc'));
  expect(input.take(4)).toBeNull();
  input.push(bytesOf('def\n'));
  expect(latin1Of(input.take(4) ?? new Uint8Array())).toBe('abcd');
  expect(input.take(0)).toEqual(new Uint8Array());
  expect(shown(input.line(10))).toEqual(['ef']);
});

test('more than it had room for goes in, again and again', () => {
  const input = new FrontInput();
  const piece = 'x'.repeat(700);
  for (let round = 0; round < 50; round++) {
    input.push(bytesOf(`${piece}\n${piece}`));
    expect(shown(input.line(2_000))).toEqual([round === 0 ? piece : piece + piece]);
  }
  expect(input.length).toBe(700);
});
