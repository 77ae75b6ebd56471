/**
 * `uid-set` as text, in and out; what sets do with each other is base/uid-ranges. `asterisk` never occurs: it means
 * different things to a server whose mailbox is empty.
 */
import { bytesOfLatin1 } from '../../base/bytes.ts';
import { normaliseUids } from '../../base/uid-ranges.ts';
import { MailferryError } from '../../base/errors.ts';
import { brokenLine } from './fault.ts';
import { defaultLimits, type ParserLimits } from './limits.ts';
import type { UidRange } from './response.ts';
import { uidSet } from './sequence-set.ts';
import { Scanner } from './scanner.ts';

/** `uid-set` (RFC 4315 §4) to ranges, normalised. Throws MailferryError `protocol-violation` on anything else. */
export function parseUidSet(text: string, limits: ParserLimits = defaultLimits): UidRange[] {
  if (text === '') return [];
  const s = new Scanner(limits);
  try {
    s.set(bytesOfLatin1(text), 0, text.length);
    const ranges = uidSet(s);
    if (s.atEnd()) return normaliseUids(ranges);
  } catch (error) {
    if (error !== brokenLine && !(error instanceof RangeError)) throw error;
  }
  throw new MailferryError('protocol-violation', 'this is not a set of UIDs');
}

/** `1:5,7`; empty for the empty set, which no command can take. */
export function formatUidSet(ranges: readonly UidRange[]): string {
  let out = '';
  for (const [first, last] of ranges) {
    if (out !== '') out += ',';
    out += first === last ? `${first}` : `${first}:${last}`;
  }
  return out;
}

/** The set in pieces whose text is at most `maxBytes` each: servers cut commands at 8,000 bytes or so. */
export function splitUidSet(ranges: readonly UidRange[], maxBytes: number): UidRange[][] {
  const pieces: UidRange[][] = [];
  let piece: UidRange[] = [];
  let length = 0;
  for (const range of ranges) {
    const bytes = formatUidSet([range]).length + 1;
    if (piece.length > 0 && length + bytes - 1 > maxBytes) {
      pieces.push(piece);
      piece = [];
      length = 0;
    }
    piece.push(range);
    length += bytes;
  }
  if (piece.length > 0) pieces.push(piece);
  return pieces;
}
