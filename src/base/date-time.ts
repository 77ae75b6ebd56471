/**
 * INTERNALDATE (`date-time`, RFC 9051 §9) in and out. The text is what gets passed on; the time is for order and
 * reports. What servers have wrong and still means one moment is mended; what means none is null, and the caller
 * falls back to Received, Date, or the time of copying.
 */
export interface InternalDate {
  /** `exact`: `text` is as it came. `mended`: `text` is a valid `date-time` made from it. */
  readonly kind: 'exact' | 'mended';
  /** 26 characters, no quotes: ` 1-Feb-2024 03:04:05 +0100`. */
  readonly text: string;
  readonly epochMs: number;
  readonly offsetMinutes: number;
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const monthNames = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const zones: Readonly<Record<string, number>> = {
  GMT: 0,
  UT: 0,
  UTC: 0,
  Z: 0,
  EST: -300,
  EDT: -240,
  CST: -360,
  CDT: -300,
  MST: -420,
  MDT: -360,
  PST: -480,
  PDT: -420,
  MET: 60,
  CET: 60,
  CEST: 120,
};

/**
 * Parses `date-time` and its broken kin: one-digit day without its space, no zone or a named one (UTC is taken), years
 * of two digits (RFC 5322 §4.3), a weekday before, missing seconds. Null for days that do not exist (`00-Jan-0000`),
 * for text that is no date, and above 100 characters. Years 1900 to 9999 stand: 1900 and 2106 are odd, not broken.
 */
export function parseInternalDate(text: string): InternalDate | null {
  if (text.length > 100) return null;
  const match =
    /^\s*(?:[a-z]{3},?\s+)?(\d{1,2})[-\s]([a-z]{3})[-\s](\d{4}|\d{2})\s+(\d{1,2}):(\d{2})(?::(\d{2}))?(?:\s*([+-]\d{4}|[a-z]{1,4}))?\s*$/i.exec(
      text,
    );
  if (match === null) return null;
  const day = Number(match[1]);
  const month = months.indexOf((match[2] ?? '').toLowerCase());
  const year = fullYear(match[3] ?? '');
  const hour = Number(match[4]);
  const minute = Number(match[5]);
  const second = Number(match[6] ?? 0);
  if (month < 0 || year < 1900 || hour > 23 || minute > 59 || second > 60) return null;
  if (day < 1 || day > daysOf(year, month)) return null;
  const offsetMinutes = offsetOf(match[7]);
  const epochMs = Date.UTC(year, month, day, hour, minute, second) - offsetMinutes * 60_000;
  if (isDateTime(text) && second <= 59 && match[7] !== undefined && zoneValid(match[7])) {
    return { kind: 'exact', text, epochMs, offsetMinutes };
  }
  return { kind: 'mended', text: formatInternalDate(epochMs, offsetMinutes), epochMs, offsetMinutes };
}

/**
 * The strict form: day padded with a space, four-digit year, numeric zone. Throws RangeError outside the years 1900 to
 * 9999 or for zones of a day or more.
 */
export function formatInternalDate(epochMs: number, offsetMinutes = 0): string {
  const local = new Date(epochMs + offsetMinutes * 60_000);
  const year = local.getUTCFullYear();
  if (!(year >= 1900 && year <= 9999) || Math.abs(offsetMinutes) >= 24 * 60) {
    throw new RangeError('no date-time can hold this moment');
  }
  const day = String(local.getUTCDate()).padStart(2, ' ');
  const time = [local.getUTCHours(), local.getUTCMinutes(), local.getUTCSeconds()].map(two).join(':');
  const zone = Math.abs(offsetMinutes);
  const sign = offsetMinutes < 0 ? '-' : '+';
  return `${day}-${monthNames[local.getUTCMonth()]}-${year} ${time} ${sign}${two(Math.floor(zone / 60))}${two(zone % 60)}`;
}

/** Whether `text` has the form of `date-time` without its quotes; the calendar is not looked at. */
export function isDateTime(text: string): boolean {
  return /^(?:\d| )\d-(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)-\d{4} \d{2}:\d{2}:\d{2} [+-]\d{4}$/.test(
    text,
  );
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}

function fullYear(digits: string): number {
  const year = Number(digits);
  if (digits.length !== 2) return year;
  return year < 50 ? 2000 + year : 1900 + year;
}

function daysOf(year: number, month: number): number {
  return new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
}

function zoneValid(zone: string): boolean {
  return /^[+-]/.test(zone) && Number(zone.slice(1, 3)) <= 23 && Number(zone.slice(3)) <= 59;
}

function offsetOf(zone: string | undefined): number {
  if (zone === undefined) return 0;
  if (!/^[+-]/.test(zone)) return zones[zone.toUpperCase()] ?? 0;
  if (!zoneValid(zone)) return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(3));
  return zone.startsWith('-') ? -minutes : minutes;
}
