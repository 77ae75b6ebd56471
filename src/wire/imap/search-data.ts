/** SEARCH (RFC 9051 §7.3.6, with MODSEQ of RFC 7162 §3.1.5), ESEARCH (RFC 9051 §7.3.4, RFC 4731) and VANISHED. */
import { brokenLine, limitExceeded } from './fault.ts';
import type { ImapResponse, UidRange } from './response.ts';
import { uidSet } from './sequence-set.ts';
import { CLOSE, OPEN } from './octets.ts';
import type { Scanner } from './scanner.ts';

export function search(s: Scanner): ImapResponse {
  const numbers: number[] = [];
  let modSeq: bigint | null = null;
  for (;;) {
    s.spaces();
    if (s.atEnd()) return { kind: 'search', numbers, modSeq };
    if (s.peek() === OPEN) {
      modSeq = modSeqSort(s);
      continue;
    }
    const value = s.number();
    if (value < 0) throw brokenLine;
    if (numbers.length >= s.limits.ranges) throw limitExceeded('numbers of a search', s.limits.ranges);
    numbers.push(value);
  }
}

/** `search-sort-mod-seq`: `(MODSEQ 917162500)`. */
function modSeqSort(s: Scanner): bigint | null {
  s.expect(OPEN);
  s.spaces();
  if (!s.word('modseq')) throw brokenLine;
  s.spaces();
  const modSeq = s.modSequenceValue();
  s.spaces();
  s.expect(CLOSE);
  return modSeq;
}

/** Every part may be missing (seen: no correlator); result options we do not ask for are passed over. */
export function esearch(s: Scanner): ImapResponse {
  let tag: string | null = null;
  let uid = false;
  let all: UidRange[] | null = null;
  let min: number | null = null;
  let max: number | null = null;
  let count: number | null = null;
  let modSeq: bigint | null = null;
  s.spaces();
  if (s.eat(OPEN)) tag = correlator(s);
  for (;;) {
    s.spaces();
    if (s.atEnd()) return { kind: 'esearch', tag, uid, all, min, max, count, modSeq };
    const name = s.atom().toUpperCase();
    if (name === 'UID') {
      uid = true;
      continue;
    }
    s.spaces();
    if (name === 'ALL') all = s.atEnd() ? [] : uidSet(s);
    else if (name === 'MIN') min = numberOrBroken(s);
    else if (name === 'MAX') max = numberOrBroken(s);
    else if (name === 'COUNT') count = numberOrBroken(s);
    else if (name === 'MODSEQ') modSeq = s.modSequenceValue();
    else s.skipValue();
  }
}

/** `search-correlator` behind its parenthesis: `TAG "A1")`. */
function correlator(s: Scanner): string | null {
  s.spaces();
  let tag: string | null = null;
  while (!s.eat(CLOSE)) {
    const name = s.atom().toUpperCase();
    s.spaces();
    const value = s.astring();
    if (name === 'TAG') tag = value;
    s.spaces();
  }
  return tag;
}

function numberOrBroken(s: Scanner): number {
  const value = s.number();
  if (value < 0) throw brokenLine;
  return value;
}

/** RFC 7162 §3.2.10. */
export function vanished(s: Scanner): ImapResponse {
  s.spaces();
  const earlier = s.eat(OPEN);
  if (earlier) {
    s.spaces();
    if (!s.word('earlier')) throw brokenLine;
    s.spaces();
    s.expect(CLOSE);
    s.spaces();
  }
  const uids = s.atEnd() ? [] : uidSet(s);
  return { kind: 'vanished', earlier, uids };
}
