/** Capabilities as a server lists them (RFC 9051 §7.2.2): without regard to case. */

/** Whether `name` is offered. `LITERAL +` with a space in it counts as LITERAL+ (seen on several servers). */
export function hasCapability(capabilities: readonly string[], name: string): boolean {
  const wanted = name.toUpperCase();
  for (const [i, capability] of capabilities.entries()) {
    const offered = capability.toUpperCase();
    if (offered === wanted) return true;
    const next = capabilities[i + 1];
    if ((next === '+' || next === '-') && offered + next === wanted) return true;
  }
  return false;
}

/** The number behind `name=`, as in `APPENDLIMIT=35882577`; null where it is missing or no number. */
export function capabilityNumber(capabilities: readonly string[], name: string): number | null {
  const prefix = `${name.toUpperCase()}=`;
  for (const capability of capabilities) {
    if (!capability.toUpperCase().startsWith(prefix)) continue;
    const digits = capability.slice(prefix.length);
    if (/^\d{1,15}$/.test(digits)) return Number(digits);
  }
  return null;
}
