/** Now, tonight, or a day and time; the same for one account and for many. */
import { useId } from 'react';
import { useLanguage } from '../../words/language.tsx';

export type When = 'now' | 'tonight' | 'picked';

/** Ten in the evening: few people work, and the night is long enough. Tomorrow's where today's is past. */
export function tonight(now: Date): Date {
  const at = new Date(now.getFullYear(), now.getMonth(), now.getDate(), 22);
  if (at <= now) at.setDate(at.getDate() + 1);
  return at;
}

/** A time in the form of an `<input type="datetime-local">`, in the machine's zone. */
export function localInput(at: Date): string {
  const two = (n: number): string => String(n).padStart(2, '0');
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}T${two(at.getHours())}:${two(at.getMinutes())}`;
}

/** `at` is ISO in UTC, null for now; `past` a time that is over, or none at all. */
export type Sendable = { readonly at: string | null } | 'past';

/** What to send for a choice. */
export function whenToSend(when: When, picked: string, now: Date): Sendable {
  if (when === 'now') return { at: null };
  if (when === 'tonight') return { at: tonight(now).toISOString() };
  const at = new Date(picked);
  return Number.isNaN(at.getTime()) || at <= now ? 'past' : { at: at.toISOString() };
}

export interface WhenChoiceProps {
  readonly when: When;
  readonly picked: string;
  readonly past: boolean;
  readonly onWhen: (when: When) => void;
  readonly onPicked: (picked: string) => void;
}

export function WhenChoice({ when, picked, past, onWhen, onPicked }: WhenChoiceProps) {
  const { words, format } = useLanguage();
  const { choose } = words.mailbox;
  const id = useId();
  const now = new Date();
  const label: Record<When, string> = {
    now: choose.now,
    tonight: choose.tonight(format.time(tonight(now).toISOString())),
    picked: choose.pick,
  };
  return (
    <fieldset className="stack tight">
      <legend>{choose.when}</legend>
      <div className="when">
        {(['now', 'tonight', 'picked'] as const).map((value) => (
          <label key={value}>
            <input type="radio" name={`${id}-when`} checked={when === value} onChange={() => onWhen(value)} />
            <span>{label[value]}</span>
          </label>
        ))}
      </div>
      {when === 'picked' && (
        <div className="field">
          <label htmlFor={`${id}-at`}>{choose.pickLabel}</label>
          <input
            id={`${id}-at`}
            className="input"
            type="datetime-local"
            value={picked}
            min={localInput(now)}
            required
            aria-invalid={past}
            aria-describedby={past ? `${id}-past` : undefined}
            onChange={(event) => onPicked(event.target.value)}
          />
          {past && (
            <span id={`${id}-past`} role="alert" className="mark needs-you">
              {choose.pickPast}
            </span>
          )}
        </div>
      )}
    </fieldset>
  );
}
