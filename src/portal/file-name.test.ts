import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { attachment, fileName } from './file-name.ts';

test.each([
  ['Rechnung März', 'Rechnung März.eml'],
  ['../../etc/passwd', 'etc passwd.eml'],
  ['C:\\Windows\\x', 'C Windows x.eml'],
  ['invoice\u202efdp.exe', 'invoice fdp.exe.eml'],
  ['a\r\nSet-Cookie: x', 'a Set-Cookie x.eml'],
  ['.ssh', 'ssh.eml'],
  ['CON', 'message.eml'],
  ['com1.txt', 'message.eml'],
  ['…', '….eml'],
  ['', 'message.eml'],
  ['ends with dots...', 'ends with dots.eml'],
])('%j is offered as %j', (subject, name) => {
  expect(fileName(subject, 'eml', 'message')).toBe(name);
});

/** What matters to a name of a file, more often than chance would bring it. */
const odd = fc.oneof(
  fc.constantFrom(...'\u202e\u200f\r\n\u0000/\\":*?%. \u2028'),
  fc.string({ unit: 'binary', maxLength: 1 }),
);

test('no subject makes another header, a path, or a name that is too long', () => {
  fc.assert(
    fc.property(fc.string({ unit: odd, maxLength: 400 }), (subject) => {
      const name = fileName(subject, 'eml', 'message');
      expect(name).not.toMatch(/[\p{Cc}\p{Cf}/\\"<>|:*?%]/u);
      expect(Buffer.byteLength(name)).toBeLessThanOrEqual(255);
      const header = attachment(name);
      expect(header).toMatch(/^attachment; filename="[\x20-\x7e]+"; filename\*=UTF-8''[A-Za-z0-9%._~!-]+$/);
      expect(decodeURIComponent(header.split("UTF-8''")[1] ?? '')).toBe(name);
    }),
  );
});
