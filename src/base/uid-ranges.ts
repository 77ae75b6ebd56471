/**
 * Sets of UIDs as inclusive ranges: a mailbox of a million messages is a handful of them. Every function takes and
 * gives normalised sets: ascending, disjoint, not touching.
 */
export type UidRange = readonly [first: number, last: number];

/** Any ranges, in any order, to a normalised set. */
export function normaliseUids(ranges: readonly UidRange[]): UidRange[] {
  if (isNormalised(ranges)) return [...ranges];
  const sorted = ranges.map(([a, b]): UidRange => (a <= b ? [a, b] : [b, a])).sort((x, y) => x[0] - y[0]);
  const out: UidRange[] = [];
  for (const [first, last] of sorted) {
    const before = out.at(-1);
    if (before === undefined || first > before[1] + 1) out.push([first, last]);
    else if (last > before[1]) out[out.length - 1] = [before[0], last];
  }
  return out;
}

function isNormalised(ranges: readonly UidRange[]): boolean {
  let before = -1;
  for (const [first, last] of ranges) {
    if (first > last || first <= before + (before < 0 ? 0 : 1)) return false;
    before = last;
  }
  return true;
}

/** Ranges from single UIDs in any order. */
export function uidsToRanges(uids: Iterable<number>): UidRange[] {
  const out: UidRange[] = [];
  let ascending = true;
  for (const uid of uids) {
    const before = out.at(-1);
    if (before !== undefined && uid === before[1] + 1) out[out.length - 1] = [before[0], uid];
    else {
      if (before !== undefined && uid <= before[1]) ascending = false;
      out.push([uid, uid]);
    }
  }
  return ascending ? out : normaliseUids(out);
}

export function unionUids(a: readonly UidRange[], b: readonly UidRange[]): UidRange[] {
  return normaliseUids([...a, ...b]);
}

/** What is in both. */
export function intersectUids(a: readonly UidRange[], b: readonly UidRange[]): UidRange[] {
  const out: UidRange[] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    const x = a[i]!;
    const y = b[j]!;
    const first = Math.max(x[0], y[0]);
    const last = Math.min(x[1], y[1]);
    if (first <= last) out.push([first, last]);
    if (x[1] < y[1]) i++;
    else j++;
  }
  return out;
}

/** What is in `a` and not in `b`. */
export function differenceUids(a: readonly UidRange[], b: readonly UidRange[]): UidRange[] {
  const out: UidRange[] = [];
  let j = 0;
  for (const [first, last] of a) {
    let from = first;
    while (j < b.length && b[j]![1] < from) j++;
    for (let k = j; k < b.length && b[k]![0] <= last; k++) {
      const [cutFirst, cutLast] = b[k]!;
      if (cutFirst > from) out.push([from, cutFirst - 1]);
      from = Math.max(from, cutLast + 1);
    }
    if (from <= last) out.push([from, last]);
  }
  return out;
}

export function containsUid(ranges: readonly UidRange[], uid: number): boolean {
  let low = 0;
  let high = ranges.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const [first, last] = ranges[middle]!;
    if (uid < first) high = middle - 1;
    else if (uid > last) low = middle + 1;
    else return true;
  }
  return false;
}

export function countUids(ranges: readonly UidRange[]): number {
  let count = 0;
  for (const [first, last] of ranges) count += last - first + 1;
  return count;
}

/** Each UID in the order of the ranges; hold the ranges, not the numbers. */
export function* eachUid(ranges: readonly UidRange[]): Generator<number, void, undefined> {
  for (const [first, last] of ranges) for (let uid = first; uid <= last; uid++) yield uid;
}
