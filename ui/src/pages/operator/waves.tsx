/** What moves when: a list, the next first. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { ask } from '../../api/ask.ts';
import { wavesQuestion } from '../../api/operator-questions.ts';
import { Page } from '../../parts/page.tsx';
import { SafeText } from '../../parts/safe-text.tsx';
import { ErrorNotice, Skeleton } from '../../parts/trouble.tsx';
import { useLanguage } from '../../words/language.tsx';
import { useOperatorWords } from '../../words/operator.ts';
import { OperatorTabs } from './operator-tabs.tsx';

export function Waves() {
  const { format } = useLanguage();
  const { waves: words } = useOperatorWords();
  const { data, error, refetch } = useQuery(wavesQuestion);
  const client = useQueryClient();
  const remove = useMutation({
    mutationFn: (id: string) => ask('DELETE', `/waves/${encodeURIComponent(id)}`),
    onSettled: () => client.invalidateQueries({ queryKey: wavesQuestion.queryKey }),
  });
  const waves = [...(data?.waves ?? [])].sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
  return (
    <Page wide title={words.title} lead={words.lead} aside={<OperatorTabs />}>
      {error !== null && <ErrorNotice error={error} retry={() => void refetch()} />}
      {remove.error !== null && <ErrorNotice error={remove.error} />}
      {data === undefined && error === null && <Skeleton heights={[200]} />}
      {data !== undefined && waves.length === 0 && <p className="empty">{words.empty}</p>}
      <ul className="stack">
        {waves.map(({ id, name, at, ratePerHour, accounts, state, stopOnFailurePercent }) => (
          <li key={id} className="card stack">
            <div className="row between">
              <h2>
                <SafeText>{name}</SafeText>
              </h2>
              <button
                type="button"
                className="button slim"
                disabled={remove.isPending}
                onClick={() => remove.mutate(id)}
              >
                {words.remove}
                <span className="hidden-text"> {name}</span>
              </button>
            </div>
            <dl className="facts">
              <div>
                <dt>{words.at}</dt>
                <dd className="small">{format.moment(at)}</dd>
              </div>
              <div>
                <dt>{words.accounts}</dt>
                <dd className="small">{format.count(accounts)}</dd>
              </div>
              <div>
                <dt>{words.rate}</dt>
                <dd className="small">
                  {ratePerHour === null ? words.unlimited : format.count(ratePerHour)}
                </dd>
              </div>
              <div>
                <dt>{words.state}</dt>
                <dd className="small">{words.states[state] ?? state}</dd>
              </div>
              {stopOnFailurePercent !== null && (
                <div>
                  <dt>{words.stop}</dt>
                  <dd className="small">{words.failures(format.percent(stopOnFailurePercent / 100))}</dd>
                </div>
              )}
            </dl>
          </li>
        ))}
      </ul>
    </Page>
  );
}
