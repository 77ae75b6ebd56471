/** Messages of all accounts that are not on the new server: which, why, and once more with all of them. */
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ask } from '../../api/ask.ts';
import type { BulkResult } from '../../api/contract.ts';
import { refusedListQuestion, statusQuestion } from '../../api/operator-questions.ts';
import { AskFirst } from '../../parts/ask-first.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Page } from '../../parts/page.tsx';
import { SafeText } from '../../parts/safe-text.tsx';
import { ErrorNotice, Skeleton } from '../../parts/trouble.tsx';
import { useLanguage } from '../../words/language.tsx';
import { useOperatorWords } from '../../words/operator.ts';
import { OperatorTabs } from './operator-tabs.tsx';

export function RefusedList() {
  const { format } = useLanguage();
  const { refusedList: words, accounts } = useOperatorWords();
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetching } =
    useInfiniteQuery(refusedListQuestion);
  const { data: status } = useQuery(statusQuestion);
  const client = useQueryClient();
  const again = useMutation({
    mutationFn: () => ask<BulkResult>('POST', '/refused/retry', { all: true }),
    onSuccess: () => client.invalidateQueries({ queryKey: refusedListQuestion.queryKey }),
  });
  const rows = data?.pages.flatMap(({ refused }) => refused) ?? [];
  return (
    <Page wide title={words.title} lead={words.lead} aside={<OperatorTabs />}>
      {error !== null && <ErrorNotice error={error} retry={() => void refetch()} />}
      {data === undefined && error === null && <Skeleton heights={[44, 400]} />}
      {data !== undefined && rows.length === 0 && <p className="empty">{words.none}</p>}
      {again.error !== null && <ErrorNotice error={again.error} />}
      {again.data !== undefined && (
        <Notice alert>
          <p>{words.againDone(again.data.changed)}</p>
        </Notice>
      )}
      {rows.length > 0 && (
        <>
          <div>
            <AskFirst
              label={words.again}
              about=""
              question={words.againAsk(status?.messagesRefused ?? rows.length)}
              keep={words.keep}
              busy={again.isPending}
              onYes={() => again.mutate()}
            />
          </div>
          <div className="card">
            <table className="plain-table fold told">
              <thead>
                <tr>
                  <th scope="col">{words.account}</th>
                  <th scope="col">{words.mailbox}</th>
                  <th scope="col">{words.why}</th>
                  <th scope="col" className="number">
                    {words.size}
                  </th>
                </tr>
              </thead>
              <tbody>
                {rows.map((row) => (
                  <tr key={`${row.account} ${row.mailbox} ${row.uid}`}>
                    <td>
                      <Link to="/accounts/$account/refused" params={{ account: row.account }}>
                        <SafeText>{row.account}</SafeText>
                      </Link>
                    </td>
                    <td>
                      <SafeText>{row.mailbox}</SafeText>
                      <span className="small soft"> {words.message(row.uid)}</span>
                    </td>
                    <td>
                      <SafeText>{row.reason}</SafeText>
                      <span className="small soft"> {words.tried(row.attempts)}</span>
                    </td>
                    <td className="number">{format.bytes(row.sizeBytes)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </>
      )}
      {hasNextPage && (
        <div>
          <button type="button" className="button" disabled={isFetching} onClick={() => void fetchNextPage()}>
            {accounts.more}
          </button>
        </div>
      )}
    </Page>
  );
}
