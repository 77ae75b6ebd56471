/** Sizes in findings, alike in both languages: decimal units without a fraction. Pure. */

const units = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

export function byteText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 9_999.5 && unit < units.length - 1) {
    value /= 1_000;
    unit += 1;
  }
  return `${Math.round(value)} ${units[unit]}`;
}
