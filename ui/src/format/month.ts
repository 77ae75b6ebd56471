/** Days and months of a calendar in the machine's own time zone, as text: `2026-11-27`, `2026-11`. */

export function dayOf(at: Date): string {
  return `${monthOf(at)}-${two(at.getDate())}`;
}

export function monthOf(at: Date): string {
  return `${String(at.getFullYear()).padStart(4, '0')}-${two(at.getMonth() + 1)}`;
}

/** Noon: no change of the clocks moves it into another day. */
export function atNoon(day: string): Date {
  return new Date(`${day}T12:00`);
}

export function addDays(day: string, days: number): string {
  const at = atNoon(day);
  at.setDate(at.getDate() + days);
  return dayOf(at);
}

/** The same day of another month, or its last one. */
export function addMonths(day: string, months: number): string {
  const at = atNoon(day);
  const date = at.getDate();
  at.setDate(1);
  at.setMonth(at.getMonth() + months);
  const last = new Date(at.getFullYear(), at.getMonth() + 1, 0).getDate();
  at.setDate(Math.min(date, last));
  return dayOf(at);
}

/** Six weeks at most from Monday to Sunday, with the days of the months beside it. */
export function weeksOf(month: string): readonly (readonly string[])[] {
  const first = `${month}-01`;
  const monday = addDays(first, -((atNoon(first).getDay() + 6) % 7));
  const weeks: string[][] = [];
  for (let start = monday; start <= `${month}-31`; start = addDays(start, 7)) {
    weeks.push(Array.from({ length: 7 }, (_, i) => addDays(start, i)));
  }
  return weeks;
}

function two(n: number): string {
  return String(n).padStart(2, '0');
}
