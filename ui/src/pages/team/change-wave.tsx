/** When a wave begins and how quickly it goes, changed in its place. What has begun keeps its time. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useId, useState } from 'react';
import { ask } from '../../api/ask.ts';
import type { Wave } from '../../api/contract.ts';
import { wavesQuestion } from '../../api/team-questions.ts';
import { ErrorNotice } from '../../parts/trouble.tsx';
import { useLanguage } from '../../words/language.tsx';
import { useTeamWords } from '../../words/team.ts';
import { localInput } from '../mailbox/when-choice.tsx';

export interface ChangeWaveProps {
  readonly wave: Wave;
  readonly onClose: () => void;
}

const mostAnHour = 10_000;

export function ChangeWave({ wave, onClose }: ChangeWaveProps) {
  const { words } = useLanguage();
  const { waves, plan } = useTeamWords();
  const client = useQueryClient();
  const name = useId();
  const begun = wave.started > 0;
  const [at, setAt] = useState(() => localInput(new Date(wave.at)));
  const [rate, setRate] = useState(wave.ratePerHour === null ? '' : String(wave.ratePerHour));
  const [wrong, setWrong] = useState<'at' | 'rate' | null>(null);
  const change = useMutation({
    mutationFn: (body: { at?: string; ratePerHour: number | null }) =>
      ask('PATCH', `/waves/${encodeURIComponent(wave.id)}`, body),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: wavesQuestion.queryKey });
      onClose();
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (change.isPending) return;
    const time = new Date(at);
    // A wave whose time has come can still be given another pace.
    const kept = begun || at === localInput(new Date(wave.at));
    const past = !kept && (Number.isNaN(time.getTime()) || time <= new Date());
    const number = rate.trim() === '' ? null : Number(rate);
    const fits = number === null || (Number.isInteger(number) && number >= 1 && number <= mostAnHour);
    setWrong(past ? 'at' : fits ? null : 'rate');
    if (past || !fits) return;
    change.mutate({ ...(kept ? {} : { at: time.toISOString() }), ratePerHour: number });
  };
  const told = (field: 'at' | 'rate', text: string) =>
    wrong === field && (
      <span id={`${name}-${field}`} role="alert" className="mark needs-you">
        {text}
      </span>
    );
  const described = (field: 'at' | 'rate') => ({
    'aria-invalid': wrong === field,
    'aria-describedby': wrong === field ? `${name}-${field}` : undefined,
  });
  return (
    <form className="stack tight" aria-label={`${waves.change}: ${wave.name}`} onSubmit={submit} noValidate>
      {!begun && (
        <label className="field">
          <span className="label">{waves.at}</span>
          <input
            className="input"
            type="datetime-local"
            value={at}
            min={localInput(new Date())}
            {...described('at')}
            onChange={(event) => setAt(event.target.value)}
          />
        </label>
      )}
      {told('at', words.mailbox.choose.pickPast)}
      <label className="field">
        <span className="label">{waves.rateLeftOut}</span>
        <input
          className="input"
          type="number"
          inputMode="numeric"
          min={1}
          max={mostAnHour}
          value={rate}
          {...described('rate')}
          onChange={(event) => setRate(event.target.value)}
        />
      </label>
      {told('rate', waves.rateWrong)}
      {change.error !== null && <ErrorNotice error={change.error} />}
      <div className="row">
        <button type="submit" className="button slim primary" disabled={change.isPending}>
          {waves.save}
        </button>
        <button type="button" className="button slim" onClick={onClose}>
          {plan.cancel}
        </button>
      </div>
    </form>
  );
}
