import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { formatFor } from './format.ts';

// Where the clocks change: what is shown is told in the reader's own time.
beforeAll(() => {
  vi.stubEnv('TZ', 'Europe/Berlin');
});
afterAll(() => {
  vi.unstubAllEnvs();
});

/** A number and its unit stay on one line. */
const withSpaces = (text: string) => text.replaceAll('\u00a0', ' ');

const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;

test.each([
  [0.2, '1 Sekunde', '1 second'],
  [49, '49 Sekunden', '49 seconds'],
  [50, '1 Minute', '1 minute'],
  [9 * minute, '9 Minuten', '9 minutes'],
  [59 * minute + 40, '1 Stunde', '1 hour'],
  [2 * hour + 10 * minute, '2 Stunden 10 Minuten', '2 hours 10 minutes'],
  // Fifty-six minutes are an hour when one rounds to tens.
  [2 * hour + 56 * minute, '3 Stunden', '3 hours'],
  [11 * hour + 29 * minute, '11 Stunden', '11 hours'],
  [47 * hour, '47 Stunden', '47 hours'],
  [3 * day + 2 * hour, '3 Tage', '3 days'],
])('%d seconds are said as %s', (seconds, de, en) => {
  expect(formatFor('de').duration(seconds)).toBe(de);
  expect(formatFor('en').duration(seconds)).toBe(en);
});

test.each([
  [0, '0 Byte', '0 byte'],
  [999, '999 Byte', '999 byte'],
  [4_321, '4 kB', '4 kB'],
  [3_240_000_000, '3,2 GB', '3.2 GB'],
  [1_080_000_000_000, '1,1 TB', '1.1 TB'],
  [5_200_000_000_000_000, '5.200 TB', '5,200 TB'],
])('%d octets are said as %s', (bytes, de, en) => {
  expect(withSpaces(formatFor('de').bytes(bytes))).toBe(de);
  expect(withSpaces(formatFor('en').bytes(bytes))).toBe(en);
});

describe('a moment is said from where one stands', () => {
  test.each([
    ['2026-11-24T21:00:00Z', '2026-11-24T14:30:00Z', 'heute, 22:00', 'today, 22:00'],
    // Forty minutes on, and another day: in Berlin, not in UTC.
    ['2026-11-24T23:20:00Z', '2026-11-24T22:40:00Z', 'morgen, 00:20', 'tomorrow, 00:20'],
    ['2026-11-24T22:40:00Z', '2026-11-24T23:20:00Z', 'gestern, 23:40', 'yesterday, 23:40'],
    [
      '2026-11-27T21:00:00Z',
      '2026-11-24T14:30:00Z',
      'Freitag, 27. November, 22:00',
      'Friday 27 November, 22:00',
    ],
    // The night in which it has 25 hours: noon to noon is one day on.
    ['2026-10-25T22:30:00Z', '2026-10-24T22:30:00Z', 'heute, 23:30', 'today, 23:30'],
    ['2026-10-25T23:30:00Z', '2026-10-24T22:30:00Z', 'morgen, 00:30', 'tomorrow, 00:30'],
    // And the one in which it has 23.
    ['2027-03-28T21:30:00Z', '2027-03-27T22:30:00Z', 'morgen, 23:30', 'tomorrow, 23:30'],
    ['2027-01-01T05:00:00Z', '2026-12-31T05:00:00Z', 'morgen, 06:00', 'tomorrow, 06:00'],
    ['2027-02-03T05:00:00Z', '2026-12-31T05:00:00Z', '3. Februar 2027, 06:00', '3 February 2027, 06:00'],
  ])('%s, said at %s', (at, now, de, en) => {
    expect(formatFor('de').moment(at, new Date(now))).toBe(de);
    expect(formatFor('en').moment(at, new Date(now))).toBe(en);
  });

  test('and in less room where a table says it', () => {
    const now = new Date('2026-11-24T14:30:00Z');
    expect(formatFor('de').stamp('2026-11-27T21:00:00Z', now)).toBe('27. Nov., 22:00');
    expect(formatFor('en').stamp('2026-11-27T21:00:00Z', now)).toBe('27 Nov, 22:00');
    expect(formatFor('en').stamp('2027-11-27T21:00:00Z', now)).toBe('27 Nov 2027, 22:00');
  });
});

test('not all is never said as all, and large numbers have their marks', () => {
  const [de, en] = [formatFor('de'), formatFor('en')];
  expect([withSpaces(de.percent(0.9999)), en.percent(0.9999), en.percent(1)]).toEqual([
    '99 %',
    '99%',
    '100%',
  ]);
  expect([de.count(12_480), en.count(12_480)]).toEqual(['12.480', '12,480']);
  expect([de.lag(2_300), en.lag(2_300), en.lag(250)]).toEqual([
    '2,3 Sekunden',
    '2.3 seconds',
    '250 milliseconds',
  ]);
});
