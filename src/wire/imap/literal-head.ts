/** Finds the literal that a line announces at its end. */
import { BRACE, BRACE_END, OPEN, PLUS, SP, TILDE, ZERO } from './octets.ts';
import type { Scanner } from './scanner.ts';

/** Size of the literal head that ends the line at or after `floor`, or -1. */
export function literalHeadAtEnd(s: Scanner, floor: number): number {
  const { bytes, end } = s;
  if (bytes[end - 1] !== BRACE_END) return -1;
  let p = end - 2;
  if (p >= floor && bytes[p] === PLUS) p--;
  while (p >= floor && bytes[p]! >= ZERO && bytes[p]! <= 0x39) p--;
  if (p < floor || bytes[p] !== BRACE) return -1;
  const before = p - 1;
  // `foo{5}` in one atom is no literal: a literal stands alone or behind `(` or its tilde.
  if (before >= floor && bytes[before] !== SP && bytes[before] !== OPEN && bytes[before] !== TILDE) return -1;
  s.pos = p;
  return s.literalHead();
}
