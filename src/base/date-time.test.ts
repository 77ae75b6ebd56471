import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatInternalDate, parseInternalDate } from './date-time.ts';

const iso = (text: string) => {
  const date = parseInternalDate(text);
  return date === null ? null : `${date.kind} ${new Date(date.epochMs).toISOString()} ${date.text}`;
};

describe('parseInternalDate', () => {
  test('takes the form of the RFC as it is, zone kept', () => {
    expect(parseInternalDate(' 1-Feb-2024 03:04:05 +0130')).toEqual({
      kind: 'exact',
      text: ' 1-Feb-2024 03:04:05 +0130',
      epochMs: Date.UTC(2024, 1, 1, 1, 34, 5),
      offsetMinutes: 90,
    });
    expect(iso('17-Jul-1996 02:44:25 -0700')).toBe(
      'exact 1996-07-17T09:44:25.000Z 17-Jul-1996 02:44:25 -0700',
    );
  });

  test.each([
    [
      '1-Feb-2024 03:04:05 +0000',
      'mended 2024-02-01T03:04:05.000Z  1-Feb-2024 03:04:05 +0000',
      'one-digit day',
    ],
    ['01-Feb-2024 03:04:05', 'mended 2024-02-01T03:04:05.000Z  1-Feb-2024 03:04:05 +0000', 'no zone'],
    [
      '01-Feb-24 03:04:05 +0100',
      'mended 2024-02-01T02:04:05.000Z  1-Feb-2024 03:04:05 +0100',
      'year of two digits',
    ],
    [
      '01-Feb-97 03:04:05 +0100',
      'mended 1997-02-01T02:04:05.000Z  1-Feb-1997 03:04:05 +0100',
      'and of last century',
    ],
    [
      '01-feb-2024 03:04:05 +0000',
      'mended 2024-02-01T03:04:05.000Z  1-Feb-2024 03:04:05 +0000',
      'small letters',
    ],
    [
      'Thu, 01 Feb 2024 03:04:05 EST',
      'mended 2024-02-01T08:04:05.000Z  1-Feb-2024 03:04:05 -0500',
      'RFC 5322',
    ],
    ['01-Feb-2024 3:04 +0000', 'mended 2024-02-01T03:04:00.000Z  1-Feb-2024 03:04:00 +0000', 'no seconds'],
    [
      '31-Dec-2016 23:59:60 +0000',
      'mended 2017-01-01T00:00:00.000Z  1-Jan-2017 00:00:00 +0000',
      'a leap second',
    ],
    [
      '01-Feb-2024 03:04:05 +9999',
      'mended 2024-02-01T03:04:05.000Z  1-Feb-2024 03:04:05 +0000',
      'no such zone',
    ],
  ])('mends %j: %s', (text, mended) => {
    expect(iso(text)).toBe(mended);
  });

  test('lets odd but possible years stand', () => {
    expect(iso('01-Jan-1900 00:00:00 +0000')).toMatch(/^exact 1900-01-01/);
    expect(iso('07-Feb-2106 06:28:15 +0000')).toMatch(/^exact 2106-02-07/);
  });

  test.each([
    '00-Jan-0000 00:00:00 +0000',
    '31-Feb-2024 00:00:00 +0000',
    '01-Foo-2024 00:00:00 +0000',
    '',
    'NIL',
  ])('finds no moment in %j', (text) => {
    expect(parseInternalDate(text)).toBeNull();
  });

  test('gives up on long texts instead of searching them', () => {
    expect(parseInternalDate(`${' '.repeat(100_000)}x`)).toBeNull();
  });
});

describe('formatInternalDate', () => {
  test('what it writes is exact again', () => {
    const moments = fc.integer({ min: Date.UTC(1901, 0, 1) / 1000, max: Date.UTC(9998, 0, 1) / 1000 });
    fc.assert(
      fc.property(moments, fc.integer({ min: -1439, max: 1439 }), (seconds, offsetMinutes) => {
        const text = formatInternalDate(seconds * 1000, offsetMinutes);
        expect(text).toHaveLength(26);
        expect(parseInternalDate(text)).toEqual({
          kind: 'exact',
          text,
          epochMs: seconds * 1000,
          offsetMinutes,
        });
      }),
    );
  });

  test('refuses years that have no four digits', () => {
    expect(() => formatInternalDate(Date.UTC(10_000, 0, 1))).toThrow(RangeError);
    expect(() => formatInternalDate(Number.NaN)).toThrow(RangeError);
  });
});
