/** RFC 9051 §9 `date-time`, as strictly as Dovecot reads it. */

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const form =
  /^([ 0-3]\d)-(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)-(\d{4}) ([01]\d|2[0-3]):([0-5]\d):([0-5]\d|60) [+-]\d{4}$/i;

const two = (n: number) => String(n).padStart(2, '0');

/** A moment as `date-time` in UTC. */
export function internalDateOf(ms: number): string {
  const at = new Date(ms);
  const day = `${two(at.getUTCDate())}-${months[at.getUTCMonth()]}-${at.getUTCFullYear()}`;
  return `${day} ${two(at.getUTCHours())}:${two(at.getUTCMinutes())}:${two(at.getUTCSeconds())} +0000`;
}

export function isInternalDate(text: string): boolean {
  const match = form.exec(text);
  if (!match) return false;
  const day = Number(match[1]);
  const month = months.findIndex((name) => name.toLowerCase() === match[2]?.toLowerCase());
  const lastDay = new Date(Date.UTC(Number(match[3]), month + 1, 0)).getUTCDate();
  return day >= 1 && day <= lastDay;
}
