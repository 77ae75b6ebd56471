import { describe, expect, test } from 'vitest';
import { readProxyHeader } from './proxy-protocol.ts';

const bytes = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
const signature = '\r\n\r\n\0\r\nQUIT\n';
const binary = (command: number, family: number, block: string) =>
  bytes(`${signature}${String.fromCharCode(command, family, block.length >> 8, block.length & 255)}${block}`);

describe('a line (version 1)', () => {
  test.each([
    ['PROXY TCP4 192.0.2.7 198.51.100.1 56324 143\r\n', { host: '192.0.2.7', port: 56_324 }],
    ['PROXY TCP6 2001:DB8::7 2001:db8::1 1 143\r\n', { host: '2001:db8::7', port: 1 }],
    ['PROXY TCP6 ::ffff:192.0.2.7 ::1 1 143\r\n', { host: '::ffff:192.0.2.7', port: 1 }],
    ['PROXY UNKNOWN\r\n', null],
    ['PROXY UNKNOWN ffff:f...f:ffff ffff:f...f:ffff 65535 65535\r\n', null],
  ])('%j', (line, client) => {
    expect(readProxyHeader(bytes(`${line}a1 LOGIN`))).toEqual({ client, length: line.length });
    for (let at = 0; at < line.length; at++) expect(readProxyHeader(bytes(line.slice(0, at)))).toBe('more');
  });

  test.each([
    'PROXY TCP4 192.0.2.7 198.51.100.1 56324 143\n',
    'PROXY TCP4 192.0.2.7 198.51.100.1 056324 143\r\n',
    'PROXY TCP4 192.0.2.7 198.51.100.1 65536 143\r\n',
    'PROXY TCP4 192.0.02.7 198.51.100.1 1 143\r\n',
    'PROXY TCP4 192.0.2.256 198.51.100.1 1 143\r\n',
    'PROXY TCP4 2001:db8::7 2001:db8::1 1 143\r\n',
    'PROXY TCP6 2001:db8:::7 2001:db8::1 1 143\r\n',
    'PROXY TCP6 1:2:3:4:5:6:7:8:9 ::1 1 143\r\n',
    'PROXY TCP6 192.0.2.7:: ::1 1 143\r\n',
    'PROXY TCP4  192.0.2.7 198.51.100.1 1 143\r\n',
    'PROXY TCP4 192.0.2.7 198.51.100.1 1\r\n',
    'PROXY UNKNOWN\0\r\n',
    'proxy TCP4 192.0.2.7 198.51.100.1 1 143\r\n',
    'a1 LOGIN anna secret\r\n',
    `PROXY UNKNOWN ${'x'.repeat(100)}\r\n`,
  ])('%j is none', (line) => {
    expect(readProxyHeader(bytes(line))).toBe('broken');
  });
});

describe('octets (version 2)', () => {
  const four = '\xc0\x00\x02\x07\xc6\x33\x64\x01\xdc\x04\x00\x8f';
  const six = `\x20\x01\x0d\xb8${'\0'.repeat(11)}\x07\x20\x01\x0d\xb8${'\0'.repeat(11)}\x01\xdc\x04\x00\x8f`;
  const notes = '\x02\x00\x04name';

  test.each([
    ['IPv4', binary(0x21, 0x11, four), { host: '192.0.2.7', port: 56_324 }],
    ['IPv6 with notes', binary(0x21, 0x21, six + notes), { host: '2001:db8:0:0:0:0:0:7', port: 56_324 }],
    ['the balancer’s own', binary(0x20, 0x00, ''), null],
    ['its own, with an address', binary(0x20, 0x11, four), null],
    ['a unix socket', binary(0x21, 0x31, '\0'.repeat(216)), null],
  ])('%s', (_, header, client) => {
    const more = Uint8Array.of(...header, ...bytes('a1 LOGIN'));
    expect(readProxyHeader(more)).toEqual({ client, length: header.length });
    for (let at = 0; at < header.length; at++) expect(readProxyHeader(header.subarray(0, at))).toBe('more');
  });

  test.each([
    ['another version', binary(0x31, 0x11, four)],
    ['another command', binary(0x22, 0x11, four)],
    ['half an address', binary(0x21, 0x11, four.slice(0, 11))],
    ['half an IPv6 address', binary(0x21, 0x21, six.slice(0, 35))],
    ['more than anybody has to say', binary(0x21, 0x11, four + 'x'.repeat(4_096))],
    ['another signature', bytes('\r\n\r\n\0\r\nQUIX')],
  ])('%s is broken', (_, header) => {
    expect(readProxyHeader(header)).toBe('broken');
  });
});

test('whatever comes, it says something within the octets that it was given', () => {
  let state = 7;
  const random = (below: number): number => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state % below;
  };
  const seeds = [
    'PROXY TCP4 192.0.2.7 198.51.100.1 56324 143\r\n',
    `${signature}\x21\x11\0\x0c${'x'.repeat(12)}`,
  ];
  for (let round = 0; round < 20_000; round++) {
    const one = bytes(seeds[round % 2] ?? '').slice(0, random(60));
    for (let change = random(4); change > 0 && one.length > 0; change--)
      one[random(one.length)] = random(256);
    const answer = readProxyHeader(one);
    if (typeof answer === 'object') expect(answer.length).toBeLessThanOrEqual(one.length);
    else expect(['more', 'broken']).toContain(answer);
  }
});
