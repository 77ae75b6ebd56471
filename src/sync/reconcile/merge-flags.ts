/**
 * Three-way merge of one message's flags. Pure. The base is what old and new last agreed on (old's flags as last carried
 * over). Only bits that changed on old move, and only where the person on new left that bit alone.
 */

export interface FlagChange {
  readonly add: readonly string[];
  readonly remove: readonly string[];
}

/**
 * `agreed`, `oldNow`: canonical flags of old then and now; `newNow`: of new now. Keywords compare without regard to
 * case. `\Deleted` never crosses: it would let a client's EXPUNGE take the message.
 */
export function mergeFlags(
  agreed: readonly string[],
  oldNow: readonly string[],
  newNow: readonly string[],
): FlagChange {
  const base = lowered(agreed);
  const left = lowered(oldNow);
  const right = lowered(newNow);
  const add: string[] = [];
  const remove: string[] = [];
  for (const [key, flag] of left) {
    if (key === '\\deleted' || base.has(key)) continue;
    if (!right.has(key)) add.push(flag);
  }
  for (const [key, flag] of base) {
    if (key === '\\deleted' || left.has(key)) continue;
    if (right.has(key)) remove.push(right.get(key) ?? flag);
  }
  return { add, remove };
}

function lowered(flags: readonly string[]): Map<string, string> {
  return new Map(flags.map((flag) => [flag.toLowerCase(), flag]));
}
