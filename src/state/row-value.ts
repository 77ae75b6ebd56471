/** Reads columns into types that cannot be wrong; what does not fit means that somebody else wrote the file. */
import type { Row } from './sql.ts';

export class BadRow extends Error {}

export function integer(row: Row, column: string): number {
  const value = row[column];
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) throw new BadRow(`${column} is no integer`);
  return value;
}

export function integerOrNull(row: Row, column: string): number | null {
  return row[column] === null ? null : integer(row, column);
}

export function text(row: Row, column: string): string {
  const value = row[column];
  if (typeof value !== 'string') throw new BadRow(`${column} is no text`);
  return value;
}

export function textOrNull(row: Row, column: string): string | null {
  return row[column] === null ? null : text(row, column);
}

export function bytes(row: Row, column: string): Uint8Array {
  const value = row[column];
  if (!(value instanceof Uint8Array)) throw new BadRow(`${column} is no blob`);
  return value;
}

export function flag(row: Row, column: string): boolean {
  return integer(row, column) !== 0;
}

export function oneOf<T extends string>(row: Row, column: string, allowed: readonly T[]): T {
  const value = text(row, column);
  const found = allowed.find((one) => one === value);
  if (found === undefined) throw new BadRow(`${column} is ${value}`);
  return found;
}
