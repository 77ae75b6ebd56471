import { expect, test } from 'vitest';
import { harmless } from './safe-text.tsx';

test('control characters are shown as pictures of themselves', () => {
  expect(harmless('a\u0000b\r\nc\u001b[31m\u007f')).toBe('a␀b␍␊c␛[31m␡');
});

test('characters that turn the line around are replaced', () => {
  expect(harmless('invoice\u202Efdp.exe\u2066x\u200f')).toBe('invoice\ufffdfdp.exe\ufffdx\ufffd');
});

test('characters that nobody sees are shown', () => {
  expect(harmless('pay\u200bpal\u061c\u2060\ufeff')).toBe('pay\ufffdpal\ufffd\ufffd\ufffd');
});

test('text of any script stays as it is', () => {
  expect(harmless('Grüße, שלום, 你好, 👩‍👧')).toBe('Grüße, שלום, 你好, 👩‍👧');
});

test('endless text is cut', () => {
  expect(harmless('x'.repeat(1_000_000)).length).toBeLessThan(400);
});
