/** Numbers, sizes, durations and times as people of a locale write them. Pure but for the machine's time zone. */
import type { Locale } from '../api/contract.ts';

const sizes = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;

export interface Format {
  readonly locale: Locale;
  readonly count: (n: number) => string;
  readonly percent: (share: number) => string;
  readonly bytes: (bytes: number) => string;
  readonly perSecond: (n: number) => string;
  /** In words, rounded as one says it: "9 minutes", "2 hours 10 minutes". */
  readonly duration: (seconds: number) => string;
  /** Short and exact: "2.3 seconds", "250 milliseconds". */
  readonly lag: (ms: number) => string;
  /** "0.42 s". */
  readonly seconds: (ms: number) => string;
  readonly time: (iso: string) => string;
  readonly date: (iso: string) => string;
  /** "27 Nov". */
  readonly day: (iso: string) => string;
  /** "November 2026". */
  readonly month: (at: Date) => string;
  /** "Fri". */
  readonly weekday: (at: Date) => string;
  /** "today, 22:00" or "27 November, 22:00". */
  readonly moment: (iso: string, now?: Date) => string;
  /** As `moment`, in less room: "today, 22:00" or "27 Nov, 22:00". */
  readonly stamp: (iso: string, now?: Date) => string;
  readonly one: (n: number, one: string, other: string) => string;
  readonly list: (items: readonly string[]) => string;
}

export function formatFor(locale: Locale): Format {
  // The English of the pages is British: 24 November, 22:00.
  const tag = locale === 'de' ? 'de-DE' : 'en-GB';
  const integer = new Intl.NumberFormat(tag, { maximumFractionDigits: 0 });
  const share = new Intl.NumberFormat(tag, { style: 'percent', maximumFractionDigits: 0 });
  const rate = new Intl.NumberFormat(tag, { maximumFractionDigits: 1 });
  const plural = new Intl.PluralRules(tag);
  const time = new Intl.DateTimeFormat(tag, { hour: '2-digit', minute: '2-digit' });
  const date = new Intl.DateTimeFormat(tag, { day: 'numeric', month: 'long', year: 'numeric' });
  const day = new Intl.DateTimeFormat(tag, { weekday: 'long', day: 'numeric', month: 'long' });
  const month = new Intl.DateTimeFormat(tag, { month: 'long', year: 'numeric' });
  const weekday = new Intl.DateTimeFormat(tag, { weekday: 'short' });
  const brief = new Intl.DateTimeFormat(tag, { day: 'numeric', month: 'short' });
  const briefYear = new Intl.DateTimeFormat(tag, { day: 'numeric', month: 'short', year: 'numeric' });
  const relative = new Intl.RelativeTimeFormat(tag, { numeric: 'auto' });
  const list = new Intl.ListFormat(tag, { type: 'conjunction' });
  const unit = (value: number, name: string, display: 'long' | 'short' = 'long', digits = 0): string =>
    new Intl.NumberFormat(tag, {
      style: 'unit',
      unit: name,
      unitDisplay: display,
      maximumFractionDigits: digits,
    }).format(value);

  const duration = (seconds: number): string => {
    if (seconds < 50) return unit(Math.max(1, Math.round(seconds)), 'second');
    const minutes = Math.round(seconds / 60);
    if (minutes < 60) return unit(Math.max(1, minutes), 'minute');
    const hours = Math.floor(minutes / 60);
    if (hours >= 48) return unit(Math.round(hours / 24), 'day');
    // Nobody plans an evening by single minutes of a whole day.
    const rest = hours >= 10 ? 0 : Math.round((minutes % 60) / 10) * 10;
    if (rest === 60) return unit(hours + 1, 'hour');
    return rest === 0 ? unit(hours, 'hour') : `${unit(hours, 'hour')} ${unit(rest, 'minute')}`;
  };

  return {
    locale,
    count: (n) => integer.format(n),
    // Not all is never shown as all.
    percent: (value) => share.format(value < 1 ? Math.min(value, 0.99) : 1),
    bytes: (bytes) => {
      const step = Math.min(sizes.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
      return unit(bytes / 1_000 ** step, sizes[step] ?? 'byte', 'short', step < 2 ? 0 : 1);
    },
    perSecond: (n) => (n >= 10 ? integer : rate).format(n),
    duration,
    lag: (ms) =>
      ms < 1_000
        ? unit(Math.round(ms), 'millisecond')
        : ms < 10_000
          ? unit(ms / 1_000, 'second', 'long', 1)
          : duration(ms / 1_000),
    seconds: (ms) => unit(ms / 1_000, 'second', 'short', ms < 10_000 ? 2 : 0),
    time: (iso) => time.format(new Date(iso)),
    date: (iso) => date.format(new Date(iso)),
    day: (iso) => brief.format(new Date(iso)),
    month: (at) => month.format(at),
    weekday: (at) => weekday.format(at),
    stamp: (iso, now = new Date()) => {
      const at = new Date(iso);
      const days = Math.round((midnight(at) - midnight(now)) / 86_400_000);
      const which =
        Math.abs(days) <= 1
          ? relative.format(days, 'day')
          : (at.getFullYear() === now.getFullYear() ? brief : briefYear).format(at);
      return `${which}, ${time.format(at)}`;
    },
    moment: (iso, now = new Date()) => {
      const at = new Date(iso);
      const days = Math.round((midnight(at) - midnight(now)) / 86_400_000);
      const which =
        Math.abs(days) <= 1
          ? relative.format(days, 'day')
          : at.getFullYear() === now.getFullYear()
            ? day.format(at)
            : date.format(at);
      return `${which}, ${time.format(at)}`;
    },
    one: (n, one, other) => `${integer.format(n)} ${plural.select(n) === 'one' ? one : other}`,
    list: (items) => list.format(items),
  };
}

function midnight(at: Date): number {
  return new Date(at.getFullYear(), at.getMonth(), at.getDate()).getTime();
}
