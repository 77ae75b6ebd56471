/** Spans of UIDs as the port has them (last may be Infinity for `*`) to sequence sets (RFC 9051 §9) and back. */
import type { UidSpan } from '../../../sync/mail-store.ts';

/** Ascending UIDs to the fewest spans; unsorted input is sorted. */
export function spansOf(uids: readonly number[]): readonly UidSpan[] {
  const spans: [number, number][] = [];
  let sorted = uids;
  for (let i = 1; i < uids.length; i++) {
    if ((uids[i] ?? 0) < (uids[i - 1] ?? 0)) {
      sorted = [...uids].sort((a, b) => a - b);
      break;
    }
  }
  for (const uid of sorted) {
    const last = spans[spans.length - 1];
    if (last !== undefined && uid <= last[1] + 1) last[1] = Math.max(last[1], uid);
    else spans.push([uid, uid]);
  }
  return spans;
}

/** Sequence sets of at most `maxBytes` each. */
export function formatSpans(spans: readonly UidSpan[], maxBytes: number): string[] {
  const sets: string[] = [];
  let set = '';
  for (const [first, last] of spans) {
    const piece =
      last === Number.POSITIVE_INFINITY ? `${first}:*` : first === last ? `${first}` : `${first}:${last}`;
    if (set !== '' && set.length + piece.length + 1 > maxBytes) {
      sets.push(set);
      set = '';
    }
    set += set === '' ? piece : `,${piece}`;
  }
  if (set !== '') sets.push(set);
  return sets;
}
