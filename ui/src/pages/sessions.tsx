/** Browsers that are signed in with this login, and how to end them. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { ask } from '../api/ask.ts';
import { sessionsQuestion } from '../api/questions.ts';
import { Page } from '../parts/page.tsx';
import { SafeText } from '../parts/safe-text.tsx';
import { ErrorNotice, Skeleton } from '../parts/trouble.tsx';
import { useLanguage } from '../words/language.tsx';

export function Sessions() {
  const { words, format } = useLanguage();
  const { data, error, refetch } = useQuery(sessionsQuestion);
  const client = useQueryClient();
  const end = useMutation({
    mutationFn: (id: string) => ask('DELETE', `/sessions/${encodeURIComponent(id)}`),
    onSettled: () => client.invalidateQueries({ queryKey: sessionsQuestion.queryKey }),
  });
  return (
    <Page title={words.sessions.title} lead={words.sessions.lead}>
      {error !== null && <ErrorNotice error={error} retry={() => void refetch()} />}
      {end.error !== null && <ErrorNotice error={end.error} />}
      {data === undefined && error === null && <Skeleton heights={[72, 72]} />}
      <ul className="stack">
        {data?.sessions.map(({ id, createdAt, lastSeenAt, address, userAgent, current }) => (
          <li key={id} className="card row between">
            <div className="stack tight">
              <strong>{current ? words.sessions.current : <SafeText>{address}</SafeText>}</strong>
              <SafeText className="small soft clip">{userAgent}</SafeText>
              <span className="small soft">
                {words.sessions.seen(format.moment(lastSeenAt))},{' '}
                {words.sessions.since(format.moment(createdAt))}
              </span>
            </div>
            {!current && (
              <button
                type="button"
                className="button"
                disabled={end.isPending}
                onClick={() => end.mutate(id)}
              >
                {words.sessions.end}
                <span className="hidden-text"> {address}</span>
              </button>
            )}
          </li>
        ))}
      </ul>
      {data?.sessions.length === 1 && <p className="soft">{words.sessions.none}</p>}
      <p aria-live="polite" className="hidden-text">
        {end.isSuccess ? words.sessions.ended : ''}
      </p>
    </Page>
  );
}
