import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { UidRange } from './response.ts';
import {
  containsUid,
  countUids,
  differenceUids,
  eachUid,
  intersectUids,
  normaliseUids,
  uidsToRanges,
  unionUids,
} from '../../base/uid-ranges.ts';
import { formatUidSet, parseUidSet, splitUidSet } from './uid-set.ts';

const uids = fc.uniqueArray(fc.integer({ min: 1, max: 60 }));
const looseRanges = fc.array(
  fc.tuple(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 60 })) as fc.Arbitrary<UidRange>,
);
const numbers = (ranges: readonly UidRange[]) => [...eachUid(ranges)];
const ascending = (values: Iterable<number>) => [...new Set(values)].sort((a, b) => a - b);

describe('text', () => {
  test('reads ranges in any order, turned round and touching', () => {
    expect(parseUidSet('7,5:3,4,8')).toEqual([
      [3, 5],
      [7, 8],
    ]);
    expect(parseUidSet('')).toEqual([]);
    expect(parseUidSet('4294967295')).toEqual([[4294967295, 4294967295]]);
  });

  test.each(['*', '1:*', '0', '4294967296', '1,', ',1', '1 2', '1:2:3', 'a', '-1', 'ü', '€'])(
    'refuses %j',
    (text) => {
      expect(() => parseUidSet(text)).toThrow('not a set of UIDs');
    },
  );

  test('what is written is read again', () => {
    fc.assert(
      fc.property(uids, (values) => {
        const ranges = uidsToRanges(values);
        expect(parseUidSet(formatUidSet(ranges))).toEqual(ranges);
      }),
    );
  });

  test('pieces stay below their size and make up the whole', () => {
    fc.assert(
      fc.property(uids, fc.integer({ min: 5, max: 40 }), (values, maxBytes) => {
        const ranges = uidsToRanges(values);
        const pieces = splitUidSet(ranges, maxBytes);
        expect(pieces.flat()).toEqual(ranges);
        for (const piece of pieces) expect(formatUidSet(piece).length).toBeLessThanOrEqual(maxBytes);
      }),
    );
  });
});

describe('algebra', () => {
  test('normalised ranges are ascending, do not touch and hold the same numbers', () => {
    fc.assert(
      fc.property(looseRanges, (ranges) => {
        const normal = normaliseUids(ranges);
        const turned = ranges.map(([a, b]): UidRange => (a <= b ? [a, b] : [b, a]));
        expect(numbers(normal)).toEqual(ascending(numbers(turned)));
        for (let i = 1; i < normal.length; i++) expect(normal[i]![0]).toBeGreaterThan(normal[i - 1]![1] + 1);
      }),
    );
  });

  test('union, intersection and difference are those of sets, and normalised', () => {
    fc.assert(
      fc.property(uids, uids, (x, y) => {
        const a = uidsToRanges(x);
        const b = uidsToRanges(y);
        expect(unionUids(a, b)).toEqual(uidsToRanges(ascending([...x, ...y])));
        expect(intersectUids(a, b)).toEqual(uidsToRanges(ascending(x.filter((uid) => y.includes(uid)))));
        expect(differenceUids(a, b)).toEqual(uidsToRanges(ascending(x.filter((uid) => !y.includes(uid)))));
      }),
    );
  });

  test('counts and finds its members', () => {
    fc.assert(
      fc.property(uids, (values) => {
        const ranges = uidsToRanges(values);
        expect(countUids(ranges)).toBe(values.length);
        for (let uid = 0; uid <= 61; uid++) expect(containsUid(ranges, uid)).toBe(values.includes(uid));
      }),
    );
  });
});
