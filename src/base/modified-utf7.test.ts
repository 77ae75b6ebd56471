import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeModifiedUtf7, encodeModifiedUtf7 } from './modified-utf7.ts';

const decode = (name: string) => decodeModifiedUtf7(name);

test('reads and writes the examples of RFC 3501', () => {
  expect(decode('~peter/mail/&U,BTFw-/&ZeVnLIqe-')).toEqual({ text: '~peter/mail/台北/日本語', valid: true });
  expect(encodeModifiedUtf7('~peter/mail/台北/日本語')).toBe('~peter/mail/&U,BTFw-/&ZeVnLIqe-');
  expect(decode('Entw&APw-rfe')).toEqual({ text: 'Entwürfe', valid: true });
  expect(decode('a&-b')).toEqual({ text: 'a&b', valid: true });
});

test('whatever the text, decoding gives it back', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(decodeModifiedUtf7(encodeModifiedUtf7(text))).toEqual({ text, valid: true });
    }),
  );
});

test('whatever the bytes, decoding gives some text and never throws', () => {
  const character = fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code));
  fc.assert(
    fc.property(fc.array(character), (characters) => {
      const name = characters.join('');
      const { text, valid } = decode(name);
      if (valid) expect(encodeModifiedUtf7(text)).toBe(name);
    }),
  );
});

test.each([
  ['a&b', 'a&b', 'an ampersand that begins nothing'],
  ['&AC8-', '/', 'printable ASCII in base 64'],
  ['&U,BTFw-&ZeVnLIqe-', '台北日本語', 'a needless shift'],
  ['&AA', '&AA', 'a shift without an end'],
  ['&A-', '&A-', 'half a byte'],
  ['&2D0-', '\ud83d', 'a lone surrogate'],
  ['Entw\xc3\xbcrfe', 'Entwürfe', 'raw UTF-8'],
  ['Entw\xfcrfe', 'Entw\xfcrfe', 'raw ISO 8859-1'],
  ['&&APw-', '&ü', 'an ampersand before a shift'],
])('shows %j as %j and calls it invalid: %s', (name, text) => {
  expect(decode(name)).toEqual({ text, valid: false });
});

test('refuses to write lone surrogates', () => {
  expect(() => encodeModifiedUtf7('\ud800')).toThrow(RangeError);
});
