/** How many first copies may run now: the night window, the day's octets, and the old server's latency decide. Pure. */

export interface PaceLimits {
  readonly copiesAtOnce: number;
  /** Minutes after midnight, local time; null where copies run at all times. May go over midnight. */
  readonly window: { readonly fromMinute: number; readonly toMinute: number } | null;
  readonly bytesPerDay: number | null;
  readonly latencyBrakeMs: number;
}

export interface PaceNow {
  /** Minutes after midnight, local time. */
  readonly minute: number;
  readonly bytesToday: number;
  /** Median of the server's short commands; 0 where it is not known. */
  readonly latencyMs: number;
}

/** How many of `running` copies may go on or begin; 0 stops them until the reason is gone. */
export function copiesAllowed(current: number, limits: PaceLimits, now: PaceNow): number {
  if (limits.window !== null && !isWithin(limits.window, now.minute)) return 0;
  if (limits.bytesPerDay !== null && now.bytesToday >= limits.bytesPerDay) return 0;
  const begun = Math.max(1, current);
  if (now.latencyMs > limits.latencyBrakeMs) return Math.max(1, begun >> 1);
  // Carefully up again, and only where the server has air.
  const more = now.latencyMs * 2 < limits.latencyBrakeMs ? begun * 2 : begun;
  return Math.min(limits.copiesAtOnce, more);
}

/** Both equal: always. */
function isWithin({ fromMinute, toMinute }: NonNullable<PaceLimits['window']>, minute: number): boolean {
  if (fromMinute === toMinute) return true;
  if (fromMinute < toMinute) return minute >= fromMinute && minute < toMinute;
  return minute >= fromMinute || minute < toMinute;
}

/** `22:30` as minutes after midnight. */
export function minuteOf(time: string): number {
  const [hours = '0', minutes = '0'] = time.split(':');
  return Number(hours) * 60 + Number(minutes);
}
