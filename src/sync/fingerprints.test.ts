import { describe, expect, it } from 'vitest';
import { digestKey } from './digest.ts';
import { LooseDigest } from './fingerprints.ts';

function loose(text: string, chunk = 3): string {
  const bytes = Buffer.from(text, 'latin1');
  const running = new LooseDigest();
  for (let at = 0; at < bytes.length; at += chunk) running.update(bytes.subarray(at, at + chunk));
  return digestKey(running.done());
}

const sent = 'Subject: M\xfcller\r\n\r\na\0b\rc\nd\xfc\r\n';

describe('the digest of what no server changes', () => {
  it.each([
    ['line ends', 'Subject: M\xfcller\n\na\0b\nc\r\nd\xfc\n\n'],
    ['NUL, dropped or stored as 0x80', 'Subject: M\xfcller\r\n\r\na\x80bc\nd\xfc\r\n'],
    ['eight-bit characters of the header', 'Subject: MXller\r\n\r\na\0b\rc\nd\xfc\r\n'],
  ])('is the same after changed %s', (_, stored) => {
    expect(loose(stored)).toBe(loose(sent));
    expect(loose(stored, 1)).toBe(loose(sent, 100));
  });

  it.each([
    ['a letter', 'Subject: M\xfcller\r\n\r\na\0b\rc\ne\xfc\r\n'],
    ['an eight-bit character of the body', 'Subject: M\xfcller\r\n\r\na\0b\rc\ndX\r\n'],
    ['a word more at the end', 'Subject: M\xfcller\r\n\r\na\0b\rc\nd\xfc\r\nnot mine\r\n'],
    ['the header', 'Subject: M\xfcllers\r\n\r\na\0b\rc\nd\xfc\r\n'],
  ])('differs after a change of %s', (_, stored) => {
    expect(loose(stored)).not.toBe(loose(sent));
  });
});
