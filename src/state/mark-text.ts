/** A side's mark as one column. */
import type { SideMark } from '../sync/journal.ts';
import { BadRow } from './row-value.ts';

/** `[uidValidity, uidNext, messages, highestModSeq]`: no question looks inside. A MODSEQ has 63 bits, hence text. */
export function textOfMark(mark: SideMark | null): string | null {
  if (mark === null) return null;
  const modSeq = mark.highestModSeq === null ? null : String(mark.highestModSeq);
  return JSON.stringify([mark.uidValidity, mark.uidNext, mark.messages, modSeq]);
}

export function markOf(json: string | null): SideMark | null {
  if (json === null) return null;
  const parts: unknown = JSON.parse(json);
  if (!Array.isArray(parts)) throw new BadRow('a mark is no list');
  const [uidValidity, uidNext, messages, modSeq] = parts as unknown[];
  if (typeof uidValidity !== 'number' || typeof uidNext !== 'number' || typeof messages !== 'number') {
    throw new BadRow('a mark has no numbers');
  }
  return {
    uidValidity,
    uidNext,
    messages,
    highestModSeq: typeof modSeq === 'string' ? BigInt(modSeq) : null,
  };
}
