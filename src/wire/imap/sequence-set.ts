/** `uid-set` and `sequence-set` without `*`, as they stand in responses (RFC 9051 §9, RFC 4315 §4). */
import { brokenLine, limitExceeded } from './fault.ts';
import type { UidRange } from './response.ts';
import { COLON, COMMA } from './octets.ts';
import type { Scanner } from './scanner.ts';

/** Ranges in the order sent (COPYUID pairs them by order); `9:5` is turned to [5, 9]. */
export function uidSet(s: Scanner): UidRange[] {
  const ranges: UidRange[] = [];
  do {
    if (ranges.length >= s.limits.ranges) throw limitExceeded('a set of ranges', s.limits.ranges);
    const first = nzNumber(s);
    const last = s.eat(COLON) ? nzNumber(s) : first;
    ranges.push(first <= last ? [first, last] : [last, first]);
  } while (s.eat(COMMA));
  return ranges;
}

/** `nz-number`: 1 to 2^32 - 1. */
export function nzNumber(s: Scanner): number {
  const value = s.number();
  if (value < 1 || value > 0xffff_ffff) throw brokenLine;
  return value;
}
