/**
 * Dates of messages as the engine compares them. A stamp is the form that the ledger keeps: four bytes, for equality
 * only. Whole seconds, because that is all that IMAP tells; without the zone, because servers answer in their own.
 */
import { parseInternalDate } from '../base/date-time.ts';

/** Milliseconds since 1970 of an RFC 9051 date-time; null for none or nonsense. */
export function dateTimeMs(text: string | null): number | null {
  return text === null ? null : (parseInternalDate(text)?.epochMs ?? null);
}

/** Seconds since 1970 modulo 2^32: dates 136 years apart pass for the same. 0 means no date. */
export function stampOfMs(ms: number | null): number {
  return ms === null ? 0 : Math.floor(ms / 1000) >>> 0;
}

/** The stamp of an RFC 9051 date-time; 0 for none or nonsense. */
export function dateStamp(text: string | null): number {
  return stampOfMs(dateTimeMs(text));
}

/** How two stamps of what may be one message compare: 'unknown' where one of them says nothing. */
export function compareStamps(a: number, b: number): 'same' | 'unknown' | 'different' {
  if (a === 0 || b === 0) return 'unknown';
  return a === b ? 'same' : 'different';
}
