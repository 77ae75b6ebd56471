/**
 * A month by days, with how many accounts begin on each. One stop for Tab; inside it arrows go by day and week, Home and
 * End to the ends of the week, Page Up and Down by month (the pattern of a grid of dates of the ARIA practices).
 */
import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import type { Wave } from '../../api/contract.ts';
import { addDays, addMonths, atNoon, dayOf, weeksOf } from '../../format/month.ts';
import { useLanguage } from '../../words/language.tsx';
import { useOperatorWords } from '../../words/operator.ts';

export interface WavesCalendarProps {
  /** `2026-11` */
  readonly month: string;
  /** The chosen one. */
  readonly day: string | null;
  readonly today: string;
  readonly waves: readonly Wave[];
  readonly onMonth: (month: string) => void;
  readonly onDay: (day: string) => void;
}

interface OfDay {
  readonly waves: number;
  readonly accounts: number;
}

const none: OfDay = { waves: 0, accounts: 0 };

export function WavesCalendar({ month, day, today, waves, onMonth, onDay }: WavesCalendarProps) {
  const { format } = useLanguage();
  const { calendar: words } = useOperatorWords();
  const grid = useRef<HTMLTableElement>(null);
  const [focused, setFocused] = useState<string | null>(null);
  const moved = useRef(false);
  const days = byDay(waves);
  // Where Tab arrives: where one was, else the chosen day, today, the first.
  const stop = [focused, day, today].find((one) => one?.startsWith(month)) ?? `${month}-01`;
  useEffect(() => {
    // A day of another month is there once the address has changed.
    if (!moved.current || stop !== focused) return;
    moved.current = false;
    grid.current?.querySelector<HTMLElement>(`[data-day="${stop}"]`)?.focus();
  }, [stop, focused]);
  const go = (to: string): void => {
    moved.current = true;
    setFocused(to);
    if (!to.startsWith(month)) onMonth(to.slice(0, 7));
  };
  const turn = (months: number): void => onMonth(addMonths(`${month}-01`, months).slice(0, 7));
  const onKey = (event: KeyboardEvent): void => {
    const to = keyed(event.key, stop);
    if (to === null) return;
    event.preventDefault();
    go(to);
  };
  const weeks = weeksOf(month);
  return (
    <section className="card stack calendar" aria-label={words.label}>
      <div className="row between">
        <h2 aria-live="polite">{format.month(atNoon(`${month}-01`))}</h2>
        <span className="row">
          <button type="button" className="button slim" onClick={() => turn(-1)}>
            <span aria-hidden="true">‹</span>
            <span className="hidden-text">{words.before}</span>
          </button>
          <button type="button" className="button slim" onClick={() => onMonth(today.slice(0, 7))}>
            {words.today}
          </button>
          <button type="button" className="button slim" onClick={() => turn(1)}>
            <span aria-hidden="true">›</span>
            <span className="hidden-text">{words.after}</span>
          </button>
        </span>
      </div>
      <table ref={grid} role="grid" aria-label={format.month(atNoon(`${month}-01`))} onKeyDown={onKey}>
        <thead>
          <tr>
            {weeks[0]?.map((one) => (
              <th key={one} scope="col" className="small soft">
                {format.weekday(atNoon(one))}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {weeks.map((week) => (
            <tr key={week[0]}>
              {week.map((one) => {
                const own = days.get(one) ?? none;
                const beside = !one.startsWith(month);
                return (
                  <td key={one} role="gridcell" aria-selected={one === day}>
                    <button
                      type="button"
                      className={`day${beside ? ' beside' : ''}${own.waves > 0 ? ' busy' : ''}`}
                      data-day={one}
                      tabIndex={one === stop ? 0 : -1}
                      aria-current={one === today ? 'date' : undefined}
                      aria-pressed={one === day}
                      onClick={() => {
                        setFocused(one);
                        onDay(one);
                      }}
                    >
                      <span aria-hidden="true">{Number(one.slice(8))}</span>
                      {own.waves > 0 && <strong aria-hidden="true">{format.count(own.accounts)}</strong>}
                      <span className="hidden-text">
                        {words.day(
                          `${format.date(atNoon(one).toISOString())}${one === today ? `, ${words.today}` : ''}`,
                          own.waves,
                          own.accounts,
                        )}
                      </span>
                    </button>
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function byDay(waves: readonly Wave[]): ReadonlyMap<string, OfDay> {
  const days = new Map<string, OfDay>();
  for (const { at, accounts } of waves) {
    const day = dayOf(new Date(at));
    const before = days.get(day) ?? none;
    days.set(day, { waves: before.waves + 1, accounts: before.accounts + accounts });
  }
  return days;
}

/** Null where the key is none of the calendar's. */
function keyed(key: string, from: string): string | null {
  const weekday = (atNoon(from).getDay() + 6) % 7;
  switch (key) {
    case 'ArrowLeft':
      return addDays(from, -1);
    case 'ArrowRight':
      return addDays(from, 1);
    case 'ArrowUp':
      return addDays(from, -7);
    case 'ArrowDown':
      return addDays(from, 7);
    case 'Home':
      return addDays(from, -weekday);
    case 'End':
      return addDays(from, 6 - weekday);
    case 'PageUp':
      return addMonths(from, -1);
    case 'PageDown':
      return addMonths(from, 1);
    default:
      return null;
  }
}
