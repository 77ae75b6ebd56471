/** Values that FETCH, STATUS and QUOTA share. */
import { brokenLine } from './fault.ts';
import { CLOSE, OPEN, SP } from './octets.ts';
import type { Scanner } from './scanner.ts';

/** A number after spaces; -1 when something else stands in its place, which is passed over. */
export function numberOrOther(s: Scanner, round: boolean): number {
  s.spaces();
  const start = s.pos;
  const value = round ? s.roundNumber() : s.number();
  if (s.pos === start) s.skipValue();
  // `UID 8x`: half a number is not a number.
  else if (!s.atEnd() && s.peek() !== SP && s.peek() !== CLOSE) throw brokenLine;
  return value;
}

/** `"(" objectid ")"` or NIL, RFC 8474 §7. */
export function objectId(s: Scanner): string | null {
  if (s.word('nil')) return null;
  const bracketed = s.eat(OPEN);
  s.spaces();
  const id = s.astring();
  s.spaces();
  if (bracketed) s.expect(CLOSE);
  return id;
}
