/** Messages that are not on the new server: which, why, and what to do. */
import { useMutation, useQuery, useQueryClient, useSuspenseQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ask } from '../../api/ask.ts';
import { refusedQuestion, sessionQuestion } from '../../api/questions.ts';
import { Notice } from '../../parts/notice.tsx';
import { Page } from '../../parts/page.tsx';
import { ErrorNotice, Skeleton } from '../../parts/trouble.tsx';
import { useLanguage } from '../../words/language.tsx';
import { NotFound } from '../not-found.tsx';
import { RefusedItem } from './refused-item.tsx';

export function MyRefused() {
  const { words } = useLanguage();
  const { refused } = words.mailbox;
  const { data: session } = useSuspenseQuery(sessionQuestion);
  const id = session?.person.roles.account?.id ?? null;
  const client = useQueryClient();
  const { data, error, refetch } = useQuery({ ...refusedQuestion(id ?? ''), enabled: id !== null });
  const again = useMutation({
    mutationFn: () => ask('POST', `/accounts/${encodeURIComponent(id ?? '')}/refused/retry`),
    onSuccess: () => client.invalidateQueries({ queryKey: ['refused', id] }),
  });
  if (id === null) return <NotFound />;
  const list = data?.refused ?? [];
  return (
    <Page
      title={refused.title}
      lead={list.length > 0 ? refused.lead : undefined}
      aside={<Link to="/mailbox">{words.mailbox.title}</Link>}
    >
      {error !== null && <ErrorNotice error={error} retry={() => void refetch()} />}
      {data === undefined && error === null && <Skeleton heights={[160, 160]} />}
      {data !== undefined && list.length === 0 && <p className="empty">{refused.none}</p>}
      {list.length > 0 && (
        <div className="stack tight">
          {again.error !== null && <ErrorNotice error={again.error} />}
          {again.isSuccess && (
            <Notice alert>
              <p>{refused.againDone}</p>
            </Notice>
          )}
          <div>
            <button
              type="button"
              className="button"
              disabled={again.isPending}
              onClick={() => again.mutate()}
            >
              {refused.again}
            </button>
          </div>
        </div>
      )}
      <ul className="stack">
        {list.map((message) => (
          <RefusedItem key={`${message.mailbox}-${message.uid}`} message={message} />
        ))}
      </ul>
    </Page>
  );
}
