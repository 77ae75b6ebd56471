/** Times leave as ISO 8601 text in UTC. */
import { z } from 'zod';

export const timeSchema = z.iso.datetime().describe('ISO 8601, UTC');

export function timeText(ms: number): string {
  return new Date(ms).toISOString();
}

export function timeTextOrNull(ms: number | null): string | null {
  return ms === null ? null : timeText(ms);
}
