/** Each limit: just within is taken, one more is refused, and the parser stays dead. */
import { describe, expect, test } from 'vitest';
import { bytesOf } from '../../base/bytes.ts';
import { byteByByte, parseEvents } from '../../../test/fuzz/imap-events.ts';
import { defaultLimits, type ParserLimits } from './limits.ts';
import { ResponseParser } from './parser.ts';

const greeting = bytesOf('* OK hi\r\n');

function outcome(text: string, limits: Partial<ParserLimits>): string {
  const whole = parseEvents([greeting, bytesOf(text)], limits);
  expect(parseEvents([greeting, ...byteByByte(bytesOf(text))], limits).at(-1)).toEqual(whole.at(-1));
  const last = whole.at(-1);
  if (last === undefined || !('error' in last)) return 'taken';
  return last.error;
}

const pad = (bytes: number) => 'x'.repeat(bytes);

test.each<[keyof ParserLimits, Partial<ParserLimits>, string, string]>([
  ['lineBytes', { lineBytes: 20 }, `* OK ${pad(13)}\r\n`, `* OK ${pad(14)}\r\n`],
  ['lineBytes', { lineBytes: 20 }, `A1 ${pad(15)}\r\n`, `A1 ${pad(18)}`],
  ['lineBytes', { lineBytes: 30 }, '* LIST () "/" {7}\r\n1234567\r\n', '* LIST () "/" {20}\r\n'],
  ['lineBytes', { lineBytes: 30 }, `* 1 FETCH (X (${pad(12)}))\r\n`, `* 1 FETCH (X (${pad(15)}))\r\n`],
  ['setLineBytes', { lineBytes: 12, setLineBytes: 20 }, '* SEARCH 123456789\r\n', '* SEARCH 1234567891\r\n'],
  ['setLineBytes', { lineBytes: 12, setLineBytes: 20 }, '* vanished 1234567\r\n', '* ESEARCH ALL 1:999999'],
  [
    'setLineBytes',
    { lineBytes: 24, setLineBytes: 90 },
    '* 1 FETCH (X (a {1}\r\nb* SEARCH 2345678))\r\n',
    '* 1 FETCH (X (a {1}\r\nb* SEARCH 2345678901234567))\r\n',
  ],
  ['setLineBytes', { lineBytes: 12, setLineBytes: 20 }, '* 3 EXISTS\r\n', '* SEARCHES 99\r\n'],
  [
    'bodyLiteralBytes',
    { bodyLiteralBytes: 3 },
    '* 1 FETCH (BODY[] {3}\r\n123)\r\n',
    '* 1 FETCH (BODY[] {4}\r\n',
  ],
  ['literalBytes', { literalBytes: 3 }, '* LIST () "/" {3}\r\n123\r\n', '* LIST () "/" {4}\r\n'],
  ['literalBytes', { literalBytes: 3 }, '* 1 FETCH (X {3}\r\n123)\r\n', '* 1 FETCH (X (a {4}\r\n'],
  ['nestingDepth', { nestingDepth: 3 }, '* 1 FETCH (X ((())))\r\n', '* 1 FETCH (X (((()))))\r\n'],
  ['nestingDepth', { nestingDepth: 3 }, '* STATUS a (X ((())))\r\n', '* STATUS a (X (((()))))\r\n'],
  ['listItems', { listItems: 2 }, '* FLAGS (a b)\r\n', '* FLAGS (a b c)\r\n'],
  ['listItems', { listItems: 2 }, '* CAPABILITY a b\r\n', '* CAPABILITY a b c\r\n'],
  ['listItems', { listItems: 2 }, '* LIST (\\a \\b) "/" x\r\n', '* LIST (\\a \\b \\c) "/" x\r\n'],
  ['ranges', { ranges: 2 }, '* VANISHED 1,3\r\n', '* VANISHED 1,3,5\r\n'],
  ['ranges', { ranges: 2 }, '* SEARCH 1 3\r\n', '* SEARCH 1 3 5\r\n'],
  ['ranges', { ranges: 2 }, 'A1 OK [MODIFIED 1,3] x\r\n', 'A1 OK [MODIFIED 1,3,5] x\r\n'],
  ['fetchItems', { fetchItems: 2 }, '* 1 FETCH (UID 1 X 2)\r\n', '* 1 FETCH (UID 1 X 2 X 3)\r\n'],
])('%s %j takes %j and refuses %j', (_name, limits, within, beyond) => {
  const all = { ...limits };
  expect(outcome(within, all)).toBe('taken');
  expect(outcome(beyond, all)).toBe('limit-exceeded');
});

test('unknownLineChars cuts the line that is handed on', () => {
  const events = parseEvents([greeting, bytesOf('* FOO barbaz\r\n')], { unknownLineChars: 7 });
  expect(events.at(-1)).toEqual({ response: { kind: 'unknown', line: '* FOO b' } });
});

describe('sizes that no literal can have', () => {
  test.each(['* 1 FETCH (BODY[] {99999999999999999999}\r\n', '* LIST () "/" {9007199254740993}\r\n'])(
    'refuses %j',
    (text) => {
      expect(outcome(text, {})).toBe('protocol-violation');
    },
  );
});

test('a body as large as the limit is announced without being held', () => {
  let announced = 0;
  const parser = new ResponseParser({
    response() {},
    bodyBegin: (_soFar, _section, sizeBytes) => {
      announced = sizeBytes;
    },
    bodyChunk() {},
    bodyEnd() {},
  });
  parser.push(bytesOf(`* OK hi\r\n* 1 FETCH (BODY[] {${defaultLimits.bodyLiteralBytes}}\r\n`));
  parser.push(new Uint8Array(1024 * 1024));
  expect([announced, parser.pending]).toEqual([defaultLimits.bodyLiteralBytes, 0]);
});

test('a line that drips in byte by byte costs no more than its length', () => {
  const once = (length: number): number => {
    const line = bytesOf(`* OK ${pad(length)}\r\n`);
    const parser = new ResponseParser({ response() {}, bodyBegin() {}, bodyChunk() {}, bodyEnd() {} });
    const start = process.cpuUsage().user;
    for (const byte of byteByByte(line)) parser.push(byte);
    return process.cpuUsage().user - start;
  };
  // The least of a few: the collector and the compiler count as ours too, and come when they like.
  const cost = (length: number): number => Math.min(once(length), once(length), once(length));
  cost(30_000);
  // Eight times the length: were the rest looked at again with each byte, it would cost 64 times as much.
  expect(cost(320_000)).toBeLessThan(30 * Math.max(cost(40_000), 5_000));
});

test('deep nesting within the limit is no recursion', () => {
  const depth = 100_000;
  const limits = { nestingDepth: depth, lineBytes: 10 * depth };
  expect(outcome(`* 1 FETCH (X ${'('.repeat(depth)}${')'.repeat(depth)})\r\n`, limits)).toBe('taken');
});
