import { expect, test } from 'vitest';
import { foundHash } from './password-scheme.ts';

test.each([
  ['{SHA512-CRYPT}$6$a$b', 'SHA512-CRYPT', '{SHA512-CRYPT}$6$a$b'],
  ['{sha512-crypt}$6$a$b', 'SHA512-CRYPT', '{SHA512-CRYPT}$6$a$b'],
  ['{SSHA.hex}00ff', 'SSHA', '{SSHA.hex}00ff'],
  ['$6$a$b', 'SHA512-CRYPT', '{SHA512-CRYPT}$6$a$b'],
  ['$2y$10$abc', 'BLF-CRYPT', '{BLF-CRYPT}$2y$10$abc'],
  ['$argon2id$v=19$x', 'ARGON2ID', '{ARGON2ID}$argon2id$v=19$x'],
  ['$y$j9T$x', 'CRYPT', '{CRYPT}$y$j9T$x'],
])('%s is a hash of %s', (text, scheme, hash) => {
  expect(foundHash(text)).toEqual({ kind: 'hash', scheme, hash });
});

test.each(['', 'x', '*', '!', '!!', '!$6$a$b', '{SHA512-CRYPT}!$6$a$b', '{PLAIN}', '{CRYPT}*'])(
  '%s is locked',
  (text) => {
    expect(foundHash(text)).toEqual({ kind: 'locked' });
  },
);

test('what stands in clear is found out, under each of its names', () => {
  for (const scheme of ['PLAIN', 'CLEAR', 'CLEARTEXT', 'plain'])
    expect(foundHash(`{${scheme}}geheim`)).toEqual({ kind: 'plain', password: 'geheim' });
});

test('nothing is guessed of what is not known', () => {
  expect(foundHash('{WHAT}abc')).toEqual({ kind: 'unknown', scheme: 'WHAT' });
  expect(foundHash('5f4dcc3b5aa765d61d8327deb882cf99')).toEqual({ kind: 'unknown', scheme: null });
  expect(foundHash('{SSHA}ab\tc')).toEqual({ kind: 'unknown', scheme: null });
  expect(foundHash('{SSHA}ab\nc')).toEqual({ kind: 'unknown', scheme: null });
  expect(foundHash(`{SSHA}${'a'.repeat(5_000)}`)).toEqual({ kind: 'unknown', scheme: null });
});

test('a hash that names no scheme is of the one that was said, and one that does is not', () => {
  expect(foundHash('abc', 'SSHA')).toEqual({ kind: 'hash', scheme: 'SSHA', hash: '{SSHA}abc' });
  expect(foundHash('$6$a$b', 'SSHA')).toMatchObject({ scheme: 'SHA512-CRYPT' });
  expect(foundHash('{WHAT}abc', 'SSHA')).toEqual({ kind: 'unknown', scheme: 'WHAT' });
});
