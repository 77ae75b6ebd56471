/** Messages that are not on the new server: which, why, and what to do. There may be thousands: a page at a time. */
import { useMutation, useQuery, useQueryClient, useSuspenseQuery } from '@tanstack/react-query';
import { Link, useSearch } from '@tanstack/react-router';
import { ask } from '../../api/ask.ts';
import { crossingQuestion, refusedQuestion, sessionQuestion } from '../../api/questions.ts';
import { Notice } from '../../parts/notice.tsx';
import { Page } from '../../parts/page.tsx';
import { ErrorNotice, Skeleton } from '../../parts/trouble.tsx';
import { useLanguage } from '../../words/language.tsx';
import { NotFound } from '../not-found.tsx';
import { RefusedItem } from './refused-item.tsx';

/** Where a page begins: the cursor that the API gave, and how many came before, to say so. */
export interface RefusedSearch {
  readonly after?: string | undefined;
  readonly from?: number | undefined;
}

export function refusedSearch({ after, from }: Record<string, unknown>): RefusedSearch {
  const good = typeof after === 'string' && after !== '';
  return {
    // A cursor of figures alone comes as a number.
    after: good ? after : typeof after === 'number' ? String(after) : undefined,
    from: typeof from === 'number' && Number.isSafeInteger(from) && from > 0 ? from : undefined,
  };
}

export function MyRefused() {
  const { words } = useLanguage();
  const { refused } = words.mailbox;
  const { data: session } = useSuspenseQuery(sessionQuestion);
  const { after, from = 0 } = useSearch({ from: '/inside/mailbox/refused' });
  const id = session?.person.roles.account?.id ?? null;
  const client = useQueryClient();
  const { data, error, refetch } = useQuery({ ...refusedQuestion(id ?? '', after), enabled: id !== null });
  const { data: crossing } = useQuery({ ...crossingQuestion(id ?? ''), enabled: id !== null });
  const again = useMutation({
    mutationFn: () => ask('POST', `/accounts/${encodeURIComponent(id ?? '')}/refused/retry`),
    onSuccess: () => client.invalidateQueries({ queryKey: ['refused', id] }),
  });
  if (id === null) return <NotFound />;
  const list = data?.refused ?? [];
  const all = crossing === undefined || crossing.refused < from + list.length ? null : crossing.refused;
  return (
    <Page
      title={refused.title}
      lead={data === undefined || list.length > 0 ? refused.lead : undefined}
      aside={<Link to="/mailbox">{words.mailbox.title}</Link>}
    >
      {error !== null && <ErrorNotice error={error} retry={() => void refetch()} />}
      {data === undefined && error === null && <Skeleton heights={[44, 340, 340]} />}
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
          <p className="soft">{refused.range(from + 1, from + list.length, all)}</p>
        </div>
      )}
      <ul className="stack">
        {list.map((message) => (
          <RefusedItem key={message.id} message={message} account={id} />
        ))}
      </ul>
      {(after !== undefined || typeof data?.next === 'string') && (
        <nav aria-label={refused.pages} className="row">
          {typeof data?.next === 'string' && (
            <Link
              to="/mailbox/refused"
              search={{ after: data.next, from: from + list.length }}
              className="button"
            >
              {refused.next}
            </Link>
          )}
          {after !== undefined && (
            <Link to="/mailbox/refused" search={{}} className="button quiet">
              {refused.begin}
            </Link>
          )}
        </nav>
      )}
    </Page>
  );
}
