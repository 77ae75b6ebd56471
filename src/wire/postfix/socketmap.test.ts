import { describe, expect, it } from 'vitest';
import { formatReply, SocketmapParser } from './socketmap.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (reply: Parameters<typeof formatReply>[0]) => new TextDecoder().decode(formatReply(reply));

describe('questions of Postfix', () => {
  it('come out however the bytes are cut', () => {
    const stream = bytes('17:transport a@b.org,25:transport "a b"@näh.test,11:transport *,');
    const wanted = [
      { map: 'transport', key: 'a@b.org' },
      { map: 'transport', key: '"a b"@näh.test' },
      { map: 'transport', key: '*' },
    ];
    for (let at = 0; at <= stream.length; at++) {
      const parser = new SocketmapParser();
      const found = [
        ...(parser.push(stream.subarray(0, at)) ?? []),
        ...(parser.push(stream.subarray(at)) ?? []),
      ];
      expect(found).toEqual(wanted);
    }
    const parser = new SocketmapParser();
    expect([...stream].flatMap((byte) => parser.push(Uint8Array.of(byte)) ?? [])).toEqual(wanted);
  });

  it('an empty key is a key', () => {
    expect(new SocketmapParser().push(bytes('10:transport ,'))).toEqual([{ map: 'transport', key: '' }]);
  });

  it.each([
    ['no length', ':a b,'],
    ['a leading zero', '03:a b,'],
    ['a length of letters', 'GET / HTTP/1.1\r\n'],
    ['a sign', '-3:a b,'],
    ['a length that never ends', '000000000000'],
    ['too long a length', '12001:'],
    ['no comma', '3:a b;'],
  ])('%s ends the connection', (_, stream) => {
    expect(new SocketmapParser().push(bytes(stream))).toBeNull();
  });

  it('what is no question is told so, and the connection goes on; octets that are no UTF-8 are no fault of it', () => {
    expect(new SocketmapParser().push(bytes('4:abcd,2: x,3:a b,'))).toEqual([
      null,
      null,
      { map: 'a', key: 'b' },
    ]);
    const broken = Uint8Array.of(...bytes('3:a '), 0xff, ...bytes(','));
    expect(new SocketmapParser().push(broken)).toEqual([{ map: 'a', key: '\ufffd' }]);
  });
});

describe('answers to Postfix', () => {
  it('are netstrings of octets, not of letters', () => {
    expect(text({ kind: 'found', value: 'mailferry:[nöw.test]:25' })).toBe('27:OK mailferry:[nöw.test]:25,');
    expect(text({ kind: 'not-found' })).toBe('9:NOTFOUND ,');
    expect(text({ kind: 'temp', reason: 'no replica' })).toBe('15:TEMP no replica,');
  });

  it('keep to one short line', () => {
    expect(text({ kind: 'perm', reason: `a\r\nb${'c'.repeat(1000)}` })).toMatch(/^205:PERM a bc{197},$/);
  });

  it('are never too long for Postfix', () => {
    expect(text({ kind: 'found', value: 'x'.repeat(100_000) })).toMatch(/^\d+:TEMP /);
  });
});
