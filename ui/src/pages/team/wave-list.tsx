/** What moves when: a list, the next first. */
import { useState } from 'react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { ask } from '../../api/ask.ts';
import type { Wave } from '../../api/contract.ts';
import { wavesQuestion } from '../../api/team-questions.ts';
import { ChangeWave } from './change-wave.tsx';
import { SafeText } from '../../parts/safe-text.tsx';
import { ErrorNotice, Skeleton } from '../../parts/trouble.tsx';
import { dayOf } from '../../format/month.ts';
import { useLanguage } from '../../words/language.tsx';
import { useTeamWords } from '../../words/team.ts';

export interface WaveListProps {
  /** Only those of this team; null: all that may be seen. */
  readonly team: string | null;
  readonly mayChange: boolean;
  /** Under a heading for each day; only those of this one, as `2026-11-27`, or null for all. */
  readonly byDay?: { readonly only: string | null; readonly none: string };
}

type Step = { readonly id: string; readonly to: 'running' | 'stopped' | 'removed' };

export function WaveList({ team, mayChange, byDay }: WaveListProps) {
  const { format } = useLanguage();
  const { waves: words } = useTeamWords();
  const { data, error, refetch } = useQuery(wavesQuestion);
  const client = useQueryClient();
  const change = useMutation({
    mutationFn: ({ id, to }: Step) =>
      to === 'removed'
        ? ask('DELETE', `/waves/${encodeURIComponent(id)}`)
        : ask('PATCH', `/waves/${encodeURIComponent(id)}`, { state: to }),
    onSettled: () => client.invalidateQueries({ queryKey: wavesQuestion.queryKey }),
  });
  const waves = (data?.waves ?? [])
    .filter((wave) => team === null || wave.team === team)
    .filter(({ at }) => byDay === undefined || byDay.only === null || dayOf(new Date(at)) === byDay.only)
    .sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
  const groups: { day: string | null; own: Wave[] }[] = [];
  for (const wave of waves) {
    const day = byDay === undefined ? null : dayOf(new Date(wave.at));
    const last = groups.at(-1);
    if (last !== undefined && last.day === day) last.own.push(wave);
    else groups.push({ day, own: [wave] });
  }
  return (
    <>
      {error !== null && <ErrorNotice error={error} retry={() => void refetch()} />}
      {change.error !== null && <ErrorNotice error={change.error} />}
      {data === undefined && error === null && <Skeleton heights={[200]} />}
      {data !== undefined && waves.length === 0 && (
        <p className="empty">{data.waves.length === 0 || byDay === undefined ? words.empty : byDay.none}</p>
      )}
      {groups.map(({ day, own }) => (
        <section key={day ?? ''} className="stack tight">
          {day !== null && <h2 className="day-head">{format.date(`${day}T12:00`)}</h2>}
          <ul className="stack">
            {own.map((wave) => (
              <Item
                key={wave.id}
                wave={wave}
                deep={day !== null}
                mayChange={mayChange}
                busy={change.isPending || !mayChange}
                onStep={(to) => change.mutate({ id: wave.id, to })}
              />
            ))}
          </ul>
        </section>
      ))}
    </>
  );
}

interface ItemProps {
  readonly wave: Wave;
  /** It stands below a day's heading. */
  readonly deep: boolean;
  readonly mayChange: boolean;
  readonly busy: boolean;
  readonly onStep: (to: Step['to']) => void;
}

function Item({ wave, deep, mayChange, busy, onStep }: ItemProps) {
  const [editing, setEditing] = useState(false);
  const Head = deep ? 'h3' : 'h2';
  const { format } = useLanguage();
  const { waves: words } = useTeamWords();
  const { name, at, ratePerHour, accounts, started, failed, state, stopOnFailurePercent } = wave;
  const facts: readonly (readonly [string, string])[] = [
    [words.at, format.moment(at)],
    [words.state, words.states[state] ?? state],
    [words.running, words.begun(format.count(started), format.count(accounts))],
    ...(failed > 0 ? [[words.failed, format.count(failed)] as const] : []),
    [words.rate, ratePerHour === null ? words.unlimited : format.count(ratePerHour)],
    ...(stopOnFailurePercent === null
      ? []
      : [[words.stop, words.failures(format.percent(stopOnFailurePercent / 100))] as const]),
  ];
  const buttons = [
    ...(state === 'running' || state === 'planned' ? [['stopped', words.halt] as const] : []),
    ...(state === 'stopped' ? [['running', words.goOn] as const] : []),
    ['removed', words.remove] as const,
  ];
  return (
    <li className="card stack">
      <div className="row between">
        <Head>
          <SafeText>{name}</SafeText>
        </Head>
        <span className="row">
          {mayChange && state !== 'done' && (
            <button
              type="button"
              className="button slim"
              aria-expanded={editing}
              onClick={() => setEditing(!editing)}
            >
              {words.change}
              <span className="hidden-text"> {name}</span>
            </button>
          )}
          {buttons.map(([to, label]) => (
            <button key={to} type="button" className="button slim" disabled={busy} onClick={() => onStep(to)}>
              {label}
              <span className="hidden-text"> {name}</span>
            </button>
          ))}
        </span>
      </div>
      <dl className="facts">
        {facts.map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd className="small">{value}</dd>
          </div>
        ))}
      </dl>
      {editing && <ChangeWave wave={wave} onClose={() => setEditing(false)} />}
    </li>
  );
}
