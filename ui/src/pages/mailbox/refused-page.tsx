/** Messages that are not on the new server: which, why, and what to do. There may be thousands: a page at a time. */
import { useMutation, useQuery, useQueryClient, useSuspenseQuery } from '@tanstack/react-query';
import { Link, useParams, useSearch } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { ask } from '../../api/ask.ts';
import { crossingQuestion, refusedQuestion, sessionQuestion } from '../../api/questions.ts';
import { Notice } from '../../parts/notice.tsx';
import { Page } from '../../parts/page.tsx';
import { SafeText } from '../../parts/safe-text.tsx';
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

/** Of the mailbox of whoever is signed in. */
export function MyRefused() {
  const { words } = useLanguage();
  const { data: session } = useSuspenseQuery(sessionQuestion);
  const search = useSearch({ from: '/inside/mailbox/refused' });
  const id = session?.person.roles.account?.id ?? null;
  if (id === null) return <NotFound />;
  const page = (to: RefusedSearch, className: string, text: string) => (
    <Link to="/mailbox/refused" search={to} className={className}>
      {text}
    </Link>
  );
  const aside = <Link to="/mailbox">{words.mailbox.title}</Link>;
  return <RefusedMessages id={id} search={search} page={page} aside={aside} content mayRetry />;
}

/** Of an account that somebody looks after: operators see all of it, a team's administrator no subjects. */
export function AccountRefused() {
  const { data: session } = useSuspenseQuery(sessionQuestion);
  const { account: id } = useParams({ from: '/inside/accounts/$account/refused' });
  const search = useSearch({ from: '/inside/accounts/$account/refused' });
  const { data: crossing, isPending } = useQuery(crossingQuestion(id));
  const roles = session?.person.roles;
  const team = crossing?.account.team?.id ?? null;
  const rights = roles?.teams.find((one) => one.id === team)?.rights ?? [];
  const page = (to: RefusedSearch, className: string, text: string) => (
    <Link to="/accounts/$account/refused" params={{ account: id }} search={to} className={className}>
      {text}
    </Link>
  );
  // As high as the address that will come: it stands above the list.
  const address = <SafeText>{crossing?.account.address ?? '\u2007'}</SafeText>;
  const aside =
    roles?.operator === true ? (
      <Link to="/harbour/accounts" search={{ account: id }}>
        {address}
      </Link>
    ) : team === null ? (
      address
    ) : (
      <Link to="/teams/$team" params={{ team }} search={{ account: id }}>
        {address}
      </Link>
    );
  const operator = roles?.operator === true;
  const mayRetry = operator || rights.includes('move');
  return (
    <RefusedMessages
      id={id}
      search={search}
      page={page}
      aside={aside}
      content={operator}
      mayRetry={mayRetry}
      isReady={!isPending}
    />
  );
}

interface RefusedMessagesProps {
  readonly id: string;
  readonly search: RefusedSearch;
  /** A link to another page of the list. */
  readonly page: (to: RefusedSearch, className: string, text: string) => ReactNode;
  readonly aside: ReactNode;
  /** What the messages are about is for these eyes too. */
  readonly content: boolean;
  readonly mayRetry: boolean;
  /** Whether that is known. */
  readonly isReady?: boolean;
}

function RefusedMessages({
  id,
  search,
  page,
  aside,
  content,
  mayRetry,
  isReady = true,
}: RefusedMessagesProps) {
  const { words } = useLanguage();
  const { refused } = words.mailbox;
  const { after, from = 0 } = search;
  const client = useQueryClient();
  const { data, error, refetch } = useQuery(refusedQuestion(id, after));
  const { data: crossing, isPending } = useQuery(crossingQuestion(id));
  const again = useMutation({
    mutationFn: () => ask('POST', `/accounts/${encodeURIComponent(id)}/refused/retry`),
    onSuccess: () => client.invalidateQueries({ queryKey: ['refused', id] }),
  });
  // What may be done with the list comes with the account: shown later, it would push the list down.
  const waits = error === null && (data === undefined || isPending || !isReady);
  const list = waits ? [] : (data?.refused ?? []);
  const all = crossing === undefined || crossing.refused < from + list.length ? null : crossing.refused;
  return (
    <Page
      title={refused.title}
      lead={waits || data === undefined || list.length > 0 ? refused.lead : undefined}
      aside={aside}
    >
      {error !== null && <ErrorNotice error={error} retry={() => void refetch()} />}
      {waits && <Skeleton heights={[44, 340, 340]} />}
      {!waits && data !== undefined && list.length === 0 && <p className="empty">{refused.none}</p>}
      {list.length > 0 && (
        <div className="stack tight">
          {again.error !== null && <ErrorNotice error={again.error} />}
          {again.isSuccess && (
            <Notice alert>
              <p>{refused.againDone}</p>
            </Notice>
          )}
          {mayRetry && (
            <div>
              <button
                type="button"
                className="button"
                aria-disabled={again.isPending}
                onClick={() => {
                  if (!again.isPending) again.mutate();
                }}
              >
                {refused.again}
              </button>
            </div>
          )}
          <p className="soft">{refused.range(from + 1, from + list.length, all)}</p>
        </div>
      )}
      <ul className="stack">
        {list.map((message) => (
          <RefusedItem key={message.id} message={message} account={content ? id : null} />
        ))}
      </ul>
      {(after !== undefined || typeof data?.next === 'string') && (
        <nav aria-label={refused.pages} className="row">
          {typeof data?.next === 'string' &&
            page({ after: data.next, from: from + list.length }, 'button', refused.next)}
          {after !== undefined && page({}, 'button quiet', refused.begin)}
        </nav>
      )}
    </Page>
  );
}
