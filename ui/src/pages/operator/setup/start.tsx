/** The first start: whom, how many that would be, and then it begins. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useId, useState } from 'react';
import { ask } from '../../../api/ask.ts';
import type { BulkResult } from '../../../api/contract.ts';
import { statusQuestion, teamsQuestion } from '../../../api/operator-questions.ts';
import { Notice } from '../../../parts/notice.tsx';
import { ErrorNotice, Skeleton } from '../../../parts/trouble.tsx';
import { useOperatorWords } from '../../../words/operator.ts';

export function Start() {
  const words = useOperatorWords().setup.start;
  const client = useQueryClient();
  const { data: status } = useQuery(statusQuestion);
  const { data: teams, error, refetch } = useQuery(teamsQuestion);
  const id = useId();
  const [all, setAll] = useState(false);
  const [team, setTeam] = useState('');
  const whom = all ? { all: true } : { teams: [team] };
  const chosen = all || team !== '';
  const would = useQuery({
    queryKey: ['start', all, team],
    queryFn: () => ask<BulkResult>('POST', '/sync/start', { ...whom, dryRun: true }),
    enabled: chosen,
    staleTime: 0,
  });
  const start = useMutation({
    mutationFn: () => ask<BulkResult>('POST', '/sync/start', whom),
    onSuccess: () => client.invalidateQueries(),
  });
  if (status?.accounts === 0) return <p className="empty">{words.none}</p>;
  return (
    <section className="card stack">
      {error !== null && <ErrorNotice error={error} retry={() => void refetch()} />}
      {teams === undefined && error === null && <Skeleton heights={[120]} />}
      {teams !== undefined && (
        <fieldset className="when">
          <legend>{words.whom}</legend>
          <label>
            <input type="radio" name={id} checked={!all} onChange={() => setAll(false)} />
            <span>{words.team}</span>
          </label>
          <label>
            <input type="radio" name={id} checked={all} onChange={() => setAll(true)} />
            <span>{words.all}</span>
          </label>
        </fieldset>
      )}
      {teams !== undefined && !all && (
        <div className="field">
          <label htmlFor={`${id}-team`} className="hidden-text">
            {words.choose}
          </label>
          <select
            id={`${id}-team`}
            className="input"
            value={team}
            onChange={(event) => setTeam(event.target.value)}
          >
            <option value="">{words.choose}</option>
            {teams.teams.map(({ id: key, name }) => (
              <option key={key} value={name}>
                {name}
              </option>
            ))}
          </select>
        </div>
      )}
      {would.error !== null && <ErrorNotice error={would.error} />}
      {start.error !== null && <ErrorNotice error={start.error} />}
      {chosen && would.data !== undefined && start.data === undefined && (
        <div className="stack tight">
          <p>{would.data.changed === 0 ? words.nobody : words.will(would.data.changed)}</p>
          {would.data.unchanged > 0 && <p className="soft">{words.wont(would.data.unchanged)}</p>}
          {would.data.changed > 0 && (
            <div>
              <button
                type="button"
                className="button primary"
                disabled={start.isPending}
                onClick={() => start.mutate()}
              >
                {words.go(would.data.changed)}
              </button>
            </div>
          )}
        </div>
      )}
      {start.data !== undefined && (
        <Notice alert>
          <p>{words.begun(start.data.changed)}</p>
          <p>
            <Link to="/harbour" search={{}}>
              {words.harbour}
            </Link>
          </p>
        </Notice>
      )}
    </section>
  );
}
