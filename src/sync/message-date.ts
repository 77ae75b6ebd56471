/** Dates of messages as the engine compares them. */
import { parseInternalDate } from '../base/date-time.ts';

/** Milliseconds since 1970 of an RFC 9051 date-time; null for none or nonsense. */
export function dateTimeMs(text: string | null): number | null {
  return text === null ? null : (parseInternalDate(text)?.epochMs ?? null);
}
